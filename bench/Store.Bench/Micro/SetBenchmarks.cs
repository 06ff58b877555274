using System.Diagnostics;
using System.Runtime.InteropServices;
using Akka.Actor;
using Akka.Cluster;
using Akka.DistributedData;
using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Sets;
using VersionVector = Gossipdb.Crdt.Causality.VersionVector;

namespace Gossipdb.Bench.Micro;

/// <summary>
/// Sets beside Akka.DistributedData's ORSet: members of 16 bytes, here as bytes and there as the 8-character strings that take as many.
/// </summary>
internal sealed class SetBenchmarks : IMeasured
{
    private const int Trials = 5;
    private const string Akka = "Akka ORSet";
    private static readonly UniqueAddress Node = new(new Address("akka", "bench", "a", 1), 1);
    private static readonly UniqueAddress OtherNode = new(new Address("akka", "bench", "b", 1), 2);

    public string Name => "set";

    public IEnumerable<MeasuredRow> Rows()
    {
        var held = Micro.Nanoseconds.Of<HeldMemberBenchmark>();
        foreach (var size in (int[])[10, 1_000, 1_000_000])
        {
            // The peer copies paths of a tree: a million of its members are built in minutes, so it is measured with the smaller sets.
            (string, double)? peer = size > 1_000 ? null : (Akka, PeerAdd(size));
            yield return new($"add of a fresh member to {size:#,0}", AddFresh(CrdtType.Set, size), "ns") { AtMost = 1_000, Peer = peer };
            yield return new($"add of a held member to {size:#,0}", held[$"{nameof(HeldMemberBenchmark.Add)}:{size}"], "ns")
            {
                AtMost = 1_000,
            };
        }

        yield return new("remove-wins: add of a fresh member to 1,000,000", AddFresh(CrdtType.RemoveWinsSet, 1_000_000), "ns")
        {
            AtMost = 1_000,
        };
        foreach (var size in (int[])[1_000, 10_000, 100_000])
            yield return new($"join of a one-element delta into {size:#,0}", JoinDelta(size), "ns")
            {
                AtMost = 1_000,
                Peer = (Akka, PeerMergeDelta(size)),
            };
        yield return new("join of two sets of 100,000 that differ in 200", JoinWhole(100_000, 200), "ms")
        {
            TimesPeer = 10,
            Peer = (Akka, PeerMerge(100_000, 200)),
        };

        var (atEnd, most) = Memory(1_000_000);
        yield return new("memory per member at 1,000,000", atEnd, "B") { AtMost = 80 };
        yield return new("memory per member, most between 500,000 and 1,000,000", most, "B") { AtMost = 80 };
        yield return new("slowest single add up to 1,000,000, collections apart", SlowestAdd(1_000_000), "ms") { AtMost = 3 };
        yield return new("memory of a set of three", MemoryOfSmall(3), "B");
        var (delta, page) = Read(1_000_000);
        yield return new("delta since 100 changes ago of 1,000,000", delta, "ms");
        yield return new("page of 100 out of 1,000,000", page, "µs");
    }

    private static double AddFresh(CrdtType type, int size)
    {
        var adds = Math.Clamp(size / 10, 1, 20_000);
        var copies = Math.Max(1, 4_000 / adds);
        return Best(() =>
        {
            var hosts = new SetHost[copies];
            for (var i = 0; i < copies; i++) hosts[i] = new SetHost(type, size);
            var fresh = Members(size, adds);
            return Nanoseconds(copies * adds, () =>
            {
                foreach (var host in hosts)
                {
                    foreach (var member in fresh) host.Add(member);
                }
            });
        });
    }

    private static double PeerAdd(int size)
    {
        var set = PeerSet(size);
        var fresh = Texts(size, 1_000);
        return Best(() => Nanoseconds(fresh.Length, () =>
        {
            foreach (var member in fresh) set.ResetDelta().Add(Node, member);
        }));
    }

    private static double JoinDelta(int size)
    {
        const int deltas = 1_000;
        return Best(() =>
        {
            var host = new SetHost(CrdtType.Set, size);
            var changes = new (Crdt.Crdt Delta, VersionVector Clock)[deltas];
            var clock = host.Clock.Copy();
            var other = new ReplicaId(2);
            for (var i = 0; i < deltas; i++)
            {
                var delta = host.Set.Mutate(new SetAdd([Member(size + i)]), new UpdateContext(other, clock.Copy(), default, default));
                clock.Advance(other, i + 1);
                changes[i] = (delta, clock.Copy());
            }

            return Nanoseconds(deltas, () =>
            {
                foreach (var (delta, at) in changes) host.Join(delta, at);
            });
        });
    }

    private static double PeerMergeDelta(int size)
    {
        var set = PeerSet(size);
        var delta = PeerSet(0).Add(OtherNode, "another member").Delta;
        return Best(() => Nanoseconds(200, () =>
        {
            for (var i = 0; i < 200; i++) set.MergeDelta(delta);
        }));
    }

    private static double JoinWhole(int size, int differing) => Best(() =>
    {
        var mine = new SetHost(CrdtType.Set, size);
        var theirs = new SetHost(CrdtType.Set, 0, replica: 2);
        theirs.Join(mine.Set, mine.Clock);
        for (var i = 0; i < differing / 2; i++)
        {
            theirs.Add(Member(size + i));
            theirs.Remove(Member(i * 7));
        }

        return Milliseconds(() => mine.Join(theirs.Set, theirs.Clock));
    });

    private static double PeerMerge(int size, int differing)
    {
        var mine = PeerSet(size);
        var theirs = mine;
        foreach (var member in Texts(size, differing / 2)) theirs = theirs.Add(OtherNode, member);
        foreach (var member in Texts(0, differing / 2)) theirs = theirs.Remove(OtherNode, member);
        return Best(() => Milliseconds(() => mine.Merge(theirs)));
    }

    private static (double AtEnd, double Most) Memory(int size)
    {
        var before = Settled();
        var host = new SetHost(CrdtType.Set, 0);
        double each = 0, most = 0;
        for (var i = 0; i < size; i++)
        {
            host.Add(Member(i));
            if (i + 1 < size / 2 || (i + 1) % (size / 40) != 0) continue;
            each = (double)(Settled() - before) / (i + 1);
            most = Math.Max(most, each);
        }

        GC.KeepAlive(host);
        return (each, most);
    }

    /// <summary>The same adds grow the same parts of the set at each run, so what only one run shows is the machine's doing.</summary>
    private static double SlowestAdd(int size)
    {
        var members = Members(0, size);
        var fastest = new double[size];
        Array.Fill(fastest, double.MaxValue);
        for (var run = 0; run < Trials; run++)
        {
            var host = new SetHost(CrdtType.Set, 0);
            for (var i = 0; i < size; i++)
            {
                var pauses = GC.GetTotalPauseDuration();
                var start = Stopwatch.GetTimestamp();
                host.Add(members[i]);
                var took = Stopwatch.GetElapsedTime(start) - (GC.GetTotalPauseDuration() - pauses);
                fastest[i] = Math.Min(fastest[i], took.TotalMilliseconds);
            }
        }

        return fastest.Max();
    }

    private static double MemoryOfSmall(int size)
    {
        var hosts = new Crdt.Crdt[20_000];
        var before = Settled();
        for (var i = 0; i < hosts.Length; i++) hosts[i] = new SetHost(CrdtType.Set, size).Set;
        var each = (double)(Settled() - before) / hosts.Length;
        GC.KeepAlive(hosts);
        return each;
    }

    private static (double DeltaMs, double PageUs) Read(int size)
    {
        var host = new SetHost(CrdtType.Set, size);
        var since = host.Clock.Copy();
        foreach (var member in Members(size, 100)) host.Add(member);
        var delta = Best(() => Milliseconds(() => host.Set.DeltaSince(since)));
        var cursor = ((CrdtSet)host.Set).Page(null, 1_000).Next;
        return (delta, Best(() => Nanoseconds(100, () =>
        {
            for (var i = 0; i < 100; i++) ((CrdtSet)host.Set).Page(cursor, 100);
        })) / 1_000);
    }

    private static long Settled()
    {
        GC.Collect();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static double Best(Func<double> trial)
    {
        var best = trial();
        for (var i = 1; i < Trials; i++) best = Math.Min(best, trial());
        return best;
    }

    private static double Nanoseconds(int operations, Action run) => Milliseconds(run) * 1_000_000 / operations;

    private static double Milliseconds(Action run)
    {
        var start = Stopwatch.GetTimestamp();
        run();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    internal static Bytes Member(int number)
    {
        var member = new byte[16];
        MemoryMarshal.Write(member, in number);
        return new Bytes(member);
    }

    private static Bytes[] Members(int first, int count) => [.. Enumerable.Range(first, count).Select(Member)];

    private static string[] Texts(int first, int count) => [.. Enumerable.Range(first, count).Select(static i => $"{i:x8}")];

    private static ORSet<string> PeerSet(int size) =>
        Texts(0, size).Aggregate(ORSet<string>.Empty, static (set, member) => set.ResetDelta().Add(Node, member)).ResetDelta();
}
