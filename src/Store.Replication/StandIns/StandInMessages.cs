using Gossipdb.Crdt;

namespace Gossipdb.Replication;

/// <summary>A coordinator's events for a stand-in to hold, in causal order and without gaps.</summary>
/// <param name="Sender">The coordinator.</param>
/// <param name="From">What the receiver need not hold: every owner has it on disk (of a coordinator whose log does not reach back so far: a majority of them has).</param>
/// <param name="Encoded">The events above that, as far as the receiver is not known to hold them.</param>
public sealed record HoldMessage(ReplicaId Sender, VersionVector From, IReadOnlyList<byte[]> Encoded) : PeerMessage(Sender)
{
    /// <inheritdoc/>
    protected override void EncodeBody(ByteWriter writer)
    {
        From.Encode(writer);
        writer.WriteVarint((ulong)Encoded.Count);
        for (var i = 0; i < Encoded.Count; i++) writer.WriteBytes(Encoded[i]);
    }

    internal static HoldMessage DecodeBody(ReplicaId sender, ref ByteReader reader)
    {
        var from = VersionVector.Decode(ref reader);
        var events = new byte[reader.ReadCount(minimumBytesEach: 20)][];
        for (var i = 0; i < events.Length; i++) events[i] = reader.ReadSpan().ToArray();
        return new HoldMessage(sender, from, events);
    }
}

/// <summary>What a stand-in says beside its two clocks.</summary>
[Flags]
public enum HeldFlags : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The receiver is to tell its clocks: what every owner has on disk need not be held any longer.</summary>
    ClocksWanted = 1,

    /// <summary>Something before what was sent has not arrived: it is to be sent again.</summary>
    Gap = 2,

    /// <summary>The log is at its budget: nothing more is taken.</summary>
    Full = 4,
}

/// <summary>A stand-in tells what it holds: an ack to a coordinator, an offer to an owner that is back.</summary>
/// <param name="Sender">The stand-in.</param>
/// <param name="Covered">Everything up to here is held durably, or known to be on every owner's disk. Cumulative: an ack.</param>
/// <param name="Offered">The last events it holds, for owners that lack them to fetch.</param>
/// <param name="Flags">What else it says.</param>
public sealed record HeldMessage(ReplicaId Sender, VersionVector Covered, VersionVector Offered, HeldFlags Flags) : PeerMessage(Sender)
{
    /// <inheritdoc/>
    protected override void EncodeBody(ByteWriter writer)
    {
        writer.WriteByte((byte)Flags);
        Covered.Encode(writer);
        Offered.Encode(writer);
    }

    internal static HeldMessage DecodeBody(ReplicaId sender, ref ByteReader reader)
    {
        var flags = reader.ReadByte();
        if (flags > 7) throw new CorruptDataException($"unknown flags {flags} on what a stand-in holds");
        return new HeldMessage(sender, VersionVector.Decode(ref reader), VersionVector.Decode(ref reader), (HeldFlags)flags);
    }
}

/// <summary>Asks a stand-in to promise that what it makes from now on has seen <paramref name="Stable"/>, which every owner has on disk.</summary>
public sealed record PromiseMessage(ReplicaId Sender, VersionVector Stable) : PeerMessage(Sender)
{
    /// <inheritdoc/>
    protected override void EncodeBody(ByteWriter writer) => Stable.Encode(writer);
}

/// <summary>A stand-in's promise, which is on its disk.</summary>
/// <param name="Sender">The stand-in.</param>
/// <param name="Promise">What each event it makes from now on depends on.</param>
/// <param name="Known">All it has made before, or holds.</param>
/// <param name="SentAtMs">Its time then, in its Unix milliseconds.</param>
public sealed record PromisedMessage(ReplicaId Sender, VersionVector Promise, VersionVector Known, long SentAtMs) : PeerMessage(Sender)
{
    /// <inheritdoc/>
    protected override void EncodeBody(ByteWriter writer)
    {
        Promise.Encode(writer);
        Known.Encode(writer);
        writer.WriteSigned(SentAtMs);
    }

    internal static PromisedMessage DecodeBody(ReplicaId sender, ref ByteReader reader) =>
        new(sender, VersionVector.Decode(ref reader), VersionVector.Decode(ref reader), reader.ReadSigned());
}
