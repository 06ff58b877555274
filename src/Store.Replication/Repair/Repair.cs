using Gossipdb.Crdt;

namespace Gossipdb.Replication;

/// <summary>
/// Anti-entropy: tells the clocks to one peer owner every interval, and fetches from the event log of a peer what it is seen to know more. A hole is
/// fetched only when it lasts, because what is missing is usually under way. One fetch is open at a time, and asks anew from the then clock.
/// </summary>
internal sealed class Repair(ReplicaId self, PeerKnowledge peers, StandInKnowledge standIns, VersionVector applied, VersionVector durable, EventLog log, ReplicaSettings settings)
{
    private NodeId _ahead;
    private VersionVector? _aheadClock;
    private long _aheadSinceMs;
    private bool _fetching;
    private long _fetchDeadlineMs;
    private long _nextGossipMs;

    /// <summary>Notes that a peer covers <paramref name="clock"/>, which may be more than this replica does.</summary>
    public void NoteAhead(NodeId peer, VersionVector clock, long nowMs)
    {
        if (applied.Covers(clock)) return;
        if (_aheadClock is not null && !applied.Covers(_aheadClock)) return;
        _ahead = peer;
        _aheadClock = clock.Copy();
        _aheadSinceMs = nowMs;
    }

    /// <summary>Gossips and fetches what is due.</summary>
    public void Tick(long nowMs, uint random, IReplicaEffects effects)
    {
        if (nowMs >= _nextGossipMs)
        {
            _nextGossipMs = nowMs + settings.GossipIntervalMs;
            GossipToOne(random, nowMs, effects);
        }

        if (_fetching && nowMs >= _fetchDeadlineMs)
        {
            // Perhaps it knows no more, perhaps it is gone: the next gossip tells whom to ask.
            _fetching = false;
            _aheadClock = null;
        }

        if (_fetching || _aheadClock is null) return;
        if (applied.Covers(_aheadClock)) _aheadClock = null;
        else if (nowMs - _aheadSinceMs >= settings.FetchDelayMs) Fetch(nowMs, effects);
    }

    /// <summary>Goes on after an answer to a fetch was applied: at once where it was cut at its limit.</summary>
    public void FetchAnswered(NodeId from, bool more, long nowMs, IReplicaEffects effects)
    {
        if (!_fetching || from != _ahead) return;
        _fetching = false;
        if (more && _aheadClock is not null) Fetch(nowMs, effects);
        else _aheadClock = null;
    }

    /// <summary>Answers a peer's fetch from the event log.</summary>
    public void AnswerFetch(NodeId to, VersionVector clock, IReplicaEffects effects)
    {
        var missing = new List<byte[]>();
        var more = log.CollectMissing(clock, settings.FetchMaxBytes, missing);
        effects.Send(to, new EventsMessage(self, AckWanted.None, AnswersFetch: true, more, missing));
    }

    /// <summary>Tells one owner the clocks.</summary>
    public void TellClocks(NodeId to, bool answerWanted, long nowMs, IReplicaEffects effects) =>
        effects.Send(to, new ClocksMessage(self, applied.Copy(), durable.Copy(), answerWanted, nowMs));

    /// <summary>Tells every owner within reach the clocks and asks for theirs.</summary>
    public void TellAll(long nowMs, IReplicaEffects effects)
    {
        for (var i = 0; i < peers.Slots.Length; i++)
            if (i != peers.OwnSlot && peers.Slots[i].Reachable) TellClocks(peers.Slots[i].Node, answerWanted: true, nowMs, effects);
    }

    private bool IsReachable(NodeId node)
    {
        if (peers.Find(node) is { } slot) return slot.Reachable;
        var place = standIns.PlaceOf(node);
        return place >= 0 && standIns.Entries[place].Reachable;
    }

    private void GossipToOne(uint random, long nowMs, IReplicaEffects effects)
    {
        var others = peers.ReachableCount - (peers.OwnSlot >= 0 ? 1 : 0);
        if (others <= 0) return;
        var chosen = (int)(random % (uint)others);
        for (var i = 0; i < peers.Slots.Length; i++)
        {
            if (i == peers.OwnSlot || !peers.Slots[i].Reachable || chosen-- > 0) continue;
            TellClocks(peers.Slots[i].Node, answerWanted: true, nowMs, effects);
            return;
        }
    }

    private void Fetch(long nowMs, IReplicaEffects effects)
    {
        if (!IsReachable(_ahead))
        {
            _aheadClock = null;
            return;
        }

        _fetching = true;
        _fetchDeadlineMs = nowMs + settings.FetchTimeoutMs;
        effects.Send(_ahead, new FetchMessage(self, applied.Copy()));
    }
}
