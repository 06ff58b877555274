using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Replication.Wire;

/// <summary>
/// What owners and fallback nodes say to each other. It has an envelope of its own, because a node may be both in one partition while the
/// layout changes.
/// </summary>
/// <param name="Sender">The sending incarnation.</param>
/// <param name="IsForFallback">True where the receiver is to take it as a fallback node, false where as an owner.</param>
/// <param name="Inner">The message.</param>
/// <param name="IsOfFallback">True where a fallback node sends it, to an owner or to another fallback node.</param>
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

/// <summary>A coordinator's events for a fallback node to hold, in causal order and without gaps.</summary>
/// <param name="Sender">The coordinator.</param>
/// <param name="From">
/// What the receiver need not hold, because every owner has it on disk. Where the coordinator's log does not reach back that far, a
/// majority of the owners has it.
/// </param>
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

/// <summary>What a fallback node says beside its two clocks.</summary>
[Flags]
internal enum HintAckFlags : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Asks the receiver for its clocks. What every owner has on disk need not be held any longer.</summary>
    ClocksWanted = 1,

    /// <summary>Something before what was sent has not arrived. It is to be sent again.</summary>
    Gap = 2,

    /// <summary>The hint log is at its budget. It takes nothing more.</summary>
    Full = 4,

    /// <summary>It has promised to build on what is stable, and may coordinate.</summary>
    Promised = 8,
}

/// <summary>
/// A fallback node tells what it holds. It is an ack to a coordinator, an offer to an owner that is back, and an answer to a stability
/// poll.
/// </summary>
/// <param name="Sender">The fallback node's incarnation.</param>
/// <param name="Covered">Cumulative: everything up to here is held durably, or is known to be on the owners' disks.</param>
/// <param name="Offered">The last events that it holds of each origin. Owners that lack them may fetch them.</param>
/// <param name="Flags">What else it says.</param>
/// <param name="StabilityPoll">The number of the stability poll that it answers; 0 where it answers none.</param>
/// <param name="AtMs">
/// In an answer to a poll: it executes no operation id any more with this deadline or an earlier one, in Unix milliseconds. 0 elsewhere.
/// </param>
internal sealed record HintAckMessage(
    ReplicaId Sender, VersionVector Covered, VersionVector Offered, HintAckFlags Flags, ulong StabilityPoll = 0,
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
        var poll = reader.ReadVarint();
        var atMs = poll == 0 ? 0 : reader.ReadSigned();
        return new HintAckMessage(
            sender, VersionVector.Decode(ref reader), VersionVector.Decode(ref reader), (HintAckFlags)flags, poll, atMs);
    }
}

/// <summary>
/// Asks a fallback node what it holds, on disk or not, and for a promise to build on what is stable. The answer is a
/// <see cref="HintAckMessage"/> with this number.
/// </summary>
/// <param name="Sender">The owner that is about to decide a stable cut.</param>
/// <param name="Number">The poll's number.</param>
/// <param name="Of">
/// The incarnation of the fallback node that is asked. Another incarnation answers who it is, and promises nothing.
/// </param>
/// <param name="Stable">What is about to be stable.</param>
/// <param name="MayCoordinate">True where the fallback node may make events of its own from now on.</param>
/// <param name="IsLeaving">True where it is to hold and make nothing any more.</param>
/// <param name="NamesPassedMs">
/// Tags with this deadline or an earlier one, in Unix milliseconds, are about to be dropped, or were. The fallback node executes such
/// operation ids no more, whatever its clock says.
/// </param>
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
            sender, reader.ReadVarint(), reader.ReadReplicaId(), VersionVector.Decode(ref reader), reader.ReadBool(), reader.ReadBool(),
            reader.ReadSigned());
}
