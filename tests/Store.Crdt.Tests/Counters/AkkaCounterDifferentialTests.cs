using Akka.Actor;
using Akka.Cluster;
using CsCheck;
using Gossipdb.Crdt.Counters;
using Gossipdb.Crdt.Flags;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Counters;

/// <summary>
/// The same histories through Akka.DistributedData's types, where the two mean the same: a counter without resets and a flag that is only
/// enabled, for Akka's has no observed disabling.
/// </summary>
public class AkkaCounterDifferentialTests
{
    private static readonly UniqueAddress[] Nodes =
        [.. Enumerable.Range(1, 3).Select(i => new UniqueAddress(new Address("akka", "test", "localhost", i), i))];

    // At a replica: an amount to add, or null to join another replica's state.
    private static readonly Gen<(int At, int From, long? Amount)[]> Steps =
        Gen.Select(Gen.Int[0, 2], Gen.Int[1, 2], Gen.Int[0, 2], Gen.Long[-100, 100])
            .Select((at, other, kind, amount) => (at, (at + other) % 3, kind == 0 ? (long?)null : amount)).Array[0, 40];

    [Fact]
    public void PNCounter() => Steps.Sample(steps =>
    {
        var ours = Replicas(CrdtType.Counter);
        var theirs =
            new[] { Akka.DistributedData.PNCounter.Empty, Akka.DistributedData.PNCounter.Empty, Akka.DistributedData.PNCounter.Empty };
        foreach (var (at, from, amount) in steps)
        {
            if (amount is { } add)
            {
                ours[at].Do(new CounterIncrement(add));
                theirs[at] = theirs[at].Increment(Nodes[at], add);
            }
            else
            {
                ours[at].Join(ours[from], whole: true);
                theirs[at] = theirs[at].Merge(theirs[from]);
            }

            Assert.Equal((long)theirs[at].Value, ((PNCounter)ours[at].State).Value);
        }
    }, iter: 2_000);

    [Fact]
    public void Flag() => Steps.Sample(steps =>
    {
        var ours = Replicas(CrdtType.Flag);
        var disableWins = Replicas(CrdtType.DisableWinsFlag);
        var theirs = new[] { Akka.DistributedData.Flag.False, Akka.DistributedData.Flag.False, Akka.DistributedData.Flag.False };
        foreach (var (at, from, amount) in steps)
        {
            if (amount is { } number && number % 3 == 0)
            {
                ours[at].Do(new FlagEnable());
                disableWins[at].Do(new FlagEnable(CrdtType.DisableWinsFlag));
                theirs[at] = theirs[at].SwitchOn();
            }
            else if (amount is null)
            {
                ours[at].Join(ours[from], whole: true);
                disableWins[at].Join(disableWins[from], whole: true);
                theirs[at] = theirs[at].Merge(theirs[from]);
            }

            Assert.Equal(theirs[at].Enabled, ((EnableWinsFlag)ours[at].State).IsEnabled);
            Assert.Equal(theirs[at].Enabled, ((DisableWinsFlag)disableWins[at].State).IsEnabled);
        }
    }, iter: 2_000);

    private static SimulatedReplica[] Replicas(CrdtType type) => [new(type, 0xA), new(type, 0xB), new(type, 0xC)];
}
