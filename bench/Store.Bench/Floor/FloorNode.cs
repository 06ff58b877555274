using System.Globalization;
using System.Net.Sockets;
using Gossipdb.Node.Transport;

namespace Gossipdb.Bench.Floor;

/// <summary>
/// One process of the floor. Without peers it acks what comes. With peers it is the coordinator: it forwards what comes to each of them,
/// and answers with the first ack. Ends with its standard input.
/// </summary>
internal sealed class FloorNode
{
    private readonly int[] _answered = new int[FloorStore.Slots];
    private readonly List<FloorOutlet> _peers = [];
    private FloorOutlet? _client;

    public static async Task<int> RunAsync(int[] peers, CancellationToken stop)
    {
        var node = new FloorNode();
        foreach (var port in peers)
        {
            // Reading the console blocks, and must not do so on a thread of the sockets.
            var connection = await FloorSockets.DialAsync(port, stop);
            await Task.Yield();
            node._peers.Add(new FloorOutlet(connection));
            _ = connection.ReadAsync(node.TakeAck);
        }

        var (listener, port1) = FloorSockets.Listen();
        _ = node.AcceptAsync(listener);
        Console.WriteLine(port1.ToString(CultureInfo.InvariantCulture));
        while (await Console.In.ReadLineAsync(stop) is not null)
        {
            // Nothing is said to it: only the end is awaited.
        }

        return 0;
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (true)
        {
            var accepted = await listener.AcceptAsync();
            accepted.NoDelay = true;
            var connection = FloorSockets.Of(accepted);
            var outlet = new FloorOutlet(connection);
            FrameConnection.FrameTaker take = _peers.Count == 0 ? frame => outlet.Put(frame[..FloorFrame.HeadBytes]) : Forward;
            _client = outlet;
            _ = connection.ReadAsync(take);
        }
    }

    private void Forward(ReadOnlySpan<byte> frame)
    {
        for (var i = 0; i < _peers.Count; i++) _peers[i].Put(frame);
    }

    private void TakeAck(ReadOnlySpan<byte> frame)
    {
        var (slot, number) = FloorFrame.Read(frame);

        // Of two acks the first answers; the second may come when the slot has another call already.
        var before = Volatile.Read(ref _answered[slot]);
        while (number > before)
        {
            var seen = Interlocked.CompareExchange(ref _answered[slot], number, before);
            if (seen == before)
            {
                _client!.Put(frame);
                return;
            }

            before = seen;
        }
    }
}
