using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Time;

namespace Gossipdb.Replication.Wire;

/// <summary>
/// Gossip: everything that the sender has applied, everything that its journal holds, and a time that has passed for it for certain, in
/// Unix milliseconds (<see cref="ClusterTime.PassedUnixMs"/>).
/// </summary>
internal sealed record ClocksMessage(ReplicaId Sender, VersionVector Applied, VersionVector Durable, bool AnswerWanted, long SentAtMs)
    : PeerMessage(Sender)
{
    private const byte AllDurable = 1;
    private const byte WantsAnswer = 2;
    private const byte ExchangeFlag = 4;
    private const byte AnswersExchange = 8;
    private const byte HasDigest = 16;
    private const byte TellsRetired = 32;
    private const byte LacksPastFlag = 64;
    private const byte HasEpochs = 128;

    // In an answer to a clock exchange two bits are free, because an answer neither asks nor wants an answer.
    private const byte ServesFlag = ExchangeFlag;
    private const byte DamagedFlag = WantsAnswer;
    private ulong _retiredHash;

    /// <summary>
    /// True where the sender wants an answer in any case, with what is remembered of its node. It has just started, or it decides what is
    /// stable.
    /// </summary>
    public bool StartsExchange { get; init; }

    /// <summary>
    /// In an answer to a clock exchange: what the receiver's node was last heard to have on disk, in whichever of its incarnations. Null
    /// elsewhere.
    /// </summary>
    public VersionVector? Remembered { get; init; }

    /// <summary>In an answer to a clock exchange: the stable cut that the sender has collected at. Null elsewhere.</summary>
    public VersionVector? StableCutClock { get; init; }

    /// <summary>In an answer to a clock exchange: the sender serves, and so vouches for what it has. False elsewhere.</summary>
    public bool IsServing { get; init; }

    /// <summary>In an answer to a clock exchange: the sender's journal is damaged, and is not mended yet. False elsewhere.</summary>
    public bool IsDamaged { get; init; }

    /// <summary>
    /// The slots' epochs, as the sender knows them. It refuses whatever is claimed under older ones. Empty where no slot has ever moved.
    /// </summary>
    public long[] Epochs { get; init; } = [];

    /// <summary>How many nodes the sender knows to be lost for good. It takes nothing of them.</summary>
    public int Lost { get; init; }

    /// <summary>
    /// True where an earlier incarnation of the sender's node may have made something that the clocks do not cover. Nothing is stable by
    /// these clocks then.
    /// </summary>
    public bool LacksPast { get; internal set; }

    /// <summary>
    /// The hash of the sender's table of retired ids; 0 where none has retired. To a receiver with the same table, clocks need not name
    /// those ids.
    /// </summary>
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

        // An idle replica has journaled all that it applied. One bit says so, instead of a second clock.
        var allDurable = Durable.Equals(Applied);
        var tellsRetired = FoldedWith == 0 && RetiredHash != 0;
        writer.WriteByte((byte)((allDurable ? AllDurable : 0) | (AnswerWanted || IsDamaged ? WantsAnswer : 0)
            | (StartsExchange || IsServing ? ExchangeFlag : 0)
            | (Remembered is not null
                ? AnswersExchange
                : 0) | (Digest is not null ? HasDigest : 0) | (tellsRetired ? TellsRetired : 0) | (LacksPast ? LacksPastFlag : 0)
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
        var answersExchange = (flags & AnswersExchange) != 0;
        var remembered = answersExchange ? VersionVector.Decode(ref reader) : null;
        var cut = answersExchange ? VersionVector.Decode(ref reader) : null;
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

        return new ClocksMessage(sender, applied, durable, !answersExchange && (flags & WantsAnswer) != 0, sentAt)
        {
            StartsExchange = !answersExchange && (flags & ExchangeFlag) != 0,
            IsServing = answersExchange && (flags & ServesFlag) != 0,
            IsDamaged = answersExchange && (flags & DamagedFlag) != 0,
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
