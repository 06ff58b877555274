using Gossipdb.Crdt.Causality;

namespace Gossipdb.Crdt.Tests.Harness;

/// <summary>
/// One replica of one object, with what causal delivery and collection need: enough of the store to write histories in tests.
/// </summary>
internal sealed class SimulatedReplica(CrdtType type, ulong id)
{
    private HybridTimestamp _last;

    public ReplicaId Id { get; private set; } = new(id);

    public VersionVector Clock { get; } = new();

    public Crdt State { get; } = Crdt.Bottom(type);

    /// <summary>What this replica has collected at.</summary>
    public StableCut StableCut { get; private set; } = StableCut.None;

    /// <summary>The ended replicas whose heir this one is, as everyone knows.</summary>
    public ReplicaId[] Inherits { get; set; } = [];

    public Event Do(Operation operation, OperationId id = default, long physical = 0)
    {
        _last = HybridTimestamp.Next(_last, physical);
        var context = new UpdateContext(Id, Clock.Copy(), _last, id, Inherits);
        var delta = operation is Delete ? State.Clear(context) : State.Mutate(operation, context);
        var happened = new Event(
            new Dot(Id, context.FirstSequence), context.Count, context.Dependencies, _last, id, operation, delta, StableCut);
        Apply(happened);
        return happened;
    }

    /// <summary>Adds a saved state; null where that changes nothing.</summary>
    public Event? Restore(Crdt saved, OperationId id = default)
    {
        _last = HybridTimestamp.Next(_last, 0);
        var context = new UpdateContext(Id, Clock.Copy(), _last, id, Inherits);
        if (State.Restore(saved, context) is not { } delta) return null;
        var happened = new Event(
            new Dot(Id, context.FirstSequence), context.Count, context.Dependencies, _last, id,
            new StateRestore(saved, Gossipdb.Crdt.Registers.Expiry.Never), delta, StableCut);
        Apply(happened);
        return happened;
    }

    public bool CanApply(Event e) => !Clock.Contains(e.Name) && Clock.Covers(e.Dependencies);

    public void Apply(params Event[] events)
    {
        foreach (var e in events)
        {
            Assert.True(CanApply(e), $"{e.Name} is not deliverable at {Clock}");
            CollectAt(e.StableCut);
            State.Join(Clock, e.Delta.AtCut(StableCut), e.Clock);
            Clock.Merge(e.Clock);
            Saw(e.Timestamp);
        }
    }

    /// <summary>Joins what the other holds, whole or only what is new here.</summary>
    public void Join(SimulatedReplica other, bool whole)
    {
        CollectAt(other.StableCut);
        var theirs = other.State.AtCut(StableCut);
        State.Join(Clock, whole ? theirs : theirs.DeltaSince(Clock.Copy()), other.Clock);
        Clock.Merge(other.Clock);
        Saw(other._last);
    }

    /// <summary>Collects at a stable cut, where it is above the one it has.</summary>
    public void CollectAt(StableCut cut)
    {
        if (!cut.IsAbove(StableCut)) return;
        State.Collect(cut);
        StableCut = cut;
    }

    /// <summary>A new process: the same state under a new identity.</summary>
    public void Restart(ulong id)
    {
        Id = new ReplicaId(id);
        Inherits = [];
    }

    private void Saw(HybridTimestamp timestamp)
    {
        if (timestamp.CompareTo(_last) > 0) _last = timestamp;
    }
}
