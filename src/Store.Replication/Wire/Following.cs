using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.State;

namespace Gossipdb.Replication.Wire;

/// <summary>
/// What a message says of one event or of one read, for a host that follows it (<see cref="Contract.ClientRequest.IsFollowed"/>). An
/// envelope of fallback nodes counts as what is in it.
/// </summary>
public static class Following
{
    /// <summary>Whether a message that is sent as events are made brings an event. Answers to fetches do not count.</summary>
    /// <param name="message">The message.</param>
    /// <param name="last">The event's last dot.</param>
    public static bool Brings(PeerMessage message, Dot last) => message switch
    {
        EventsMessage { AnswersFetch: false } events => IsAmong(events.Encoded, last),
        FallbackMessage { Inner: HintMessage hint } => IsAmong(hint.Encoded, last),
        _ => false,
    };

    /// <summary>Whether a message says that its sender has an event.</summary>
    /// <param name="message">The message.</param>
    /// <param name="last">The event's last dot.</param>
    /// <param name="durably">Whether on disk, or only applied.</param>
    public static bool Acks(PeerMessage message, Dot last, bool durably) => message switch
    {
        AckMessage ack => ack.Origin == last.Replica && (durably ? ack.Durable : ack.Applied) >= last.Sequence,
        FallbackMessage { Inner: HintAckMessage ack } => ack.Covered[last.Replica] >= last.Sequence,
        _ => false,
    };

    /// <summary>Whether a message asks another node for a read's sake; if so the read's number, and who asks.</summary>
    public static bool Asks(PeerMessage message, out ReplicaId asker, out ulong question)
    {
        var query = message as ReadQueryMessage ?? (message as FallbackMessage)?.Inner as ReadQueryMessage;
        (asker, question) = query is null ? default : (query.Sender, query.Id);
        return query is not null;
    }

    /// <summary>Whether a message answers a read's question; if so the read's number, and who had asked.</summary>
    public static bool Answers(PeerMessage message, out ReplicaId asker, out ulong question)
    {
        var answer = message as ReadAnswerMessage ?? (message as FallbackMessage)?.Inner as ReadAnswerMessage;
        (asker, question) = answer is null ? default : (answer.Asker, answer.Id);
        return answer is not null;
    }

    private static bool IsAmong(IReadOnlyList<byte[]> encoded, Dot last)
    {
        for (var i = 0; i < encoded.Count; i++)
            if (ReplicaEvent.LastOf(encoded[i]) == last) return true;
        return false;
    }
}
