using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Counters;
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
/// <para>An event says one thing until its owner makes another one of it (<see cref="Make"/>, <see cref="Read"/>). Whoever makes and reads
/// event after event has one object for that, and lends it. What is to be kept of a lent event is its <see cref="Encoded"/>: these bytes
/// are nobody's to change.</para>
/// </summary>
internal sealed class ReplicaEvent
{
    /// <summary>The version byte every encoding starts with.</summary>
    public const byte EncodingVersion = 1;

    private const byte HasCut = 1;
    private const byte LeavesOutFlag = 2;

    // Room for so many changes is kept. A batch may have thousands.
    private const int MostKept = 64;

    // The first delta of the event that was read last: the next event's may take its place.
    private PNCounter? _spare;

    /// <summary>The event's first dot.</summary>
    public Dot First { get; private set; }

    /// <summary>How many consecutive dots the event covers.</summary>
    public int Count { get; private set; }

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
    public VersionVector Clock { get; } = new();

    /// <summary>Greater than every timestamp its coordinator had seen in the partition.</summary>
    public HybridTimestamp Timestamp { get; private set; }

    /// <summary>The client's name for the operation, or none.</summary>
    public OperationId Operation { get; private set; }

    /// <summary>The changes. A single write has one entry.</summary>
    public List<KeyChange> Changes { get; } = new(1);

    /// <summary>
    /// The stable cut that everybody collects at when the event is applied; null where there is none. So what is stable is decided once,
    /// and takes effect at one point of the causal order.
    /// </summary>
    public StableCutDecision? StableCut { get; private set; }

    /// <summary>
    /// True where dependencies on retired ids are not stated. Only a replica that knows those ids can apply the event. A fallback node does
    /// not know them.
    /// </summary>
    public bool LeavesOut { get; private set; }

    /// <summary>The event's bytes. Not to be changed.</summary>
    public byte[] Encoded { get; private set; } = [];

    /// <summary>An event of changes that were just computed against <paramref name="context"/>.</summary>
    /// <inheritdoc cref="Make"/>
    public static ReplicaEvent Create(
        UpdateContext context, IReadOnlyList<KeyChange> changes, ByteWriter scratch, StableCutDecision? cut = null,
        RetiredTable? retired = null)
    {
        var made = new ReplicaEvent();
        made.Changes.AddRange(changes);
        made.Make(context, scratch, cut, retired);
        return made;
    }

    /// <summary>Reads an event. It keeps <paramref name="encoded"/>.</summary>
    /// <exception cref="CorruptDataException">The bytes are not an event.</exception>
    public static ReplicaEvent Decode(byte[] encoded)
    {
        var read = new ReplicaEvent();
        read.Read(encoded);
        return read;
    }

    /// <summary>
    /// Becomes the event of its <see cref="Changes"/>, which were just computed against <paramref name="context"/>, and encodes it.
    /// </summary>
    /// <param name="context">What the changes were computed against.</param>
    /// <param name="scratch">A buffer to encode with.</param>
    /// <param name="cut">The stable cut that everybody is to collect at; null where there is none.</param>
    /// <param name="retired">
    /// The ids that have retired where the event is made. The event does not name them. Null where no id has retired.
    /// </param>
    public void Make(UpdateContext context, ByteWriter scratch, StableCutDecision? cut = null, RetiredTable? retired = null)
    {
        First = new Dot(context.Origin, context.FirstSequence);
        Count = context.Count;
        (Timestamp, Operation) = (context.Timestamp, context.Operation);
        StableCut = cut;
        LeavesOut = retired is { IsEmpty: false };
        Clock.Set(LeavesOut ? retired!.LeaveOutOf(context.Dependencies) : context.Dependencies);
        Clock.Advance(Origin, Last.Sequence);
        scratch.Clear();
        scratch.WriteByte(EncodingVersion);
        scratch.WriteDot(First);
        scratch.WriteVarint((ulong)Count);
        EncodeDependencies(scratch);
        scratch.WriteFixed64((ulong)Timestamp.Value);
        EncodeOperation(scratch, Operation);
        scratch.WriteVarint((ulong)Changes.Count);
        foreach (var change in Changes)
        {
            scratch.WriteBytes(change.Key.Span);
            scratch.WriteByte((byte)change.Kind);
            change.Delta.Encode(scratch);
        }

        scratch.WriteByte((byte)((cut is null ? 0 : HasCut) | (LeavesOut ? LeavesOutFlag : 0)));
        cut?.Encode(scratch);
        Encoded = scratch.ToArray();
    }

    /// <summary>Becomes the event of these bytes.</summary>
    /// <param name="encoded">The bytes. It keeps them.</param>
    /// <param name="keys">Keys that need no copy, because they are held there already; null where none are known.</param>
    /// <exception cref="CorruptDataException">The bytes are not an event. What this one says means nothing then.</exception>
    public void Read(byte[] encoded, Keyspace? keys = null)
    {
        Clear();
        var reader = new ByteReader(encoded);
        var version = reader.ReadByte();
        if (version != EncodingVersion) throw new CorruptDataException($"unknown event version {version}");
        First = reader.ReadDot();
        var count = reader.ReadVarint();
        if (count is 0 or > int.MaxValue) throw new CorruptDataException($"an event covers {count} dots");
        Count = (int)count;
        Clock.Read(ref reader, spare: 1);
        if (Clock[Origin] != 0) throw new CorruptDataException("an event names its own origin among its dependencies");
        Clock.Advance(Origin, Last.Sequence);
        Timestamp = new HybridTimestamp((long)reader.ReadFixed64());
        Operation = DecodeOperation(ref reader);
        for (var left = reader.ReadCount(minimumBytesEach: 4); left > 0; left--) Changes.Add(DecodeChange(ref reader, keys));
        var flags = reader.ReadByte();
        if (flags > (HasCut | LeavesOutFlag)) throw new CorruptDataException($"unknown flags {flags} on an event");
        StableCut = (flags & HasCut) != 0 ? StableCutDecision.Decode(ref reader) : null;
        LeavesOut = (flags & LeavesOutFlag) != 0;
        reader.ExpectEnd();
        Encoded = encoded;
    }

    /// <summary>The last dot of the event of these bytes, without reading more of them.</summary>
    /// <exception cref="CorruptDataException">The bytes are not an event.</exception>
    public static Dot LastOf(ReadOnlySpan<byte> encoded)
    {
        var reader = new ByteReader(encoded);
        reader.ReadByte();
        var first = reader.ReadDot();
        return new Dot(first.Replica, first.Sequence + (long)reader.ReadVarint() - 1);
    }

    /// <summary>Lets go of what the event says: its owner is done with it.</summary>
    public void Clear()
    {
        Changes.Clear();
        if (Changes.Capacity > MostKept) Changes.Capacity = 1;
        StableCut = null;
        Encoded = [];
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

    private KeyChange DecodeChange(ref ByteReader reader, Keyspace? keys)
    {
        var key = keys is null ? reader.ReadBytes() : keys.KeyOf(reader.ReadSpan());
        var kind = (ChangeKind)reader.ReadByte();
        if (kind > ChangeKind.Delete) throw new CorruptDataException($"unknown kind {(byte)kind} of a change");
        var delta = Changes.Count == 0 ? Crdt.Crdt.Decode(ref reader, ref _spare) : Crdt.Crdt.Decode(ref reader);
        return new KeyChange(key, delta, kind);
    }

    // The first dot implies the origin's own component.
    private void EncodeDependencies(ByteWriter writer)
    {
        writer.WriteVarint((ulong)(Clock.Count - 1));
        foreach (var entry in Clock.Entries)
        {
            if (entry.Replica == Origin) continue;
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
