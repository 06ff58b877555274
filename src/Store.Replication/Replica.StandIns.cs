using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Handoff;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Stability;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication;

// Sloppy quorums: a stand-in takes the place of an absent owner. What it says comes in an envelope of its own, and counts for sloppy requests only.
public sealed partial class Replica
{
    private readonly FallbackKnowledge _fallbacks = new();
    private FallbackMembership _fallbackMembership = FallbackMembership.Empty;

    // The last stable cut this replica has decided: once that is stable, every owner follows its fallback membership.
    private (Dot At, FallbackMembership FallbackMembership)? _lastDecision;
    private readonly HintSender _hints;
    private readonly StabilityPoll _poll;

    /// <summary>
    /// How many nodes count towards a request: owners, and, where it is sloppy, as many stand-ins as owners are absent. To a write an owner that is behind by more than could be buffered there is
    /// absent: it acks nothing until it has caught up, which may take minutes, so the write is refused instead of being left in doubt
    /// (hard case 13). So is one whose journal takes nothing any more.
    /// </summary>
    private int Available(ClientRequest request)
    {
        var present = request is WriteRequest ? _peers.CountingForWrites : _peers.ReachableCount;
        return request.Sloppy ? present + Math.Min(_peers.Slots.Length - present, _fallbacks.AvailableCount) : present;
    }

    /// <summary>Who is within reach and does not count towards a request; null where nobody is.</summary>
    private string? NotCounted(ClientRequest request)
    {
        if (request is not WriteRequest) return null;
        foreach (var slot in _peers.Slots)
            if (slot is { Reachable: true, CountsForWrites: false })
                return slot.TakesWrites ? $"node {slot.Node} is back and has yet to catch up" : $"the journal of node {slot.Node} takes no writes";
        return null;
    }

    // The layout designates others, somebody is leaving, or has yet to promise that it builds on what is stable.
    private bool IsMembershipChangeDue => !_fallbackMembership.IsExactly(_fallbacks.Designated) || _fallbacks.LacksPromise;

    private void FollowMembership(FallbackMembership membership)
    {
        _fallbackMembership = _fallbackMembership.Union(membership);
        _fallbacks.Follow(_fallbackMembership, _peers);
    }

    private void BeginPoll(StableCut cut, long nowMs) => _poll.Begin(cut, _keys.StableCut, _fallbackMembership, isSettled: IsSettledAt(cut, _fallbackMembership), nowMs);

    /// <summary>True where every owner is known to follow a fallback membership at least: a founding one, or one whose stable cut they all have on disk.</summary>
    private bool IsSettledAt(StableCut cut, FallbackMembership membership) =>
        _lastDecision is { } last ? cut.Covers(last.At) && last.FallbackMembership.Covers(membership) : _keys.StableCut.Clock.Count == 0;

    /// <summary>Who is to be asked before the stable cut after the next one: as the layout says, and whoever was leaving and holds nothing any more is gone.</summary>
    private FallbackMembership NextMembership(StableCut cut)
    {
        var next = _fallbackMembership;
        foreach (var node in _fallbacks.Designated)
            if (!IsLost(node)) next = next.Add(node);
        foreach (var node in _fallbackMembership.Present)
        {
            // Nobody takes anything of it any more, nor waits for it.
            if (IsLost(node)) next = next.Leave(node).Remove(node);
            if (_fallbacks.Designated.Contains(node) || IsLost(node)) continue;
            if (next.IsMember(node)) next = next.Leave(node);
            else if (_lastDecision is { } last && last.FallbackMembership.IsLeaving(node) && cut.Covers(last.At) && _poll.HoldsNothing(node)) next = next.Remove(node);
        }

        return next;
    }

    private void TakeOfFallback(NodeId from, PeerMessage message, long nowMs)
    {
        switch (message)
        {
            case HintAckMessage held:
                if (HasState) _repair.NoteAhead(from, held.Offered, nowMs, isFallback: true);
                if ((held.Flags & HintAckFlags.ClocksWanted) != 0) _effects.Send(from, new FallbackMessage(Id, IsForFallback: true, _repair.Clocks(answerWanted: false)));
                if (_fallbacks.Find(from) is not { } fallback) return;
                fallback.Hear(held.Sender);
                HintSender.Take(fallback, held, nowMs);
                _poll.Take(fallback, held);
                _writes.AnswerMet(_effects);
                break;
            case EventsMessage events:
                TakeEvents(from, null, events, nowMs);
                break;
            case ReadAnswerMessage answer when answer.Asker == Id:
                if (answer.Clock is not null) _repair.NoteAhead(from, answer.Clock, nowMs, isFallback: true);
                _reads.TakeOfFallback(from, answer, _effects);
                break;
        }
    }
}
