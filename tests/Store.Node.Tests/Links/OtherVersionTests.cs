using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Observability;
using Gossipdb.Node.Transport;
using Gossipdb.Replication.Placement;
using Microsoft.Extensions.Logging;

namespace Gossipdb.Node.Tests.Links;

/// <summary>Two nodes that do not speak the same version of the protocol: both say so, each naming the other.</summary>
public sealed class OtherVersionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Who_calls_in_another_version_is_told_why_before_it_is_hung_up_on()
    {
        var lines = new Lines();
        var node = new TestNode(TestSettings.OfTwo(2), log: lines);
        node.Port.Start(node.Connections.ServeAsync);
        using var caller = new TcpClient();
        await caller.ConnectAsync(IPAddress.Loopback, node.Port.Port);
        await caller.GetStream().WriteAsync(MemoryConnection.Framed([.. "gossipdb"u8, 9, 1, 2, 1]));

        var told = Refusal.Find(await FrameAsync(caller.GetStream()));
        caller.Close();

        Assert.Equal($"node 2 is gossipdb {ProductVersion.Text} and speaks version 1 of the protocol, not 9", told);
        await Poll.UntilAsync(() => Task.FromResult(lines.All.Any(static line => line.Contains(
            $"it speaks version 9 of the protocol; this is gossipdb {ProductVersion.Text}, which speaks 1", StringComparison.Ordinal))),
            "the node says so too");
        await node.Port.DisposeAsync();
    }

    [Fact]
    public async Task Who_is_told_that_it_speaks_another_version_says_so_and_hangs_up()
    {
        var lines = new Lines();
        var node = new TestNode(TestSettings.OfTwo(1), log: lines);
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        node.Links.Begin(new LinkTaker().Of(node));
        node.Addresses.LearnDataPort(new NodeId(2), ((IPEndPoint)other.LocalEndpoint).Port, 0);
        using var called = await other.AcceptTcpClientAsync().WaitAsync(Patience);
        Assert.Equal(new Hello(new NodeId(1), new NodeId(2)), Hello.Decode(await FrameAsync(called.GetStream())));
        await called.GetStream().WriteAsync(MemoryConnection.Framed(Refusal.Encode("node 2 is gossipdb 9")));

        await Poll.UntilAsync(() => Task.FromResult(lines.All.Any(static line => line.Contains(
            $"node 2 does not talk to this one, gossipdb {ProductVersion.Text}: node 2 is gossipdb 9", StringComparison.Ordinal))),
            "the caller says so");

        // The rest is heartbeats.
        try
        {
            var buffer = new byte[4_096];
            while (await called.GetStream().ReadAsync(buffer).AsTask().WaitAsync(Patience) > 0)
            {
            }
        }
        catch (IOException)
        {
            // So it may end, too.
        }

        await node.Links.DisposeAsync();
        await node.Port.DisposeAsync();
    }

    private static async Task<byte[]> FrameAsync(Stream stream)
    {
        using var patience = new CancellationTokenSource(Patience);
        var length = new byte[4];
        await stream.ReadExactlyAsync(length, patience.Token);
        var frame = new byte[BitConverter.ToInt32(length)];
        await stream.ReadExactlyAsync(frame, patience.Token);
        return frame;
    }

    private sealed class Lines : ILogger<NodeHealth>
    {
        public ConcurrentQueue<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Enqueue(formatter(state, exception));
    }
}
