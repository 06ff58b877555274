namespace Gossipdb.Crdt.Tests;

/// <summary>One replica of one object, with what causal delivery needs: enough of the store to write histories in tests.</summary>
internal sealed class SimulatedReplica(CrdtType type, ulong id)
{
    private HybridTimestamp _last;

    public ReplicaId Id { get; } = new(id);

    public VersionVector Clock { get; } = new();

    public Crdt State { get; } = Crdt.Bottom(type);

    public Event Do(Operation operation, OperationId id = default, long physical = 0)
    {
        _last = HybridTimestamp.Next(_last, physical);
        var context = new UpdateContext(Id, Clock.Copy(), _last, id);
        var delta = operation is Delete ? State.Clear(context) : State.Mutate(operation, context);
        var happened = new Event(new Dot(Id, context.FirstSequence), context.Count, context.Dependencies, _last, id, operation, delta);
        Apply(happened);
        return happened;
    }

    public bool CanApply(Event e) => !Clock.Contains(e.Name) && Clock.Covers(e.Dependencies);

    public void Apply(params Event[] events)
    {
        foreach (var e in events)
        {
            Assert.True(CanApply(e), $"{e.Name} is not deliverable at {Clock}");
            State.Join(Clock, e.Delta, e.Clock);
            Clock.Merge(e.Clock);
            Saw(e.Timestamp);
        }
    }

    /// <summary>Joins what the other holds, whole or only what is new here.</summary>
    public void Join(SimulatedReplica other, bool whole)
    {
        State.Join(Clock, whole ? other.State : other.State.DeltaSince(Clock.Copy()), other.Clock);
        Clock.Merge(other.Clock);
        Saw(other._last);
    }

    private void Saw(HybridTimestamp timestamp)
    {
        if (timestamp.CompareTo(_last) > 0) _last = timestamp;
    }
}
