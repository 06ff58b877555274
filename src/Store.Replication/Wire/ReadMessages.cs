using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.State;

namespace Gossipdb.Replication.Wire;

/// <summary>
/// A coordinator's question to another owner, for a quorum read: what do you know of these keys that my clock does not cover?
/// </summary>
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
/// The answer to a coordinator's question. It is <em>covered</em>: a few bytes, whatever the object weighs. Or it is the state of each key
/// that is not covered, all at one clock. Or, for large objects, it is only the clock of their last changes, and the coordinator answers
/// once it covers that.
/// </summary>
/// <param name="Sender">The answering incarnation.</param>
/// <param name="Asker">
/// The incarnation that asked. A restarted coordinator counts its questions from 1 again. It must not take an answer to its earlier
/// incarnation, which knew more, for one to itself.
/// </param>
/// <param name="Id">The question's number.</param>
/// <param name="Clock">Null where the asker's clock covers all the sender knows of the keys.</param>
/// <param name="State">
/// For each key asked for, whether its state follows, and then its encoded <see cref="KeyEntry"/>. Empty where all is covered, and for
/// large objects.
/// </param>
/// <param name="StableCut">The stable cut that the state was collected at; null where there is none.</param>
public sealed record ReadAnswerMessage(
    ReplicaId Sender, ReplicaId Asker, ulong Id, VersionVector? Clock, ReadOnlyMemory<byte> State,
    StableCut? StableCut = null) : PeerMessage(Sender)
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
