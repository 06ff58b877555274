using System.IO.Hashing;
using CsCheck;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Sketches;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Sketches;

internal sealed class HyperLogLogSpec() : TypeSpec(CrdtType.HyperLogLog)
{
    // Elements that fall to one register, with different ranks, and one of another register.
    private static readonly Bytes[] Colliding = [.. Enumerable.Range(0, 200_000).Select(i => Bytes.FromText($"{i}"))
        .Where(e => XxHash3.HashToUInt64(e.Span) >> 50 == 7)
        .DistinctBy(e => ulong.LeadingZeroCount(XxHash3.HashToUInt64(e.Span) << 14))
        .Take(3), Bytes.FromText("z")];

    private static readonly Gen<Bytes> Element = Gen.Int[0, 3].Select(i => Colliding[i]);

    public override Gen<Operation> Operations(int depth) => Element.Array[0, 2].Select(elements => (Operation)new HyperLogLogAdd(elements));

    /// <summary>The estimate over every element whose add no deletion has seen.</summary>
    public override string? Value(IReadOnlyList<Step> history)
    {
        var live = history
            .Where(s => s.Operation is HyperLogLogAdd && !IsDeleted(s, history))
            .SelectMany(s => ((HyperLogLogAdd)s.Operation).Elements)
            .ToList();
        return live.Count == 0 ? null : Read(With(new HyperLogLogAdd(live)).State);
    }

    /// <summary>The registers too: the estimate alone does not tell one register's ranks apart.</summary>
    public override string Read(Crdt state)
    {
        var log = (HyperLogLog)state;
        var text = log.Estimate.ToString();
        var ranks = log.Registers();
        for (var next = 0; ranks.AsSpan(next).IndexOfAnyExcept((byte)0) is >= 0 and var gap;)
        {
            text += $" {next + gap}:{ranks[next + gap]}";
            next += gap + 1;
        }

        return text;
    }

    public override IEnumerable<(string Name, Crdt State)> Samples()
    {
        var log = new SimulatedReplica(Type, 0xA);
        yield return ("HyperLogLog: add", log.Do(new HyperLogLogAdd([.. Colliding])).Delta);
        log.CollectAt(new StableCut(log.Clock.Copy(), 0, []));
        log.Do(new HyperLogLogAdd([Colliding[0], Bytes.FromText("y")]));
        log.Do(new HyperLogLogAdd([Bytes.FromText("y")]));
        yield return ("HyperLogLog: state", log.State);
    }
}
