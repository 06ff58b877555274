using Gossipdb.Crdt;

namespace Gossipdb.Replication;

// Sloppy quorums: a stand-in takes the place of an absent owner. What it says comes in an envelope of its own, and counts for sloppy requests only.
public sealed partial class Replica
{
    private readonly StandInKnowledge _standIns = new();
    private Roster _roster = Roster.Empty;

    // The last floor this replica has decided: once that is stable, every owner follows its roster.
    private (Dot At, Roster Roster)? _lastDecision;
    private readonly Holding _holding;
    private readonly Survey _survey;

    /// <summary>
    /// How many nodes count towards a request: owners, and, where it is sloppy, as many stand-ins as owners are absent. To a write an owner that is behind by more than could be parked there is
    /// absent: it acks nothing until it has caught up, which may take minutes, so the write is refused instead of being left in doubt
    /// (hard case 13). So is one whose journal takes nothing any more.
    /// </summary>
    private int Available(ClientRequest request)
    {
        var present = request is WriteRequest ? _peers.PresentCount : _peers.ReachableCount;
        return request.Sloppy ? present + Math.Min(_peers.Slots.Length - present, _standIns.AvailableCount) : present;
    }

    /// <summary>Who is within reach and does not count towards a request; null where nobody is.</summary>
    private string? NotCounted(ClientRequest request)
    {
        if (request is not WriteRequest) return null;
        foreach (var slot in _peers.Slots)
            if (slot is { Reachable: true, IsPresent: false })
                return slot.TakesWrites ? $"node {slot.Node} is back and has yet to catch up" : $"the journal of node {slot.Node} takes no writes";
        return null;
    }

    // The layout designates others, somebody is leaving, or has yet to promise that it builds on what is stable.
    private bool IsRosterDue => !_roster.IsExactly(_standIns.Designated) || _standIns.LacksPromise;

    private void FollowRoster(Roster roster)
    {
        _roster = _roster.Union(roster);
        _standIns.Follow(_roster, _peers);
    }

    private void BeginSurvey(StableFloor floor, long nowMs) => _survey.Begin(floor, _keys.Floor, _roster, isSettled: IsSettledAt(floor, _roster), nowMs);

    /// <summary>True where every owner is known to follow a roster at least: a founding one, or one whose floor they all have on disk.</summary>
    private bool IsSettledAt(StableFloor floor, Roster roster) =>
        _lastDecision is { } last ? floor.Covers(last.At) && last.Roster.Covers(roster) : _keys.Floor.Clock.Count == 0;

    /// <summary>Who is to be asked before the floor after the next one: as the layout says, and whoever was leaving and holds nothing any more is gone.</summary>
    private Roster NextRoster(StableFloor floor)
    {
        var next = _roster;
        foreach (var node in _standIns.Designated)
            if (!IsLost(node)) next = next.Add(node);
        foreach (var node in _roster.Present)
        {
            // Nobody takes anything of it any more, nor waits for it.
            if (IsLost(node)) next = next.Leave(node).Remove(node);
            if (_standIns.Designated.Contains(node) || IsLost(node)) continue;
            if (next.IsMember(node)) next = next.Leave(node);
            else if (_lastDecision is { } last && last.Roster.IsLeaving(node) && floor.Covers(last.At) && _survey.HoldsNothing(node)) next = next.Remove(node);
        }

        return next;
    }

    private void TakeOfStandIn(NodeId from, PeerMessage message, long nowMs)
    {
        switch (message)
        {
            case HeldMessage held:
                if (HasState) _repair.NoteAhead(from, held.Offered, nowMs, isStandIn: true);
                if ((held.Flags & HeldFlags.ClocksWanted) != 0) _effects.Send(from, new StandInMessage(Id, IsForStandIn: true, _repair.Clocks(answerWanted: false)));
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
                _reads.TakeOfStandIn(from, answer, _effects);
                break;
        }
    }
}
