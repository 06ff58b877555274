using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Gossipdb.Bench.Cluster;
using Gossipdb.Bench.Load;
using Gossipdb.Bench.Peers;
using Gossipdb.Node.Transport;

namespace Gossipdb.Bench.Floor;

/// <summary>
/// The floor under Gossipdb: the frames of a quorum write between a client, a coordinator and two peers, over the connections of a node's
/// data port, with nothing done in between. What Gossipdb costs beyond is its own.
/// </summary>
internal sealed class FloorStore : IMeasuredStore
{
    public const string SystemName = "frames alone";

    /// <summary>How many operations may be under way.</summary>
    public const int Slots = 8_192;

    private readonly List<Process> _nodes = [];
    private readonly ConcurrentStack<int> _free = new(Enumerable.Range(0, Slots));
    private readonly TaskCompletionSource?[] _waiting = new TaskCompletionSource?[Slots];
    private readonly int[] _numbers = new int[Slots];
    private FrameConnection? _connection;
    private int _flushWanted;
    private long _answered;
    private int _run;

    private FloorStore(WorkloadSelection selection) =>
        Workloads = selection.For([null], static workload => workload.Operation == Operation.Increment);

    public string Name => SystemName;

    public IReadOnlyList<int> ProcessIds => [.. _nodes.Select(static node => node.Id)];

    public IReadOnlyList<Workload> Workloads { get; }

    /// <summary>Starts the three processes.</summary>
    public static async Task<IMeasuredStore> StartAsync(WorkloadSelection selection, CancellationToken stop)
    {
        var store = new FloorStore(selection);
        try
        {
            int[] peers = [await store.LaunchAsync([], stop), await store.LaunchAsync([], stop)];
            store._connection = await FloorSockets.DialAsync(await store.LaunchAsync(peers, stop), stop);
            _ = store._connection.ReadAsync(store.Take);
            return store;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    public Task<long> FillAsync(Workload workload, CancellationToken stop) => Task.FromResult(0L);

    public Task<LoadResult> RunAsync(Workload workload, TimeSpan duration, CancellationToken stop) =>
        LoadLoop.RunAsync((_, _) => CallAsync(), workload, duration, _run++, stop);

    public Task SettleAsync(CancellationToken stop) => Task.CompletedTask;

    /// <summary>There are no counters: what was answered.</summary>
    public Task<long> SumAsync(CancellationToken stop) => Task.FromResult(_answered);

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null) await _connection.DisposeAsync();
        foreach (var node in _nodes)
        {
            node.StandardInput.Close();
            await node.WaitForExitAsync(CancellationToken.None);
            node.Dispose();
        }
    }

    private async Task<int> LaunchAsync(IEnumerable<int> peers, CancellationToken stop)
    {
        var start = OwnCommand.StartInfo(FloorCommand.Name, peers.Select(static port => port.ToString(CultureInfo.InvariantCulture)));
        start.Environment["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "1"; // as a node sets it for itself
        var node = Process.Start(start) ?? throw new InvalidOperationException("a process of the floor did not start");
        _nodes.Add(node);
        return int.Parse(await node.StandardOutput.ReadLineAsync(stop) ?? "", CultureInfo.InvariantCulture);
    }

    private Task CallAsync()
    {
        if (!_free.TryPop(out var slot)) throw new InvalidOperationException($"more than {Slots} calls are under way");
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[slot] = waiting;
        Span<byte> frame = stackalloc byte[FloorFrame.RequestBytes];
        FloorFrame.Write(frame, slot, ++_numbers[slot]);
        _connection!.Stage(frame);

        // Behind those who are about to send as well: one flush for all.
        if (Interlocked.Exchange(ref _flushWanted, 1) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(static store => store.Flush(), this, preferLocal: false);
        return waiting.Task;
    }

    private void Flush()
    {
        Interlocked.Exchange(ref _flushWanted, 0);
        _connection!.Flush();
    }

    private void Take(ReadOnlySpan<byte> frame)
    {
        var (slot, _) = FloorFrame.Read(frame);
        var waiting = _waiting[slot]!;
        _answered++;
        _free.Push(slot);
        waiting.SetResult();
    }
}
