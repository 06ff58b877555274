using Akka.Actor;
using Akka.Cluster;
using Akka.DistributedData;
using CsCheck;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Sets;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Sets;

/// <summary>
/// The same histories here and in Akka.DistributedData's ORSet, an independent implementation of the same meaning: three replicas add,
/// remove and merge.
/// </summary>
public class AkkaSetDifferentialTests
{
    private static readonly UniqueAddress[] Nodes =
        [.. Enumerable.Range(1, 3).Select(i => new UniqueAddress(new Address("akka", "test", "host", i), i))];

    [Fact]
    public void Add_wins_sets_hold_what_Akkas_hold()
    {
        var change = Gen.Select(Gen.Int[0, 2], Gen.Int[0, 3], Gen.Int[0, 4], Gen.Int[1, 2]);
        change.Array[0, 40].Sample(changes =>
        {
            SimulatedReplica[] ours = [.. Enumerable.Range(0, 3).Select(i => new SimulatedReplica(CrdtType.Set, 0xA0 + (ulong)i))];
            ORSet<string>[] theirs = [ORSet<string>.Empty, ORSet<string>.Empty, ORSet<string>.Empty];
            foreach (var (at, kind, element, other) in changes)
            {
                var name = $"element {element}";
                var from = (at + other) % 3;
                switch (kind)
                {
                    case 0:
                        ours[at].Do(new SetAdd([Bytes.FromText(name)]));
                        theirs[at] = theirs[at].Add(Nodes[at], name);
                        break;
                    case 1:
                        ours[at].Do(new SetRemove([Bytes.FromText(name)]));
                        theirs[at] = theirs[at].Remove(Nodes[at], name);
                        break;
                    default:
                        ours[at].Join(ours[from], whole: kind == 2);
                        theirs[at] = theirs[at].Merge(theirs[from]);
                        break;
                }

                Assert.Equal(
                    theirs[at].Elements.Order(StringComparer.Ordinal), ((AddWinsSet)ours[at].State).Elements().Select(e => e.ToString()));
            }
        }, iter: 5_000);
    }
}
