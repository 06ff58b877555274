using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gossipdb.LocalCluster.Tests;

/// <summary>A local cluster whose one node is a script: what it says of itself, the test says.</summary>
public sealed class SlowStartTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ConcurrentQueue<string> _reported = new();

    [Fact]
    public async Task A_node_that_gets_on_is_waited_for_however_long_it_takes()
    {
        await using var cluster = Start(stuckAfter: TimeSpan.FromSeconds(2), tellEvery: TimeSpan.Zero);
        var since = Environment.TickCount64;
        var asked = 0;

        // Three times as long as nothing may move.
        await using var health = await AnswerAsync(
            cluster, () => Environment.TickCount64 - since > 6_000 ? null : $"starting: reading the journal ({++asked} records)");
        await cluster.WaitReadyAsync();
        Assert.True(asked > 1);
        Assert.Contains(
            _reported,
            static line => line.Contains(" s for node 1: starting: reading the journal (", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_node_that_does_not_get_on_is_given_up_with_what_it_said_last()
    {
        await using var cluster = Start(stuckAfter: TimeSpan.FromSeconds(1), tellEvery: TimeSpan.FromSeconds(1));
        await using var health = await AnswerAsync(cluster, static () => "starting: asking");
        var problem = await Assert.ThrowsAsync<LocalClusterException>(() => cluster.WaitReadyAsync());
        Assert.Equal("node 1 is not ready and has made no progress for 1 s: starting: asking", problem.Message);
    }

    [Fact]
    public async Task A_node_that_never_answers_and_does_nothing_is_given_up()
    {
        await using var cluster = Start(stuckAfter: TimeSpan.FromSeconds(1), tellEvery: TimeSpan.FromSeconds(1));
        var problem = await Assert.ThrowsAsync<LocalClusterException>(() => cluster.WaitReadyAsync());
        Assert.Equal("node 1 is not ready and has made no progress for 1 s: it does not answer", problem.Message);
    }

    [Fact]
    public async Task A_node_that_gets_on_for_ever_is_given_up_too()
    {
        await using var cluster = Start(TimeSpan.FromHours(1), TimeSpan.FromHours(1), readyWithin: TimeSpan.FromSeconds(1));
        await using var health = await AnswerAsync(cluster, static () => "starting: still");
        var problem = await Assert.ThrowsAsync<LocalClusterException>(() => cluster.WaitReadyAsync());
        Assert.Equal("node 1 is not ready after 1 s: starting: still", problem.Message);
    }

    [Fact]
    public async Task Waiting_ends_when_it_is_told_to()
    {
        await using var cluster = Start(stuckAfter: TimeSpan.FromHours(1), tellEvery: TimeSpan.FromHours(1));
        using var stop = new CancellationTokenSource();
        var waiting = cluster.WaitReadyAsync(stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    public void Dispose() => _directory.Dispose();

    // The script ends with its standard input, as a node does.
    private ProcessCluster Start(TimeSpan stuckAfter, TimeSpan tellEvery, TimeSpan? readyWithin = null) => ProcessCluster.Start(new()
    {
        DataDirectory = Path.Combine(_directory.Path, "cluster"),
        Nodes = 1,
        Command = ["/bin/sh", "-c", "cat"],
        StuckAfter = stuckAfter,
        ReadyWithin = readyWithin ?? TimeSpan.FromHours(1),
        TellEvery = tellEvery,
        Report = _reported.Enqueue,
    });

    private static async Task<WebApplication> AnswerAsync(ProcessCluster cluster, Func<string?> trouble)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, cluster.Nodes[0].HttpPort));
        var application = builder.Build();
        application.Run(async context =>
        {
            var text = trouble();
            context.Response.StatusCode = text is null ? 200 : 503;
            await context.Response.WriteAsync(text ?? "ready");
        });
        await application.StartAsync();
        return application;
    }
}
