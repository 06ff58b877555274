using CsCheck;

namespace Gossipdb.Crdt.Tests.Harness;

/// <summary>
/// What a type's tests add to the harness: its operations, what a history of them means, and what a reader gets. The meaning is written
/// from the happens-before relation alone, independent of the implementation. Values are texts, so that one comparison does for all types.
/// </summary>
internal abstract class TypeSpec(CrdtType type)
{
    /// <summary>An event's part that concerns one state. In a map's field it is a part of the event's operation.</summary>
    internal sealed record Step(Event Event, Operation Operation)
    {
        public bool Sees(Step earlier) => Event.Sees(earlier.Event);
    }

    public CrdtType Type { get; } = type;

    /// <summary>Random operations, over so few elements, ids and times that they collide.</summary>
    public abstract Gen<Operation> Operations(int depth);

    /// <summary>What a history means; null where there is nothing to see.</summary>
    public abstract string? Value(IReadOnlyList<Step> history);

    /// <summary>What a reader gets of a visible state, in the same form.</summary>
    public abstract string Read(Crdt state);

    /// <summary>What must hold of what a reader gets: that it is the history's meaning, where the type can say it exactly.</summary>
    public virtual void Check(IReadOnlyList<Step> history, Crdt state) => Assert.Equal(Value(history), state.Read());

    /// <summary>What must hold of one operation where it is executed.</summary>
    public virtual void CheckStep(Crdt before, Event happened, Crdt after)
    {
    }

    /// <summary>States and deltas made the same way at every run, for golden bytes and hostile ones.</summary>
    public abstract IEnumerable<(string Name, Crdt State)> Samples();

    /// <summary>
    /// An operation that makes sense for this state, where <paramref name="operation"/> may not: a position within the text, say.
    /// </summary>
    public virtual Operation Fit(Operation operation, Crdt state) => operation;

    /// <summary>The operation in a failure's schedule.</summary>
    public virtual string Print(Operation operation) => operation.ToString();

    /// <summary>Whether a deletion or a clearing of the whole was made after having seen the step.</summary>
    protected static bool IsDeleted(Step step, IReadOnlyList<Step> history) =>
        history.Any(later => later.Operation is Delete && later.Sees(step));

    protected static SimulatedReplica With(Operation operation, ulong id = 0xB)
    {
        var replica = new SimulatedReplica(operation.Type, id);
        replica.Do(operation);
        return replica;
    }
}
