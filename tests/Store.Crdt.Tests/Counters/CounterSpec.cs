using CsCheck;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Counters;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Counters;

internal sealed class CounterSpec(CrdtType type) : TypeSpec(type)
{
    public override Gen<Operation> Operations(int depth) => Type == CrdtType.GrowOnlyCounter
        ? Gen.Long[0, 3].Select(amount => (Operation)new CounterIncrement(amount, Type))
        : Gen.Frequency(
            (4, Gen.Long[-3, 3].Select(amount => (Operation)new CounterIncrement(amount))),
            (1, Gen.Const((Operation)new CounterReset())));

    /// <summary>
    /// The sum of the increments no reset has seen; of one operation id's executions one counts, and none after a reset that saw one of
    /// them.
    /// </summary>
    public override string? Value(IReadOnlyList<Step> history)
    {
        var resets = history.Where(s => s.Operation is CounterReset or Delete).ToList();
        var executed = history.Where(s => s.Operation is CounterIncrement && !IsKnown(s, history)).ToList();
        var live = executed.Where(s => !resets.Any(r => r.Sees(s))).ToList();
        if (live.Count == 0) return null;
        var plain = live.Where(s => !s.Event.Id.IsGiven);
        var tagged = live.Where(s => s.Event.Id.IsGiven)
            .Where(s => !executed.Any(other => other.Event.Id == s.Event.Id && resets.Any(r => r.Sees(other))))
            .GroupBy(s => (s.Event.Id.Client, s.Event.Id.Number))
            .Select(executions => executions.MinBy(s => s.Event.Name)!);
        return plain.Concat(tagged).Sum(s => ((CounterIncrement)s.Operation).Amount).ToString();
    }

    private static bool IsKnown(Step step, IReadOnlyList<Step> history) =>
        step.Event.Id.IsGiven
        && history.Any(earlier => earlier.Operation is CounterIncrement && earlier.Event.Id == step.Event.Id && step.Sees(earlier));

    public override string Read(Crdt state) => ((PNCounter)state).Value.ToString();

    public override IEnumerable<(string Name, Crdt State)> Samples()
    {
        var id = new OperationId(0x0102030405060708, 9, 1_700_000_000_000);
        var counter = new SimulatedReplica(Type, 0xA);
        var other = new SimulatedReplica(Type, 0xB);
        yield return ($"{Type}: increment", counter.Do(new CounterIncrement(5, Type)).Delta);
        counter.Apply(other.Do(new CounterIncrement(3, Type), id));
        yield return ($"{Type}: tagged increment", counter.Do(new CounterIncrement(300, Type), id with { Number = 10 }).Delta);
        yield return ($"{Type}: state with tags", counter.State.Copy());
        yield return ($"{Type}: reset", counter.Do(new Delete(Type)).Delta);
        counter.Apply(other.Do(new CounterIncrement(1, Type)));
        yield return ($"{Type}: state after a reset", counter.State.Copy());
        counter.CollectAt(
            new StableCut(counter.Clock.Copy(), long.MaxValue, [new RetiredReplica(new ReplicaId(0xB), new Dot(new ReplicaId(0xA), 9))]));
        yield return ($"{Type}: collected state", counter.State);
    }
}
