using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Images;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Time;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.AntiEntropy;

/// <summary>
/// Anti-entropy: tells the clocks to one peer owner every interval, and fetches from the event log of a peer what it is seen to know more. A hole is
/// fetched only when it lasts, because what is missing is usually under way. One fetch is open at a time, and asks anew from the then clock. What the log has
/// forgotten comes as an image (<see cref="ImageReceiver"/>).
/// </summary>
internal sealed class Repair(ReplicaId self, PeerKnowledge peers, VersionVector applied, VersionVector durable, EventLog log, ReplicaClock clock, ReplicaSettings settings, IRepairBudget budget, DigestAudit audit)
{
    // Fetches that wait for the node's repair budget: one of each peer.
    private readonly Dictionary<NodeId, VersionVector> _owed = [];
    private NodeId _ahead;
    private bool _aheadIsFallback;
    private long _changesAtFetch;
    private VersionVector? _aheadClock;
    private long _aheadSinceMs;
    private bool _fetching;
    private long _fetchDeadlineMs;
    private long _nextGossipMs;

    /// <summary>Notes that a peer covers <paramref name="clock"/>, which may be more than this replica does.</summary>
    public void NoteAhead(NodeId peer, VersionVector clock, long nowMs, bool isFallback = false)
    {
        if (applied.Covers(clock)) return;
        if (_aheadClock is not null && !applied.Covers(_aheadClock))
        {
            // An owner has all that leads to what it has; a stand-in may not.
            if (!_aheadIsFallback || isFallback) return;
            _fetching = false;
        }

        _ahead = peer;
        _aheadIsFallback = isFallback;
        _aheadClock = clock.Copy();
        _aheadSinceMs = nowMs;
    }

    /// <summary>Gossips and fetches what is due.</summary>
    /// <param name="nowMs">Now.</param>
    /// <param name="random">A fresh random number.</param>
    /// <param name="mayFetch">False while what is missing comes by an image.</param>
    /// <param name="effects">The host.</param>
    public void Tick(long nowMs, uint random, bool mayFetch, IReplicaEffects effects)
    {
        while (_owed.Count > 0 && budget.HasRoom(nowMs))
        {
            var (to, clock) = First(_owed);
            _owed.Remove(to);
            SendMissing(to, clock, effects);
        }

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

        if (_fetching || _aheadClock is null || !mayFetch) return;
        if (applied.Covers(_aheadClock)) _aheadClock = null;
        else if (nowMs - _aheadSinceMs >= settings.FetchDelayMs) Fetch(nowMs, effects);
    }

    /// <summary>Goes on after an answer to a fetch was applied: at once where it was cut at its limit.</summary>
    public void FetchAnswered(NodeId from, bool more, long nowMs, IReplicaEffects effects)
    {
        if (!_fetching || from != _ahead) return;
        _fetching = false;

        // A stand-in may lack what its events depend on, where a majority of the owners has it: asking it again brings nothing new.
        if (more && _aheadClock is not null && (!_aheadIsFallback || applied.TotalChanges > _changesAtFetch)) Fetch(nowMs, effects);
        else _aheadClock = null;
    }

    /// <summary>What a peer has cannot be taken from it: whoever tells next that it has more is asked.</summary>
    public void GiveUpOn(NodeId peer)
    {
        if (peer == _ahead) _aheadClock = null;
    }

    /// <summary>The peer that was fetched from has forgotten what is missing here.</summary>
    /// <returns>True where that was awaited: an image is to be taken instead.</returns>
    public bool FetchWasBeyondLog(NodeId from)
    {
        if (!_fetching || from != _ahead) return false;
        _fetching = false;
        return true;
    }

    /// <summary>Answers a peer's fetch from the event log, or says that it does not reach back that far.</summary>
    public void AnswerFetch(NodeId to, VersionVector clock, long nowMs, IReplicaEffects effects)
    {
        if (!log.ReachesBackTo(clock)) effects.Send(to, new BeyondLogMessage(self));
        else if (budget.HasRoom(nowMs)) SendMissing(to, clock, effects);
        else _owed[to] = clock;
    }

    /// <summary>Tells one owner the clocks.</summary>
    public void TellClocks(NodeId to, bool answerWanted, IReplicaEffects effects) => effects.Send(to, Clocks(answerWanted));

    /// <summary>What <see cref="TellClocks"/> sends.</summary>
    public ClocksMessage Clocks(bool answerWanted) =>
        new(self, applied.Copy(), durable.Copy(), answerWanted, clock.PassedMs) { Digest = audit.DigestAt(applied), Epochs = peers.Epochs(), Lost = peers.LostCount };

    /// <summary>Tells every owner within reach the clocks and asks for theirs.</summary>
    public void TellAll(IReplicaEffects effects)
    {
        for (var i = 0; i < peers.Slots.Length; i++)
            if (i != peers.OwnSlot && peers.Slots[i].Reachable) TellClocks(peers.Slots[i].Node, answerWanted: true, effects);
    }

    private void SendMissing(NodeId to, VersionVector clock, IReplicaEffects effects)
    {
        var missing = new List<byte[]>();
        var more = log.CollectMissing(clock, settings.FetchMaxBytes, missing);
        foreach (var encoded in missing) budget.Charge(encoded.Length);
        effects.Send(to, new EventsMessage(self, AckWanted.None, AnswersFetch: true, more, missing));
    }

    private static (NodeId To, VersionVector Clock) First(Dictionary<NodeId, VersionVector> owed)
    {
        using var enumerator = owed.GetEnumerator();
        enumerator.MoveNext();
        return (enumerator.Current.Key, enumerator.Current.Value);
    }

    private void GossipToOne(uint random, long nowMs, IReplicaEffects effects)
    {
        var others = peers.ReachableCount - (peers.OwnSlot >= 0 ? 1 : 0);
        if (others <= 0) return;
        var chosen = (int)(random % (uint)others);
        for (var i = 0; i < peers.Slots.Length; i++)
        {
            if (i == peers.OwnSlot || !peers.Slots[i].Reachable || chosen-- > 0) continue;
            TellClocks(peers.Slots[i].Node, answerWanted: true, effects);
            return;
        }
    }

    private void Fetch(long nowMs, IReplicaEffects effects)
    {
        if (!peers.IsNear(_ahead))
        {
            _aheadClock = null;
            return;
        }

        _fetching = true;
        _changesAtFetch = applied.TotalChanges;
        _fetchDeadlineMs = nowMs + settings.FetchTimeoutMs;
        PeerMessage fetch = new FetchMessage(self, applied.Copy());
        effects.Send(_ahead, _aheadIsFallback ? new FallbackMessage(self, IsForFallback: true, fetch) : fetch);
    }
}
