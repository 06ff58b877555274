using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;

namespace Gossipdb.Replication.Wire;

/// <summary>Which clock of the receiver the sender of events waits for.</summary>
[Flags]
public enum AckWanted : byte
{
    /// <summary>None. The message answers a fetch.</summary>
    None = 0,

    /// <summary>An ack as soon as the events are applied. Some write waits for <see cref="Durability.Memory"/>.</summary>
    Applied = 1,

    /// <summary>An ack once they are durable.</summary>
    Durable = 2,
}

/// <summary>Events in causal order. They are a coordinator's own, sent as they are made, or the answer to a fetch.</summary>
/// <param name="Sender">The sending incarnation.</param>
/// <param name="Ack">Which acks of the sender's own events are wanted.</param>
/// <param name="AnswersFetch">True of an answer to a fetch.</param>
/// <param name="More">True where the answer to a fetch stopped at its limit.</param>
/// <param name="Encoded">The events' bytes.</param>
public sealed record EventsMessage(ReplicaId Sender, AckWanted Ack, bool AnswersFetch, bool More, IReadOnlyList<byte[]> Encoded)
    : PeerMessage(Sender)
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

/// <summary>Up to which sequence the sender has applied, and journaled, one origin's events. Cumulative.</summary>
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
