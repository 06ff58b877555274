using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Replication.State;

/// <summary>What a change does to the existence of the object it changes, as its coordinator saw it.</summary>
internal enum ChangeKind : byte
{
    /// <summary>The object was there.</summary>
    Update,

    /// <summary>Readers saw nothing there. The change creates the object.</summary>
    Create,

    /// <summary>The object is deleted, as far as the coordinator saw it.</summary>
    Delete,
}

/// <summary>One key's part of an event.</summary>
internal readonly record struct KeyChange(Bytes Key, Crdt.Crdt Delta, ChangeKind Kind);

/// <summary>
/// One mutation, which is applied as one. Its name is its origin with a run of that origin's sequences. The coordinator encodes it once.
/// The same bytes go to the journal, to each peer and to whoever fetches them.
/// </summary>
internal sealed class ReplicaEvent
{
    /// <summary>The version byte every encoding starts with.</summary>
    public const byte EncodingVersion = 1;

    private const byte HasCut = 1;
    private const byte LeavesOutFlag = 2;

    private ReplicaEvent(
        Dot first, int count, VersionVector clock, HybridTimestamp timestamp, OperationId operation, KeyChange[] changes,
        StableCutDecision? cut, bool leavesOut, byte[] encoded)
    {
        First = first;
        Count = count;
        Clock = clock;
        Timestamp = timestamp;
        Operation = operation;
        Changes = changes;
        StableCut = cut;
        LeavesOut = leavesOut;
        Encoded = encoded;
    }

    /// <summary>The event's first dot.</summary>
    public Dot First { get; }

    /// <summary>How many consecutive dots the event covers.</summary>
    public int Count { get; }

    /// <summary>The replica that made the event.</summary>
    public ReplicaId Origin => First.Replica;

    /// <summary>The event's last dot. A replica that has applied this dot has applied the event.</summary>
    public Dot Last => new(First.Replica, First.Sequence + Count - 1);

    /// <summary>
    /// The event's own dots and the dependencies it states. It states all but the changes of ids that had retired where it was made. A
    /// replica that covers the stated dependencies covers the others too: the stated ones include the events that retired those ids, and
    /// these depend on everything left out. The deltas are states at this clock with the retired ids added, by
    /// <see cref="RetiredTable.AddTo(VersionVector)"/> of whoever applies the event.
    /// </summary>
    public VersionVector Clock { get; }

    /// <summary>Greater than every timestamp its coordinator had seen in the partition.</summary>
    public HybridTimestamp Timestamp { get; }

    /// <summary>The client's name for the operation, or none.</summary>
    public OperationId Operation { get; }

    /// <summary>The changes. A single write has one entry.</summary>
    public KeyChange[] Changes { get; }

    /// <summary>
    /// The stable cut that everybody collects at when the event is applied; null where there is none. So what is stable is decided once,
    /// and takes effect at one point of the causal order.
    /// </summary>
    public StableCutDecision? StableCut { get; }

    /// <summary>
    /// True where dependencies on retired ids are not stated. Only a replica that knows those ids can apply the event. A fallback node does
    /// not know them.
    /// </summary>
    public bool LeavesOut { get; }

    /// <summary>The event's bytes. Not to be changed.</summary>
    public byte[] Encoded { get; }

    /// <summary>Makes an event of changes that were just computed against <paramref name="context"/>, and encodes it.</summary>
    /// <param name="context">What the changes were computed against.</param>
    /// <param name="changes">The changes.</param>
    /// <param name="scratch">A buffer to encode with.</param>
    /// <param name="cut">The stable cut that everybody is to collect at; null where there is none.</param>
    /// <param name="retired">
    /// The ids that have retired where the event is made. The event does not name them. Null where no id has retired.
    /// </param>
    public static ReplicaEvent Create(
        UpdateContext context, KeyChange[] changes, ByteWriter scratch, StableCutDecision? cut = null, RetiredTable? retired = null)
    {
        var first = new Dot(context.Origin, context.FirstSequence);
        var leavesOut = retired is { IsEmpty: false };
        var stated = leavesOut ? retired!.LeaveOutOf(context.Dependencies) : context.Dependencies;
        var clock = stated.CopyAt(context.Origin, context.FirstSequence + context.Count - 1);
        scratch.Clear();
        scratch.WriteByte(EncodingVersion);
        scratch.WriteDot(first);
        scratch.WriteVarint((ulong)context.Count);
        EncodeDependencies(scratch, clock, context.Origin);
        scratch.WriteFixed64((ulong)context.Timestamp.Value);
        EncodeOperation(scratch, context.Operation);
        scratch.WriteVarint((ulong)changes.Length);
        foreach (var change in changes)
        {
            scratch.WriteBytes(change.Key.Span);
            scratch.WriteByte((byte)change.Kind);
            change.Delta.Encode(scratch);
        }

        scratch.WriteByte((byte)((cut is null ? 0 : HasCut) | (leavesOut ? LeavesOutFlag : 0)));
        cut?.Encode(scratch);
        return new ReplicaEvent(
            first, context.Count, clock, context.Timestamp, context.Operation, changes, cut, leavesOut, scratch.ToArray());
    }

    /// <summary>Reads an event. It keeps <paramref name="encoded"/>.</summary>
    /// <exception cref="CorruptDataException">The bytes are not an event.</exception>
    public static ReplicaEvent Decode(byte[] encoded)
    {
        var reader = new ByteReader(encoded);
        var version = reader.ReadByte();
        if (version != EncodingVersion) throw new CorruptDataException($"unknown event version {version}");
        var first = reader.ReadDot();
        var count = reader.ReadVarint();
        if (count is 0 or > int.MaxValue) throw new CorruptDataException($"an event covers {count} dots");
        var clock = VersionVector.Decode(ref reader, spare: 1);
        if (clock[first.Replica] != 0) throw new CorruptDataException("an event names its own origin among its dependencies");
        clock.Advance(first.Replica, first.Sequence + (long)count - 1);
        var timestamp = new HybridTimestamp((long)reader.ReadFixed64());
        var operation = DecodeOperation(ref reader);
        var changes = new KeyChange[reader.ReadCount(minimumBytesEach: 4)];
        for (var i = 0; i < changes.Length; i++) changes[i] = DecodeChange(ref reader);
        var flags = reader.ReadByte();
        if (flags > (HasCut | LeavesOutFlag)) throw new CorruptDataException($"unknown flags {flags} on an event");
        var cut = (flags & HasCut) != 0 ? StableCutDecision.Decode(ref reader) : null;
        reader.ExpectEnd();
        return new ReplicaEvent(first, (int)count, clock, timestamp, operation, changes, cut, (flags & LeavesOutFlag) != 0, encoded);
    }

    /// <summary>
    /// Rule 1: whether a replica or a fallback node may apply the event when its applied events are at <paramref name="clock"/>. It may
    /// where the event is the next one of its origin and its dependencies are covered.
    /// </summary>
    public bool IsApplicableAt(ClockView clock)
    {
        foreach (var entry in Clock.Entries)
        {
            var have = clock[entry.Replica];
            if (entry.Replica == Origin ? have != First.Sequence - 1 : have < entry.Sequence) return false;
        }

        return true;
    }

    private static KeyChange DecodeChange(ref ByteReader reader)
    {
        var key = reader.ReadBytes();
        var kind = (ChangeKind)reader.ReadByte();
        if (kind > ChangeKind.Delete) throw new CorruptDataException($"unknown kind {(byte)kind} of a change");
        return new KeyChange(key, Crdt.Crdt.Decode(ref reader), kind);
    }

    // The first dot implies the origin's own component.
    private static void EncodeDependencies(ByteWriter writer, VersionVector clock, ReplicaId origin)
    {
        writer.WriteVarint((ulong)(clock.Count - 1));
        foreach (var entry in clock.Entries)
        {
            if (entry.Replica == origin) continue;
            writer.WriteReplicaId(entry.Replica);
            writer.WriteVarint((ulong)entry.Sequence);
        }
    }

    private static void EncodeOperation(ByteWriter writer, OperationId operation)
    {
        writer.WriteBool(operation.IsGiven);
        if (!operation.IsGiven) return;
        writer.WriteFixed64(operation.Client);
        writer.WriteVarint(operation.Number);
        writer.WriteSigned(operation.DeadlineUnixMs);
    }

    private static OperationId DecodeOperation(ref ByteReader reader)
    {
        if (!reader.ReadBool()) return OperationId.None;
        var operation = new OperationId(reader.ReadFixed64(), reader.ReadVarint(), reader.ReadSigned());
        return operation.IsGiven ? operation : throw new CorruptDataException("an operation id has no client");
    }
}
