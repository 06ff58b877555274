using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Bench.Micro;

/// <summary>
/// One replica of a set, with the clock that a partition keeps: what an operation costs here is Mutate and the join of its delta.
/// </summary>
internal sealed class SetHost
{
    private readonly ReplicaId _origin;

    // The clock of the event being made. Kept beside the replica's own, so that no operation pays for a copy.
    private readonly VersionVector _next;

    public SetHost(CrdtType type, int size, ulong replica = 1)
    {
        _origin = new ReplicaId(replica);
        Set = Crdt.Crdt.Bottom(type);
        Clock = new VersionVector();
        _next = new VersionVector();
        for (var i = 0; i < size; i++) Add(SetBenchmarks.Member(i));
    }

    public Crdt.Crdt Set { get; }

    public VersionVector Clock { get; }

    public void Add(Bytes member) => Do(new SetAdd([member], Set.Type));

    public void Remove(Bytes member) => Do(new SetRemove([member], Set.Type));

    public void Join(Crdt.Crdt other, VersionVector otherClock)
    {
        Set.Join(Clock, other, otherClock);
        Clock.Merge(otherClock);
        _next.Merge(otherClock);
    }

    private void Do(Operation operation)
    {
        var context = new UpdateContext(_origin, Clock, default, default);
        var delta = Set.Mutate(operation, context);
        var last = context.FirstSequence + context.Count - 1;
        _next.Advance(_origin, last);
        Set.Join(Clock, delta, _next);
        Clock.Advance(_origin, last);
    }
}
