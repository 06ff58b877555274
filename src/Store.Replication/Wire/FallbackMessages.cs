using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Replication.Wire;

/// <summary>
/// What owners and stand-ins say to each other, in an envelope of its own: a node may be both of one partition while the layout changes.
/// </summary>
/// <param name="Sender">The sending incarnation.</param>
/// <param name="IsForFallback">True where a stand-in is to take it, false where an owner is.</param>
/// <param name="Inner">What is said.</param>
/// <param name="IsOfFallback">True where a stand-in says it: to an owner, or to another stand-in.</param>
public sealed record FallbackMessage(ReplicaId Sender, bool IsForFallback, PeerMessage Inner, bool IsOfFallback = false)
    : PeerMessage(Sender)
{
    /// <inheritdoc/>
    protected override void EncodeBody(ByteWriter writer)
    {
        writer.WriteBool(IsForFallback);
        writer.WriteBool(IsOfFallback);
        Inner.Encode(writer);
    }

    internal static FallbackMessage DecodeBody(ReplicaId sender, ref ByteReader reader)
    {
        var isForFallback = reader.ReadBool();
        var isOfFallback = reader.ReadBool();
        var ahead = reader;
        if (WithoutFlag(ahead.ReadByte()) == FallbackTag) throw new CorruptDataException("a stand-in's envelope inside another one");
        return new FallbackMessage(sender, isForFallback, Decode(ref reader), isOfFallback);
    }
}

/// <summary>A coordinator's events for a stand-in to hold, in causal order and without gaps.</summary>
/// <param name="Sender">The coordinator.</param>
/// <param name="From">What the receiver need not hold: every owner has it on disk (of a coordinator whose log does not reach back so far:
/// a majority of them has).</param>
/// <param name="Encoded">The events above that, as far as the receiver is not known to hold them.</param>
internal sealed record HintMessage(ReplicaId Sender, VersionVector From, IReadOnlyList<byte[]> Encoded) : PeerMessage(Sender)
{
    /// <inheritdoc/>
    protected override void EncodeBody(ByteWriter writer)
    {
        From.Encode(writer);
        writer.WriteVarint((ulong)Encoded.Count);
        for (var i = 0; i < Encoded.Count; i++) writer.WriteBytes(Encoded[i]);
    }

    internal static HintMessage DecodeBody(ReplicaId sender, ref ByteReader reader)
    {
        var from = VersionVector.Decode(ref reader);
        var events = new byte[reader.ReadCount(minimumBytesEach: 20)][];
        for (var i = 0; i < events.Length; i++) events[i] = reader.ReadSpan().ToArray();
        return new HintMessage(sender, from, events);
    }
}

/// <summary>What a stand-in says beside its two clocks.</summary>
[Flags]
internal enum HintAckFlags : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The receiver is to tell its clocks: what every owner has on disk need not be held any longer.</summary>
    ClocksWanted = 1,

    /// <summary>Something before what was sent has not arrived: it is to be sent again.</summary>
    Gap = 2,

    /// <summary>The log is at its budget: nothing more is taken.</summary>
    Full = 4,

    /// <summary>It has promised to build on what is stable, and may coordinate.</summary>
    Promised = 8,
}

/// <summary>
/// A stand-in tells what it holds: an ack to a coordinator, an offer to an owner that is back, an answer to a stability poll.
/// </summary>
/// <param name="Sender">The stand-in.</param>
/// <param name="Covered">Everything up to here is held durably, or known to be on the owners' disks. Cumulative: an ack.</param>
/// <param name="Offered">The last events it holds of each origin, for owners that lack them to fetch.</param>
/// <param name="Flags">What else it says.</param>
/// <param name="StabilityPoll">The number of the stability poll it answers; 0 of none.</param>
/// <param name="AtMs">Operation ids whose deadline, in Unix milliseconds, is not later it executes no more; 0 where it answers
/// none.</param>
internal sealed record HintAckMessage(
    ReplicaId Sender,
    VersionVector Covered,
    VersionVector Offered,
    HintAckFlags Flags,
    ulong StabilityPoll = 0,
    long AtMs = 0) : PeerMessage(Sender)
{
    /// <inheritdoc/>
    protected override void EncodeBody(ByteWriter writer)
    {
        writer.WriteByte((byte)Flags);
        writer.WriteVarint(StabilityPoll);
        if (StabilityPoll != 0) writer.WriteSigned(AtMs);
        Covered.Encode(writer);
        Offered.Encode(writer);
    }

    internal static HintAckMessage DecodeBody(ReplicaId sender, ref ByteReader reader)
    {
        var flags = reader.ReadByte();
        if (flags > 15) throw new CorruptDataException($"unknown flags {flags} on what a stand-in holds");
        var survey = reader.ReadVarint();
        var atMs = survey == 0 ? 0 : reader.ReadSigned();
        return new HintAckMessage(
            sender, VersionVector.Decode(ref reader), VersionVector.Decode(ref reader), (HintAckFlags)flags, survey, atMs);
    }
}

/// <summary>
/// Asks a stand-in what it holds, on disk or not, and has it promise to build on what is stable: a <see cref="HintAckMessage"/> with this
/// number is the answer.
/// </summary>
/// <param name="Sender">The owner that is about to decide a stable cut.</param>
/// <param name="Number">The stability poll's.</param>
/// <param name="Of">The stand-in's incarnation that is asked: another one says who it is, and promises nothing.</param>
/// <param name="Stable">What is about to be stable.</param>
/// <param name="MayCoordinate">True where the stand-in may make events of its own from now on.</param>
/// <param name="IsLeaving">True where it is to hold and make nothing any more.</param>
/// <param name="NamesPassedMs">Operation ids whose deadline, in Unix milliseconds, is not later are about to be dropped, or were: it
/// executes them no more, whatever its clock says.</param>
internal sealed record StabilityPollMessage(
    ReplicaId Sender, ulong Number, ReplicaId Of, VersionVector Stable, bool MayCoordinate, bool IsLeaving, long NamesPassedMs)
        : PeerMessage(Sender)
{
    /// <inheritdoc/>
    protected override void EncodeBody(ByteWriter writer)
    {
        writer.WriteVarint(Number);
        writer.WriteReplicaId(Of);
        Stable.Encode(writer);
        writer.WriteBool(MayCoordinate);
        writer.WriteBool(IsLeaving);
        writer.WriteSigned(NamesPassedMs);
    }

    internal static StabilityPollMessage DecodeBody(ReplicaId sender, ref ByteReader reader) =>
        new(
            sender,
            reader.ReadVarint(),
            reader.ReadReplicaId(),
            VersionVector.Decode(ref reader),
            reader.ReadBool(),
            reader.ReadBool(),
            reader.ReadSigned());
}
