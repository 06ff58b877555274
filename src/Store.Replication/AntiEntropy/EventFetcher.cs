using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.AntiEntropy;

/// <summary>
/// Fetches events that a peer is known to have and this replica lacks, and answers the fetches of others. Events come from the peer's event
/// log.
/// <para>A hole is fetched only when it lasts, because what is missing is usually under way. One fetch is open at a time. The next one asks
/// from the clock as it is then. What the peer's log has forgotten comes as an image (<see cref="FetchWasBeyondLog"/>).</para>
/// </summary>
internal sealed class EventFetcher(
    PartitionState state, PeerKnowledge peers, ReplicaSettings settings, IRepairBudget budget, IReplicaEffects effects)
{
    // Fetches to answer once the node's repair budget has room: the last one of each peer.
    private readonly Dictionary<NodeId, VersionVector> _owed = [];

    // The peer that is known to be ahead, what it covers, and since when that is known.
    private NodeId _ahead;
    private bool _aheadIsFallback;
    private VersionVector? _aheadClock;
    private long _aheadSinceMs;

    // The fetch that is open: its deadline, and how many changes were applied here when it began.
    private bool _fetching;
    private long _fetchDeadlineMs;
    private long _changesAtFetch;

    /// <summary>Notes that a peer covers <paramref name="clock"/>. That may be more than this replica covers.</summary>
    public void NoteAhead(NodeId peer, VersionVector clock, long nowMs, bool isFallback = false)
    {
        if (state.Applied.Covers(clock)) return;
        if (_aheadClock is not null && !state.Applied.Covers(_aheadClock))
        {
            // An owner has all that its events depend on. A fallback node may not.
            if (!_aheadIsFallback || isFallback) return;
            _fetching = false;
        }

        _ahead = peer;
        _aheadIsFallback = isFallback;
        _aheadClock = clock.Copy();
        _aheadSinceMs = nowMs;
    }

    /// <summary>Answers the fetches that waited for the repair budget.</summary>
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
    /// <param name="mayFetch">False while an image brings what is missing.</param>
    public void Tick(long nowMs, bool mayFetch)
    {
        if (_fetching && nowMs >= _fetchDeadlineMs)
        {
            // Perhaps the peer has no more, perhaps it is gone. The next gossip tells whom to ask.
            _fetching = false;
            _aheadClock = null;
        }

        if (_fetching || _aheadClock is null || !mayFetch) return;
        if (state.Applied.Covers(_aheadClock)) _aheadClock = null;
        else if (nowMs - _aheadSinceMs >= settings.FetchDelayMs) Fetch(nowMs);
    }

    /// <summary>Continues after the answer to a fetch was applied. It fetches on at once where the answer stopped at its limit.</summary>
    public void FetchAnswered(NodeId from, bool more, long nowMs)
    {
        if (!_fetching || from != _ahead) return;
        _fetching = false;

        // A fallback node may lack what its events depend on, while a majority of the owners has it. To ask it again brings nothing new
        // then.
        if (more && _aheadClock is not null && (!_aheadIsFallback || state.Applied.TotalChanges > _changesAtFetch)) Fetch(nowMs);
        else _aheadClock = null;
    }

    /// <summary>Stops fetching from a peer whose events cannot be taken. The next node that tells of more is asked.</summary>
    public void GiveUpOn(NodeId peer)
    {
        if (peer == _ahead) _aheadClock = null;
    }

    /// <summary>Notes that a peer's log has forgotten what is missing here.</summary>
    /// <returns>True where a fetch from that peer was open. An image is to be taken instead.</returns>
    public bool FetchWasBeyondLog(NodeId from)
    {
        if (!_fetching || from != _ahead) return false;
        _fetching = false;
        return true;
    }

    /// <summary>Answers a peer's fetch from the event log, or says that the log does not reach back that far.</summary>
    public void AnswerFetch(NodeId to, VersionVector clock, long nowMs)
    {
        if (!state.Log.ReachesBackTo(clock)) effects.Send(to, new BeyondLogMessage(state.Id));
        else if (budget.HasRoom(nowMs)) SendMissing(to, clock);
        else _owed[to] = clock;
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
}
