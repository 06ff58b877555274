using CsCheck;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Counters;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Counters;

internal sealed class BoundedCounterSpec() : TypeSpec(CrdtType.BoundedCounter)
{
    // The harness's replicas, and their next lives.
    private static readonly ulong[] Replicas = [0xA0, 0xA1, 0xB0, 0xB1, 0xC0, 0xC1];

    public override Gen<Operation> Operations(int depth) => Gen.Frequency(
        (3, Gen.Long[0, 5].Select(amount => (Operation)new CounterIncrement(amount, Type))),
        (4, Gen.Long[-4, -1].Select(amount => (Operation)new CounterIncrement(amount, Type))),
        (3, Gen.Select(Gen.Int[0, 5], Gen.Long[1, 3]).Select((to, amount) =>
            (Operation)new CounterTransfer(new ReplicaId(Replicas[to]), amount))));

    /// <summary>Where nothing is deleted: the sum, each operation id counted once.</summary>
    public override string? Value(IReadOnlyList<Step> history)
    {
        Assert.DoesNotContain(history, s => s.Operation is Delete);
        return history.Count == 0 ? null : Once(history).Sum().ToString();
    }

    public override string Read(Crdt state) => ((BoundedCounter)state).Value.ToString();

    public override void Check(IReadOnlyList<Step> history, Crdt state)
    {
        var counter = (BoundedCounter)state;
        if (history.All(s => s.Operation is not Delete)) base.Check(history, state);
        if (!history.Any(s => s.Operation is not Delete && !IsDeleted(s, history))) Assert.Null(state.Read());

        // What was acknowledged is never more than there was, whoever deleted what.
        Assert.True(Once(history).Sum() >= 0);
        Assert.True(counter.Value >= counter.TotalRights);
        Assert.True(counter.TotalRights >= 0);
    }

    /// <summary>Who sees what there is adds and takes exactly what was asked for.</summary>
    public override void CheckStep(Crdt before, Event happened, Crdt after)
    {
        var (was, value) = (((BoundedCounter)before).Value, ((BoundedCounter)after).Value);
        if (happened.Operation is Delete) Assert.Equal(0, value);
        else if (happened.Operation is CounterTransfer) Assert.True(value <= was);
        else if (!happened.Id.IsGiven) Assert.Equal(was + ((CounterIncrement)happened.Operation).Amount, value);
    }

    public override IEnumerable<(string Name, Crdt State)> Samples()
    {
        var id = new OperationId(0x0102030405060708, 9, 1_700_000_000_000);
        var counter = new SimulatedReplica(Type, 0xA);
        var other = new SimulatedReplica(Type, 0xB);
        yield return ("bounded counter: increment", counter.Do(new CounterIncrement(300, Type)).Delta);
        yield return ("bounded counter: transfer", counter.Do(new CounterTransfer(new ReplicaId(0xB), 100)).Delta);
        other.Join(counter, whole: true);
        yield return ("bounded counter: tagged decrement", other.Do(new CounterIncrement(-7, Type), id).Delta);
        counter.Do(new CounterIncrement(40, Type), id with { Number = 10 });
        var reset = counter.Do(new Delete(Type));
        yield return ("bounded counter: reset", reset.Delta);
        other.Apply([.. new[] { reset }.Where(other.CanApply)]);
        other.Join(counter, whole: true);
        yield return ("bounded counter: overdrawn state", other.State.Copy());
        other.Do(new CounterIncrement(5, Type));
        other.Do(new CounterIncrement(6, Type), id with { Number = 11 });
        var heir = new SimulatedReplica(Type, 0xD) { Inherits = [other.Id] };
        heir.Join(other, whole: true);
        yield return ("bounded counter: taken by an heir", heir.Do(new CounterIncrement(-2, Type)).Delta);
        other.CollectAt(new StableCut(other.Clock.Copy(), long.MaxValue, []));
        yield return ("bounded counter: collected state", other.State);
    }

    /// <summary>
    /// The amounts that count: of one id's executions, none where it was known already; of the others an increment's first attempt, else
    /// the least.
    /// </summary>
    private static IEnumerable<long> Once(IReadOnlyList<Step> history)
    {
        var changes = history.Where(s => s.Operation is CounterIncrement).ToList();
        var plain = changes.Where(s => !s.Event.Id.IsGiven);
        var tagged = changes.Where(s => s.Event.Id.IsGiven)
            .Where(s => !changes.Any(earlier => earlier.Event.Id == s.Event.Id && s.Sees(earlier)))
            .GroupBy(s => (s.Event.Id.Client, s.Event.Id.Number))
            .Select(executions =>
                executions.FirstOrDefault(s => s.Event.Id.IsFirstAttempt && Amount(s) >= 0) ?? executions.MinBy(s => s.Event.Name)!);
        return plain.Concat(tagged).Select(Amount);
    }

    private static long Amount(Step step) => ((CounterIncrement)step.Operation).Amount;
}
