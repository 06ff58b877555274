using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;

namespace Gossipdb.Replication.Tests.Golden;

/// <summary>What the samples of several families are built of. No two numbers are equal, so that fields cannot be mixed up.</summary>
internal static class GoldenSamples
{
    public static readonly ReplicaId A = new(0xa1);
    public static readonly ReplicaId B = new(0xb200_0000_0000_0001);
    public static readonly ReplicaId Ended = new(0xe3);
    public static readonly NodeId[] Owners = [new(1), new(2), new(300)];
    public static readonly OperationId Named = new(0x1122_3344_5566_7788, 9, 1_800_000_000_123);

    public static Bytes Key(string text) => Bytes.FromText(text);

    public static VersionVector Clock(params (ReplicaId Replica, long Sequence)[] entries)
    {
        var clock = new VersionVector();
        foreach (var (replica, sequence) in entries) clock.Advance(replica, sequence);
        return clock;
    }

    public static StableCut Stable { get; } =
        new(Clock((A, 3), (Ended, 130)), 1_700_000_000_456, [new RetiredReplica(Ended, new Dot(B, 4))]);

    /// <summary>A member, one that is leaving and one that is gone.</summary>
    public static FallbackMembership Fallbacks { get; } =
        FallbackMembership.Founding([new(4), new(5), new(6)]).Leave(new(5)).Leave(new(6)).Remove(new(6));

    public static SlotHolder[] Holders { get; } =
    [
        new(Owners[0], 1, IsHeld: true, Owners[0]),
        new(Owners[1], 7, IsHeld: false, new(8)),
        new(Owners[2], 1L << 40, IsHeld: true, new(9)),
    ];

    public static ReplicaEvent Event(
        ChangeKind kind = ChangeKind.Update,
        OperationId operation = default,
        StableCutDecision? decision = null,
        RetiredTable? retired = null) =>
        Event([("k", new SetAdd([Key("x")]), kind)], operation, decision, retired);

    public static ReplicaEvent Event(
        (string Key, Operation Operation, ChangeKind Kind)[] changes,
        OperationId operation = default,
        StableCutDecision? decision = null,
        RetiredTable? retired = null)
    {
        var seen = retired is null ? Clock((A, 4), (B, 2)) : Clock((A, 4), (B, 2), (Ended, 130));
        var context = new UpdateContext(A, seen, new HybridTimestamp(0x0102_0304_0506_0708), operation);
        var made = changes.Select(change => new KeyChange(
            Key(change.Key), Crdt.Crdt.Bottom(change.Operation.Type).Mutate(change.Operation, context), change.Kind)).ToArray();
        return ReplicaEvent.Create(context, made, new ByteWriter(), decision, retired);
    }

    /// <summary>Concurrent to <see cref="Event(ChangeKind, OperationId, StableCutDecision?, RetiredTable?)"/>.</summary>
    public static ReplicaEvent EventOfAnother()
    {
        var context = new UpdateContext(B, Clock((B, 2)), new HybridTimestamp(300), OperationId.None);
        var delta = Crdt.Crdt.Bottom(CrdtType.Set).Mutate(new SetAdd([Key("z")]), context);
        return ReplicaEvent.Create(context, [new KeyChange(Key("k"), delta, ChangeKind.Create)], new ByteWriter());
    }

    /// <summary>Encodes an event that was read once more, from its parts.</summary>
    public static byte[] Again(ReplicaEvent read)
    {
        var seen = new VersionVector();
        foreach (var entry in read.Clock.Entries)
            if (entry.Replica != read.Origin) seen.Advance(entry.Replica, entry.Sequence);
        seen.Advance(read.Origin, read.First.Sequence - 1);
        var context = new UpdateContext(read.Origin, seen, read.Timestamp, read.Operation);
        for (var i = 0; i < read.Count; i++) context.NextDot();
        var retired = read.LeavesOut ? RetiredTable.Of(Stable) : null;
        return ReplicaEvent.Create(context, [.. read.Changes], new ByteWriter(), read.StableCut, retired).Encoded;
    }

    /// <summary>What a key holds: a set, a counter of another life, an expiry.</summary>
    public static KeyEntry Entry()
    {
        var entry = new KeyEntry { LatestDeadlineMs = Named.DeadlineUnixMs };
        var clock = new VersionVector();
        var made = Event(
            [
                ("k", new SetAdd([Key("x"), Key("y")]), ChangeKind.Create), ("k", new CounterIncrement(5), ChangeKind.Update),
                ("k", new RegisterAssign(CrdtType.Expiry, new Bytes([0, 0, 1, 2, 3, 4, 5, 6])), ChangeKind.Create),
            ],
            Named);
        foreach (var change in made.Changes) entry.GetOrAdd(change.Delta.Type).Join(change, made, made.Clock, clock);
        return entry;
    }

    public static byte[] Written(Action<ByteWriter> encode)
    {
        var writer = new ByteWriter();
        encode(writer);
        return writer.ToArray();
    }
}
