using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Time;

namespace Gossipdb.Replication.Wire;

/// <summary>
/// What replicas of one partition say to each other. Every message names the sending incarnation, so that what an earlier life of a node
/// knew is never taken for what its present one knows.
/// </summary>
public abstract record PeerMessage(ReplicaId Sender)
{
    // Beside the tag: the clocks in the message leave out retired ids, and the hash of the table of those follows the tag.
    private const byte FoldedFlag = 0x80;
    private const byte EventsTag = 1;
    private const byte AckTag = 2;
    private const byte ClocksTag = 3;
    private const byte FetchTag = 4;
    private const byte ReadQueryTag = 5;
    private const byte ReadAnswerTag = 6;
    private const byte RightsRequestTag = 7;
    private const byte BeyondLogTag = 8;
    private const byte ImageRequestTag = 9;
    private const byte ImageSliceTag = 10;
    private const byte SlotsTag = 11;
    private const byte PromiseRequestTag = 12;
    private const byte PromiseAnswerTag = 13;
    private protected const byte FallbackTag = 15;
    private const byte HintTag = 16;
    private const byte HintAckTag = 17;
    private const byte StabilityPollTag = 18;
    private const byte ProgressQueryTag = 21;
    private const byte ProgressAnswerTag = 22;

    /// <summary>The slot its sender holds. Set by the replica that sends it.</summary>
    public SlotClaim Claim { get; internal set; } = SlotClaim.None;

    /// <summary>The hash of the table of retired ids that the clocks in the message leave out (<see cref="RetiredTable.Hash"/>); 0 where they are whole.</summary>
    public ulong FoldedWith { get; internal set; }

    /// <summary>Writes the message: a tag, the sender and what it holds, the body.</summary>
    public void Encode(ByteWriter writer)
    {
        var folded = FoldedWith == 0 ? 0 : FoldedFlag;
        writer.WriteByte((byte)(folded | this switch
        {
            EventsMessage => EventsTag,
            AckMessage => AckTag,
            ClocksMessage => ClocksTag,
            FetchMessage => FetchTag,
            ReadQueryMessage => ReadQueryTag,
            ReadAnswerMessage => ReadAnswerTag,
            RightsRequestMessage => RightsRequestTag,
            BeyondLogMessage => BeyondLogTag,
            ImageRequestMessage => ImageRequestTag,
            ImageSliceMessage => ImageSliceTag,
            SlotsMessage => SlotsTag,
            PromiseRequestMessage => PromiseRequestTag,
            PromiseAnswerMessage => PromiseAnswerTag,
            FallbackMessage => FallbackTag,
            HintMessage => HintTag,
            HintAckMessage => HintAckTag,
            StabilityPollMessage => StabilityPollTag,
            ProgressQueryMessage => ProgressQueryTag,
            ProgressAnswerMessage => ProgressAnswerTag,
            _ => throw new InvalidOperationException($"no tag for {GetType().Name}"),
        }));
        if (folded != 0) writer.WriteFixed64(FoldedWith);
        writer.WriteReplicaId(Sender);
        writer.WriteVarint((ulong)(Claim.Slot + 1));
        if (Claim.Slot >= 0) writer.WriteVarint((ulong)Claim.Epoch);
        EncodeBody(writer);
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="CorruptDataException">The bytes are not a message.</exception>
    public static PeerMessage Decode(ref ByteReader reader)
    {
        var tag = reader.ReadByte();
        var foldedWith = (tag & FoldedFlag) != 0 ? reader.ReadFixed64() : 0;
        if (foldedWith == 0 && tag != WithoutFlag(tag)) throw new CorruptDataException("a message leaves out retired ids and does not say which");
        var sender = reader.ReadReplicaId();
        var slot = (int)Math.Min(reader.ReadVarint(), 65) - 1;
        var claim = slot < 0 ? SlotClaim.None : new SlotClaim(slot, (long)reader.ReadVarint());
        var message = DecodeBody(WithoutFlag(tag), sender, ref reader);
        message.Claim = claim;
        message.FoldedWith = foldedWith;
        return message;
    }

    private protected static byte WithoutFlag(byte tag) => (byte)(tag & ~FoldedFlag);

    private static PeerMessage DecodeBody(byte tag, ReplicaId sender, ref ByteReader reader)
    {
        return tag switch
        {
            EventsTag => EventsMessage.DecodeBody(sender, ref reader),
            AckTag => AckMessage.DecodeBody(sender, ref reader),
            ClocksTag => ClocksMessage.DecodeBody(sender, ref reader),
            FetchTag => new FetchMessage(sender, VersionVector.Decode(ref reader)),
            ReadQueryTag => ReadQueryMessage.DecodeBody(sender, ref reader),
            ReadAnswerTag => ReadAnswerMessage.DecodeBody(sender, ref reader),
            RightsRequestTag => RightsRequestMessage.DecodeBody(sender, ref reader),
            BeyondLogTag => new BeyondLogMessage(sender),
            ImageRequestTag => ImageRequestMessage.DecodeBody(sender, ref reader),
            ImageSliceTag => ImageSliceMessage.DecodeBody(sender, ref reader),
            SlotsTag => SlotsMessage.DecodeBody(sender, ref reader),
            PromiseRequestTag => PromiseRequestMessage.DecodeBody(sender, ref reader),
            PromiseAnswerTag => PromiseAnswerMessage.DecodeBody(sender, ref reader),
            FallbackTag => FallbackMessage.DecodeBody(sender, ref reader),
            HintTag => HintMessage.DecodeBody(sender, ref reader),
            HintAckTag => HintAckMessage.DecodeBody(sender, ref reader),
            StabilityPollTag => StabilityPollMessage.DecodeBody(sender, ref reader),
            ProgressQueryTag => new ProgressQueryMessage(sender, reader.ReadSigned()),
            ProgressAnswerTag => new ProgressAnswerMessage(sender, reader.ReadReplicaId(), reader.ReadSigned(), VersionVector.Decode(ref reader)),
            _ => throw new CorruptDataException($"unknown message {tag}"),
        };
    }

    /// <summary>Writes what follows tag and sender.</summary>
    protected abstract void EncodeBody(ByteWriter writer);
}

/// <summary>Which clock of the receiver the sender of events waits for.</summary>
[Flags]
public enum AckWanted : byte
{
    /// <summary>None: an answer to a fetch.</summary>
    None = 0,

    /// <summary>An ack as soon as the events are applied (some write waits for <see cref="Durability.Memory"/>).</summary>
    Applied = 1,

    /// <summary>An ack once they are durable.</summary>
    Durable = 2,
}

/// <summary>Events in causal order: a coordinator's own, pushed as they are made, or the answer to a fetch.</summary>
/// <param name="Sender">The sending incarnation.</param>
/// <param name="Ack">Which acks of the sender's own events are wanted.</param>
/// <param name="AnswersFetch">True of an answer to a fetch.</param>
/// <param name="More">True where the answer to a fetch was cut at its limit.</param>
/// <param name="Encoded">The events' bytes.</param>
public sealed record EventsMessage(ReplicaId Sender, AckWanted Ack, bool AnswersFetch, bool More, IReadOnlyList<byte[]> Encoded) : PeerMessage(Sender)
{
    /// <inheritdoc/>
    protected override void EncodeBody(ByteWriter writer)
    {
        writer.WriteByte((byte)Ack);
        writer.WriteBool(AnswersFetch);
        writer.WriteBool(More);
        writer.WriteVarint((ulong)Encoded.Count);
        for (var i = 0; i < Encoded.Count; i++) writer.WriteBytes(Encoded[i]);
    }

    internal static EventsMessage DecodeBody(ReplicaId sender, ref ByteReader reader)
    {
        var ack = (AckWanted)reader.ReadByte();
        var answersFetch = reader.ReadBool();
        var more = reader.ReadBool();
        var events = new byte[reader.ReadCount(minimumBytesEach: 20)][];
        for (var i = 0; i < events.Length; i++) events[i] = reader.ReadSpan().ToArray();
        return new EventsMessage(sender, ack, answersFetch, more, events);
    }
}

/// <summary>How far the sender has applied and journaled one origin's events. Cumulative.</summary>
public sealed record AckMessage(ReplicaId Sender, ReplicaId Origin, long Applied, long Durable) : PeerMessage(Sender)
{
    /// <inheritdoc/>
    protected override void EncodeBody(ByteWriter writer)
    {
        writer.WriteReplicaId(Origin);
        writer.WriteVarint((ulong)Applied);
        writer.WriteVarint((ulong)Durable);
    }

    internal static AckMessage DecodeBody(ReplicaId sender, ref ByteReader reader) =>
        new(sender, reader.ReadReplicaId(), (long)reader.ReadVarint(), (long)reader.ReadVarint());
}

/// <summary>
/// Gossip: everything the sender has applied, everything its journal holds, and what time has passed for it for certain, in Unix
/// milliseconds (<see cref="ClusterTime.PassedUnixMs"/>).
/// </summary>
public sealed record ClocksMessage(ReplicaId Sender, VersionVector Applied, VersionVector Durable, bool AnswerWanted, long SentAtMs) : PeerMessage(Sender)
{
    private const byte AllDurable = 1;
    private const byte WantsAnswer = 2;
    private const byte ExchangeFlag = 4;
    private const byte AnswersHello = 8;
    private const byte HasDigest = 16;
    private const byte TellsRetired = 32;
    private const byte LacksPastFlag = 64;
    private const byte HasEpochs = 128;
    private ulong _retiredHash;

    /// <summary>True where the sender wants an answer in any case, with what is remembered of its node: it has just started, or decides what is stable.</summary>
    public bool StartsExchange { get; init; }

    /// <summary>Answers a hello: what the receiver's node was last heard to have on disk, in whichever of its lives. Null elsewhere.</summary>
    public VersionVector? Remembered { get; init; }

    /// <summary>Answers a hello: what the sender has collected at. Null elsewhere.</summary>
    public VersionVector? StableCutClock { get; init; }

    /// <summary>The slots' epochs as the sender knows them: whatever is claimed under older ones it refuses. Empty where no slot has ever moved.</summary>
    public long[] Epochs { get; init; } = [];

    /// <summary>How many nodes the sender knows to be lost for good: it takes nothing of them.</summary>
    public int Lost { get; init; }

    /// <summary>True where an earlier life of the sender's node may have made something that the clocks do not cover: nothing is stable by them.</summary>
    public bool LacksPast { get; internal set; }

    /// <summary>The hash of the sender's table of retired ids; 0 where none has retired. To who has the same table, clocks need not name those.</summary>
    public ulong RetiredHash
    {
        get => FoldedWith != 0 ? FoldedWith : _retiredHash;
        internal set => _retiredHash = value;
    }

    /// <summary>The digest of the sender's state at <see cref="Applied"/>, where it has been computed.</summary>
    public UInt128? Digest { get; init; }

    /// <inheritdoc/>
    protected override void EncodeBody(ByteWriter writer)
    {
        Applied.Encode(writer);

        // Idle replicas have journaled all they applied: one bit instead of a second clock.
        var allDurable = Durable.Equals(Applied);
        var tellsRetired = FoldedWith == 0 && RetiredHash != 0;
        writer.WriteByte((byte)((allDurable ? AllDurable : 0) | (AnswerWanted ? WantsAnswer : 0) | (StartsExchange ? ExchangeFlag : 0)
            | (Remembered is not null ? AnswersHello : 0) | (Digest is not null ? HasDigest : 0) | (tellsRetired ? TellsRetired : 0) | (LacksPast ? LacksPastFlag : 0)
            | (Epochs.Length > 0 || Lost > 0 ? HasEpochs : 0)));
        writer.WriteSigned(SentAtMs);
        if (tellsRetired) writer.WriteFixed64(RetiredHash);
        if (!allDurable) Durable.Encode(writer);
        Remembered?.Encode(writer);
        if (Remembered is not null) StableCutClock!.Encode(writer);
        if (Epochs.Length > 0 || Lost > 0)
        {
            writer.WriteVarint((ulong)Epochs.Length);
            foreach (var epoch in Epochs) writer.WriteVarint((ulong)epoch);
            writer.WriteVarint((ulong)Lost);
        }

        if (Digest is not { } digest) return;
        writer.WriteFixed64((ulong)digest);
        writer.WriteFixed64((ulong)(digest >> 64));
    }

    internal static ClocksMessage DecodeBody(ReplicaId sender, ref ByteReader reader)
    {
        var applied = VersionVector.Decode(ref reader);
        var flags = reader.ReadByte();
        var sentAt = reader.ReadSigned();
        var retiredHash = (flags & TellsRetired) != 0 ? reader.ReadFixed64() : 0;
        var durable = (flags & AllDurable) != 0 ? applied : VersionVector.Decode(ref reader);
        var answersHello = (flags & AnswersHello) != 0;
        var remembered = answersHello ? VersionVector.Decode(ref reader) : null;
        var cut = answersHello ? VersionVector.Decode(ref reader) : null;
        long[] epochs = [];
        var lost = 0;
        if ((flags & HasEpochs) != 0)
        {
            epochs = new long[reader.ReadCount(minimumBytesEach: 1)];
            for (var i = 0; i < epochs.Length; i++) epochs[i] = (long)reader.ReadVarint();
            lost = (int)Math.Min(reader.ReadVarint(), int.MaxValue);
        }

        UInt128? digest = null;
        if ((flags & HasDigest) != 0)
        {
            var low = reader.ReadFixed64();
            digest = new UInt128(reader.ReadFixed64(), low);
        }

        return new ClocksMessage(sender, applied, durable, (flags & WantsAnswer) != 0, sentAt)
        {
            StartsExchange = (flags & ExchangeFlag) != 0,
            Remembered = remembered,
            StableCutClock = cut,
            Epochs = epochs,
            Lost = lost,
            Digest = digest,
            RetiredHash = retiredHash,
            LacksPast = (flags & LacksPastFlag) != 0,
        };
    }
}

/// <summary>Asks for events the sender's clock does not cover.</summary>
public sealed record FetchMessage(ReplicaId Sender, VersionVector Clock) : PeerMessage(Sender)
{
    /// <inheritdoc/>
    protected override void EncodeBody(ByteWriter writer) => Clock.Encode(writer);
}

/// <summary>A coordinator's question to a peer owner for a quorum read: what do you know of these keys that my clock does not cover?</summary>
public sealed record ReadQueryMessage(ReplicaId Sender, ulong Id, IReadOnlyList<Bytes> Keys, VersionVector Clock) : PeerMessage(Sender)
{
    /// <inheritdoc/>
    protected override void EncodeBody(ByteWriter writer)
    {
        writer.WriteVarint(Id);
        writer.WriteVarint((ulong)Keys.Count);
        for (var i = 0; i < Keys.Count; i++) writer.WriteBytes(Keys[i].Span);
        Clock.Encode(writer);
    }

    internal static ReadQueryMessage DecodeBody(ReplicaId sender, ref ByteReader reader)
    {
        var id = reader.ReadVarint();
        var keys = new Bytes[reader.ReadCount(minimumBytesEach: 1)];
        for (var i = 0; i < keys.Length; i++) keys[i] = reader.ReadBytes();
        return new ReadQueryMessage(sender, id, keys, VersionVector.Decode(ref reader));
    }
}

/// <summary>
/// The answer: <em>covered</em> (a few bytes, whatever the object weighs), or the state of each key that is not, all at one clock, or, of large
/// objects, only the clock of their last changes: the asker answers once its own clock covers that.
/// </summary>
/// <param name="Sender">The answering incarnation.</param>
/// <param name="Asker">The incarnation that asked. A restarted coordinator counts its questions from 1 again, and must not take an answer to its earlier life, which knew more, for one to itself.</param>
/// <param name="Id">The question's.</param>
/// <param name="Clock">Null where the asker's clock covers all the sender knows of the keys.</param>
/// <param name="State">Of each key asked for, whether it follows, and then its encoded <see cref="KeyEntry"/>; empty where all is covered, and of large objects.</param>
/// <param name="StableCut">The stable cut the state was collected at; null where there is none.</param>
public sealed record ReadAnswerMessage(ReplicaId Sender, ReplicaId Asker, ulong Id, VersionVector? Clock, ReadOnlyMemory<byte> State, StableCut? StableCut = null) : PeerMessage(Sender)
{
    /// <inheritdoc/>
    protected override void EncodeBody(ByteWriter writer)
    {
        writer.WriteReplicaId(Asker);
        writer.WriteVarint(Id);
        writer.WriteBool(Clock is null);
        if (Clock is null) return;
        Clock.Encode(writer);
        writer.WriteBytes(State.Span);
        writer.WriteBool(StableCut is not null);
        StableCut?.Encode(writer);
    }

    internal static ReadAnswerMessage DecodeBody(ReplicaId sender, ref ByteReader reader)
    {
        var asker = reader.ReadReplicaId();
        var id = reader.ReadVarint();
        if (reader.ReadBool()) return new ReadAnswerMessage(sender, asker, id, null, default);
        var clock = VersionVector.Decode(ref reader);
        var state = reader.ReadSpan().ToArray();
        return new ReadAnswerMessage(sender, asker, id, clock, state, reader.ReadBool() ? StableCut.Decode(ref reader) : null);
    }
}

/// <summary>Asks for rights of a bounded counter. The answer is an event that hands some over, or nothing.</summary>
/// <param name="Sender">The asking incarnation: whom the rights go to.</param>
/// <param name="Key">The key.</param>
/// <param name="Path">The fields that lead to the counter, where it is inside a map.</param>
/// <param name="Amount">How much is missing.</param>
public sealed record RightsRequestMessage(ReplicaId Sender, Bytes Key, Bytes[] Path, long Amount) : PeerMessage(Sender)
{
    /// <inheritdoc/>
    protected override void EncodeBody(ByteWriter writer)
    {
        writer.WriteBytes(Key.Span);
        writer.WriteVarint((ulong)Path.Length);
        foreach (var field in Path) writer.WriteBytes(field.Span);
        writer.WriteVarint((ulong)Amount);
    }

    internal static RightsRequestMessage DecodeBody(ReplicaId sender, ref ByteReader reader)
    {
        var key = reader.ReadBytes();
        var path = new Bytes[reader.ReadCount(minimumBytesEach: 1)];
        for (var i = 0; i < path.Length; i++) path[i] = reader.ReadBytes();
        return new RightsRequestMessage(sender, key, path, (long)reader.ReadVarint());
    }
}
