using System.Diagnostics;
using Gossipdb.Bench.Core;
using Gossipdb.Crdt;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;

namespace Gossipdb.Bench.Micro;

/// <summary>
/// What many keys and large objects cost in the core of three replicas, without network, disk and client. These are a part of what a call
/// costs, so the ratios of whole calls are closer to 1.
/// </summary>
internal sealed class PartitionBenchmarks : IMeasured
{
    private const int Many = 1_000_000;
    private const int Few = 1_000;
    private const int Together = 64;
    private const int Writes = 200_000;

    public string Name => "partition";

    public IEnumerable<MeasuredRow> Rows()
    {
        yield return new($"live bytes per key, {Many:#,0} registers of 100 B, one replica", LiveBytesPerKey(), "B") { AtMost = 350 };
        var few = Increments(Few);
        yield return new($"quorum increment of one of {Few:#,0} keys, three replicas", few * 1e6, "ns");
        yield return new($"of one of {Many:#,0} keys, as a multiple of that", Increments(Many) / few, "×");
        var small = SetAdds(10);
        yield return new("quorum add to a set of 10, three replicas", small * 1e6, "ns");
        yield return new("to a set of 100,000, as a multiple of that", SetAdds(100_000) / small, "×");
    }

    // A request brings its own key and its own value, as it does at a node.
    private static double LiveBytesPerKey()
    {
        var trio = new CoreTrio(new ReplicaSettings());
        Fill(trio, 1, static (i, of) => Register(i, of));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        Fill(trio, Many, static (i, of) => Register(i, of));

        // What waits for deadlines to pass, and for what is stable to be decided, is not counted.
        for (var i = 0; i < 60; i++) trio.Tick(1_000);
        var live = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(trio);
        return live / 3.0 / Many;
    }

    private static double Increments(int keys)
    {
        var trio = new CoreTrio(new ReplicaSettings());
        var names = CoreRequests.Keys(keys);
        Fill(trio, keys, (i, of) => CoreRequests.Write(of, names[i], new CounterIncrement(1)));
        uint random = 1;
        return Best(trio, _ =>
        {
            random = (random * 1_664_525) + 1_013_904_223;
            return CoreRequests.Write(trio, names[(int)((ulong)random * (uint)keys >> 32)], new CounterIncrement(1));
        });
    }

    private static double SetAdds(int members)
    {
        var trio = new CoreTrio(new ReplicaSettings());
        var key = CoreRequests.Key(0);
        var names = CoreRequests.Keys(members);
        Fill(trio, members, (i, of) => CoreRequests.Write(of, key, new SetAdd([names[i]])));
        return Best(trio, i => CoreRequests.Write(trio, key, new SetAdd([names[(int)(i * 7_919L % members)]])));
    }

    private static WriteRequest Register(int i, CoreTrio trio)
    {
        var value = new byte[100];
        BitConverter.TryWriteBytes(value, i);
        return CoreRequests.Write(trio, CoreRequests.Key(i), new RegisterAssign(CrdtType.Register, new Bytes(value)));
    }

    private static void Fill(CoreTrio trio, int count, Func<int, CoreTrio, WriteRequest> make)
    {
        var requests = new List<ClientRequest>(Together);
        for (var i = 0; i < count; i++)
        {
            requests.Add(make(i, trio));
            if (requests.Count < Together && i + 1 < count) continue;
            trio.Handle(i / Together % 3, requests.ToArray());
            requests.Clear();

            // Some 20,000 operations a second.
            if (i % 1_024 == 1_023) trio.Tick(50);
        }
    }

    /// <summary>The CPU time of a write in milliseconds: the best of several runs.</summary>
    private static double Best(CoreTrio trio, Func<int, WriteRequest> make)
    {
        var best = double.MaxValue;
        for (var run = 0; run < 4; run++)
        {
            GC.Collect();
            using var process = Process.GetCurrentProcess();
            var before = process.TotalProcessorTime;
            Fill(trio, Writes, (i, _) => make(i));
            process.Refresh();
            best = Math.Min(best, (process.TotalProcessorTime - before).TotalMilliseconds / Writes);
        }

        return best;
    }
}
