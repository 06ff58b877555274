using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;

namespace Gossipdb.Replication.Wire;

/// <summary>
/// What replicas of one partition say to each other. Every message names the sending incarnation. So what an earlier incarnation of a node
/// knew is never taken for what its present one knows.
/// </summary>
public abstract record PeerMessage(ReplicaId Sender)
{
    // Set in the tag's byte where the clocks in the message leave out retired ids. The hash of the table of those ids follows.
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

    /// <summary>The slot that the sender holds. The <c>MessageStamper</c> sets it.</summary>
    public SlotClaim Claim { get; internal set; } = SlotClaim.None;

    /// <summary>
    /// The hash of the table of retired ids that the clocks in the message leave out (<see cref="RetiredTable.Hash"/>). 0 where the clocks
    /// are whole.
    /// </summary>
    public ulong FoldedWith { get; internal set; }

    /// <summary>Writes the message: a tag, the sender, its claim, and the body.</summary>
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
        if (foldedWith == 0 && tag != WithoutFlag(tag))
            throw new CorruptDataException("a message leaves out retired ids and does not say which");
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
            ProgressAnswerTag =>
                new ProgressAnswerMessage(sender, reader.ReadReplicaId(), reader.ReadSigned(), VersionVector.Decode(ref reader)),
            _ => throw new CorruptDataException($"unknown message {tag}"),
        };
    }

    /// <summary>Writes what follows the claim.</summary>
    protected abstract void EncodeBody(ByteWriter writer);
}
