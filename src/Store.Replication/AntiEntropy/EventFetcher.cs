using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.AntiEntropy;

/// <summary>
/// Fetches from the event log of a peer what that peer is seen to know more, and answers the fetches of others. A hole is fetched only
/// when it lasts, because what is missing is usually under way. One fetch is open at a time; the next one asks from the clock as it is
/// then. What the log has forgotten comes as an image instead (<see cref="FetchWasBeyondLog"/>).
/// </summary>
internal sealed class EventFetcher(
    PartitionState state, PeerKnowledge peers, ReplicaSettings settings, IRepairBudget budget, IReplicaEffects effects)
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

    /// <summary>Notes that a peer covers <paramref name="clock"/>, which may be more than this replica does.</summary>
    public void NoteAhead(NodeId peer, VersionVector clock, long nowMs, bool isFallback = false)
    {
        if (state.Applied.Covers(clock)) return;
        if (_aheadClock is not null && !state.Applied.Covers(_aheadClock))
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

    /// <summary>Answers the fetches that waited for the node's repair budget.</summary>
    public void SendOwed(long nowMs)
    {
        while (_owed.Count > 0 && budget.HasRoom(nowMs))
        {
            var (to, clock) = First(_owed);
            _owed.Remove(to);
            SendMissing(to, clock);
        }
    }

    /// <summary>Fetches what is due.</summary>
    /// <param name="nowMs">Now.</param>
    /// <param name="mayFetch">False while what is missing comes by an image.</param>
    public void Tick(long nowMs, bool mayFetch)
    {
        if (_fetching && nowMs >= _fetchDeadlineMs)
        {
            // Perhaps it knows no more, perhaps it is gone: the next gossip tells whom to ask.
            _fetching = false;
            _aheadClock = null;
        }

        if (_fetching || _aheadClock is null || !mayFetch) return;
        if (state.Applied.Covers(_aheadClock)) _aheadClock = null;
        else if (nowMs - _aheadSinceMs >= settings.FetchDelayMs) Fetch(nowMs);
    }

    /// <summary>Goes on after an answer to a fetch was applied: at once where it was cut at its limit.</summary>
    public void FetchAnswered(NodeId from, bool more, long nowMs)
    {
        if (!_fetching || from != _ahead) return;
        _fetching = false;

        // A stand-in may lack what its events depend on, where a majority of the owners has it: asking it again brings nothing new.
        if (more && _aheadClock is not null && (!_aheadIsFallback || state.Applied.TotalChanges > _changesAtFetch)) Fetch(nowMs);
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
    public void AnswerFetch(NodeId to, VersionVector clock, long nowMs)
    {
        if (!state.Log.ReachesBackTo(clock)) effects.Send(to, new BeyondLogMessage(state.Id));
        else if (budget.HasRoom(nowMs)) SendMissing(to, clock);
        else _owed[to] = clock;
    }

    private void SendMissing(NodeId to, VersionVector clock)
    {
        var missing = new List<byte[]>();
        var more = state.Log.CollectMissing(clock, settings.FetchMaxBytes, missing);
        foreach (var encoded in missing) budget.Charge(encoded.Length);
        effects.Send(to, new EventsMessage(state.Id, AckWanted.None, AnswersFetch: true, more, missing));
    }

    private static (NodeId To, VersionVector Clock) First(Dictionary<NodeId, VersionVector> owed)
    {
        using var enumerator = owed.GetEnumerator();
        enumerator.MoveNext();
        return (enumerator.Current.Key, enumerator.Current.Value);
    }

    private void Fetch(long nowMs)
    {
        if (!peers.IsNear(_ahead))
        {
            _aheadClock = null;
            return;
        }

        _fetching = true;
        _changesAtFetch = state.Applied.TotalChanges;
        _fetchDeadlineMs = nowMs + settings.FetchTimeoutMs;
        PeerMessage fetch = new FetchMessage(state.Id, state.Applied.Copy());
        effects.Send(_ahead, _aheadIsFallback ? new FallbackMessage(state.Id, IsForFallback: true, fetch) : fetch);
    }
}
