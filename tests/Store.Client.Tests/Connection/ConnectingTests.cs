using System.Net;
using System.Net.Sockets;
using Gossipdb.Client.Tests.Fakes;

namespace Gossipdb.Client.Tests.Connection;

/// <summary>How long connecting may take: as long as the call it is for.</summary>
public sealed class ConnectingTests : IDisposable
{
    private static readonly TimeSpan Ample = TimeSpan.FromSeconds(60);
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ending = new();

    public ConnectingTests() => _listener.Start();

    private string Silent => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public void Dispose()
    {
        _ending.Cancel();
        _listener.Dispose();
        _ending.Dispose();
    }

    [Fact]
    public async Task A_node_that_is_slow_to_answer_is_waited_for_where_no_other_is_there()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        var describe = cluster[1].Describe;
        cluster[1].Describe = () =>
        {
            Thread.Sleep(1_000);
            return describe();
        };
        var options = Options(cluster[1].Endpoint, connect: 100, call: 60_000);

        await using var client = await GossipdbClient.ConnectAsync(options);
        await using var lazy = new GossipdbClient(options);

        await client.Counter("k").IncrementAsync();
        await lazy.Counter("k").IncrementAsync();
        Assert.Equal(2, cluster[1].Requests.Count);
    }

    [Fact]
    public async Task A_node_that_hung_at_the_first_attempt_is_tried_again_within_the_timeout()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        var node = new Uri(cluster[1].Endpoint);
        var hanging = HangThenForwardAsync(node.Port);

        await using var client = await GossipdbClient.ConnectAsync(Options(Silent, connect: 200, call: 60_000)).WaitAsync(Ample);

        await client.Counter("k").IncrementAsync();
        await _ending.CancelAsync();
        await hanging;
    }

    [Fact]
    public async Task A_silent_node_is_given_up_when_the_timeout_is_over()
    {
        var options = Options($"{Silent},{FakeAnswers.UnusedEndpoint()}", connect: 3_600_000, call: 2_000);

        var failure = await Assert.ThrowsAsync<ConnectionException>(() => GossipdbClient.ConnectAsync(options).WaitAsync(Ample));
        Assert.StartsWith($"No node could be reached within 2 s: {Silent} (no answer yet), ", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith("(connection refused).", failure.Message, StringComparison.Ordinal);

        await using var lazy = new GossipdbClient(options);
        var unsent = await Assert.ThrowsAsync<ConnectionException>(() => lazy.Counter("k").IncrementAsync().WaitAsync(Ample));
        Assert.Contains("within 2 s", unsent.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silent_node_keeps_nobody_from_one_that_answers()
    {
        await using var cluster = await FakeCluster.StartAsync(1);

        await using var client = await GossipdbClient.ConnectAsync(Options(
            $"{Silent},{cluster[1].Endpoint}", connect: 3_600_000, call: 3_600_000)).WaitAsync(Ample);

        await client.Counter("k").IncrementAsync().WaitAsync(Ample);
    }

    private static GossipdbOptions Options(string endpoints, int connect, int call)
    {
        var options = GossipdbOptions.ForEndpoints(endpoints);
        options.ConnectTimeout = TimeSpan.FromMilliseconds(connect);
        options.Timeout = TimeSpan.FromMilliseconds(call);
        options.Discover = false;
        return options;
    }

    // The first connection is taken and never answered, as of a process that is stopped; the later ones are the node's.
    private async Task HangThenForwardAsync(int port)
    {
        using var first = await _listener.AcceptTcpClientAsync(_ending.Token);
        var forwarding = new List<Task>();
        try
        {
            while (true)
            {
                var taken = await _listener.AcceptTcpClientAsync(_ending.Token);
                forwarding.Add(ForwardAsync(taken, port));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(forwarding);
        }
    }

    private async Task ForwardAsync(TcpClient taken, int port)
    {
        using (taken)
        using (var node = new TcpClient())
        {
            await node.ConnectAsync(IPAddress.Loopback, port, _ending.Token);
            await Task.WhenAny(
                taken.GetStream().CopyToAsync(node.GetStream(), _ending.Token),
                node.GetStream().CopyToAsync(taken.GetStream(), _ending.Token));
        }
    }
}
