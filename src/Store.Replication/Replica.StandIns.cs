using Gossipdb.Crdt;

namespace Gossipdb.Replication;

// Sloppy quorums: a stand-in takes the place of an absent owner. What it says comes in an envelope of its own, and counts for sloppy requests only.
public sealed partial class Replica
{
    private readonly StandInKnowledge _standIns = new();
    private readonly Holding _holding;
    private readonly Survey _survey;

    /// <summary>How many nodes within reach count towards a request: owners, and, where it is sloppy, as many stand-ins as owners are absent.</summary>
    private int Available(ClientRequest request)
    {
        if (!request.Sloppy) return _peers.ReachableCount;
        var isWrite = request is WriteRequest;
        var absent = _peers.Slots.Length - (isWrite ? _peers.PresentCount : _peers.ReachableCount);
        var instead = Math.Min(absent, _standIns.AvailableCount);

        // An owner that is behind may still ack in its own name.
        return Math.Max(_peers.ReachableCount, _peers.Slots.Length - absent + instead);
    }

    private void BeginFloor(StableFloor floor, long nowMs)
    {
        if (_standIns.Entries.Length == 0) _collector.Begin(floor, nowMs);
        else _survey.Begin(floor, nowMs);
    }

    private void TakeOfStandIn(NodeId from, PeerMessage message, long nowMs)
    {
        switch (message)
        {
            case HeldMessage held:
                if (HasState) _repair.NoteAhead(from, held.Offered, nowMs, isStandIn: true);
                if ((held.Flags & HeldFlags.ClocksWanted) != 0) _effects.Send(from, new StandInMessage(Id, IsForStandIn: true, _repair.Clocks(answerWanted: false, nowMs)));
                if (_standIns.Find(from) is not { } standIn) return;
                standIn.Hear(held.Sender);
                Holding.Take(standIn, held, nowMs);
                _survey.Take(standIn, held);
                _writes.AnswerMet(_effects);
                break;
            case EventsMessage events:
                TakeEvents(from, null, events, nowMs);
                break;
            case ReadAnswerMessage answer when answer.Asker == Id:
                if (answer.Clock is not null) _repair.NoteAhead(from, answer.Clock, nowMs, isStandIn: true);
                _reads.TakeOfStandIn(from, answer, nowMs, _effects);
                break;
        }
    }
}
