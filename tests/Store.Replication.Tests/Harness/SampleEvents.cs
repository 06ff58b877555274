using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.State;

namespace Gossipdb.Replication.Tests.Harness;

/// <summary>Clocks and events for tests of parts that stand alone.</summary>
internal static class SampleEvents
{
    public static readonly ReplicaId A = new(0xa1);
    public static readonly ReplicaId B = new(0xb1);

    public static ReplicaEvent Make(ReplicaId origin, VersionVector clock, string key, string element, OperationId id)
    {
        var context = new UpdateContext(origin, clock, new HybridTimestamp(1), id);
        var delta = Crdt.Crdt.Bottom(CrdtType.Set).Mutate(new SetAdd([Bytes.FromText(element)]), context);
        return ReplicaEvent.Create(context, [new KeyChange(Bytes.FromText(key), delta, ChangeKind.Create)], new ByteWriter());
    }

    /// <summary>A clock of an entry's last changes and nothing else.</summary>
    public static VersionVector LastChanges(KeyEntry entry)
    {
        var clock = new VersionVector();
        entry.AddLastChangesTo(clock);
        return clock;
    }

    public static VersionVector Clock(params (ReplicaId Replica, long Sequence)[] entries)
    {
        var clock = new VersionVector();
        foreach (var (replica, sequence) in entries) clock.Advance(replica, sequence);
        return clock;
    }
}
