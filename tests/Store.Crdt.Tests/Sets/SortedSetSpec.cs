using CsCheck;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Sets;
using Gossipdb.Crdt.Tests.Counters;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Sets;

internal sealed class SortedSetSpec() : TypeSpec(CrdtType.SortedSet)
{
    private static readonly CounterSpec Counter = new(CrdtType.Counter);

    private static readonly Gen<Operation> Assign = Gen.Select(TypeSpecs.Element, Gen.Long[-2, 2]).Array[1, 3]
        .Select(members =>
            (Operation)new SortedSetAssign([.. members.DistinctBy(m => m.Item1).Select(m => new ScoredMember(m.Item1, m.Item2))]));

    public override Gen<Operation> Operations(int depth) => Gen.Frequency(
        (3, Assign),
        (4, Gen.Select(TypeSpecs.Element, Gen.Long[-3, 3]).Select((member, amount) => (Operation)new SortedSetIncrement(member, amount))),
        (2, TypeSpecs.Elements.Select(members => (Operation)new SortedSetRemove(members))));

    /// <summary>
    /// Of each member the last of the assignments nothing has replaced, and a counter that every assignment and removal resets.
    /// </summary>
    public override string? Value(IReadOnlyList<Step> history)
    {
        var members = history.SelectMany(s => s.Operation switch
        {
            SortedSetAssign assign => assign.Members.Select(m => m.Member),
            SortedSetIncrement increment => [increment.Member],
            _ => [],
        }).Distinct();
        var scores = members.Select(m => (Member: m, Score: Score(m, history))).Where(m => m.Score is not null);
        var ordered = scores.OrderByDescending(m => m.Score).ThenBy(m => m.Member).Select(m => $"{m.Member}={m.Score}").ToList();
        return ordered.Count == 0 ? null : string.Join(",", ordered);
    }

    /// <summary>Through the index, which is checked against the scores asked for one by one.</summary>
    public override string Read(Crdt state)
    {
        var set = (SortedSet)state;
        var members = set.RangeByRank(0, int.MaxValue);
        Assert.Equal(set.Count, members.Length);
        for (var i = 0; i < members.Length; i++)
        {
            Assert.True(set.TryGetScore(members[i].Member, out var score) && score == members[i].Score);
            Assert.True(set.TryGetRank(members[i].Member, out var rank) && rank == i);
        }

        return string.Join(",", members.Select(m => $"{m.Member}={m.Score}"));
    }

    public override string Print(Operation operation) => operation switch
    {
        SortedSetAssign { Members: var members } => $"assign {string.Join(",", members.Select(m => $"{m.Member}={m.Score}"))}",
        SortedSetIncrement increment => $"increment {increment.Member} by {increment.Amount}",
        SortedSetRemove { Members: var members } => $"remove {string.Join(",", members)}",
        _ => base.Print(operation),
    };

    public override IEnumerable<(string Name, Crdt State)> Samples()
    {
        var (a, b) = (Bytes.FromText("a"), Bytes.FromText("b"));
        var set = new SimulatedReplica(Type, 0xA);
        var other = new SimulatedReplica(Type, 0xB);
        yield return ("sorted set: assign", set.Do(new SortedSetAssign([new(b, 300), new(a, -1)])).Delta);
        set.Join(With(new SortedSetAssign([new(a, 7)]), 0xC), whole: true);
        set.Apply(other.Do(new SortedSetIncrement(b, 5), new OperationId(0x0102030405060708, 9, 1_700_000_000_000)));
        yield return ("sorted set: increment", set.Do(new SortedSetIncrement(a, 2)).Delta);
        yield return ("sorted set: state with two assignments and increments", set.State.Copy());
        yield return ("sorted set: assign over increments", set.Do(new SortedSetAssign([new(b, 1)])).Delta);
        yield return ("sorted set: remove", set.Do(new SortedSetRemove([a])).Delta);
        yield return ("sorted set: state with a husk", set.State.Copy());
        yield return ("sorted set: clear", set.Do(new Delete(Type)).Delta);
    }

    private static long? Score(Bytes member, IReadOnlyList<Step> history)
    {
        var steps = new List<Step>();
        Step? latest = null;
        foreach (var step in history)
        {
            switch (step.Operation)
            {
                case SortedSetAssign assign when assign.Members.Any(m => m.Member == member):
                    steps.Add(step with { Operation = new CounterReset() });
                    if (!history.Any(later => later.Sees(step) && Replaces(later.Operation, member))
                        && (latest is null || IsAfter(step, latest)))
                    {
                        latest = step;
                    }
                    break;
                case SortedSetIncrement increment when increment.Member == member:
                    steps.Add(step with { Operation = new CounterIncrement(increment.Amount) });
                    break;
                case var operation when Replaces(operation, member):
                    steps.Add(step with { Operation = new CounterReset() });
                    break;
            }
        }

        var increments = Counter.Value(steps);
        if (latest is null && increments is null) return null;
        return (latest is null ? 0 : ((SortedSetAssign)latest.Operation).Members.Single(m => m.Member == member).Score)
            + long.Parse(increments ?? "0");
    }

    private static bool Replaces(Operation operation, Bytes member) => operation switch
    {
        SortedSetAssign assign => assign.Members.Any(m => m.Member == member),
        SortedSetRemove remove => remove.Members.Contains(member),
        _ => operation is Delete,
    };

    private static bool IsAfter(Step step, Step other) =>
        (step.Event.Timestamp, step.Event.Name).CompareTo((other.Event.Timestamp, other.Event.Name)) > 0;
}
