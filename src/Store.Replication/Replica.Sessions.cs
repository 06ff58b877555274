using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Coordination;
using Gossipdb.Replication.Recovery;

namespace Gossipdb.Replication;

// What a request asks to be true before it is executed: that its session's token is covered, and that the replica is known to lag no more than so much. Both
// only hold a request back; neither becomes part of what the replica knows (hard case 7).
public sealed partial class Replica
{
    private readonly StalenessBound _stalenessBound;

    /// <summary>True where everything a token names is here: applied, or part of a replica's past that has been folded away.</summary>
    public bool Covers(VersionVector token)
    {
        if (_applied.Covers(token)) return true;
        if (_keys.StableCut.Retired.Count == 0) return false;
        foreach (var entry in token.Entries)
            if (entry.Sequence > LastKnownOf(entry.Replica)) return false;
        return true;
    }

    /// <summary>
    /// What a token names and nobody will ever have again (hard case 15): changes of a replica that has ended, above its last one. They were seen before they
    /// were durable anywhere, and died with their origin. Null where there is nothing of that kind.
    /// </summary>
    public VersionVector? LostDotsOf(VersionVector token)
    {
        VersionVector? lost = null;
        foreach (var entry in token.Entries)
        {
            if (!_keys.StableCut.HasRetired(entry.Replica) || entry.Sequence <= LastKnownOf(entry.Replica)) continue;
            (lost ??= new VersionVector()).Advance(entry.Replica, entry.Sequence);
        }

        return lost;
    }

    private long LastKnownOf(ReplicaId replica) =>
        _keys.StableCut.HasRetired(replica) ? Math.Max(_applied[replica], _keys.StableCut.Clock[replica]) : _applied[replica];

    private bool IsReady(ClientRequest request) =>
        (request.Token is not { } token || Covers(token)) && (request is not ReadRequest { MaxStalenessMs: { } limit } || _stalenessBound.IsWithin(limit));

    /// <summary>Refuses what waiting would not help.</summary>
    private bool IsHopeless(ClientRequest request)
    {
        if (request.Token is { } token && LostDotsOf(token) is { } lost)
        {
            Refuse(request, Outcome.SessionLost, $"the session has seen {lost}, which was lost with the process that made it", lost);
            return true;
        }

        if (request is not ReadRequest { MaxStalenessMs: { } limit } || _stalenessBound.FirstOutOfReach(limit) is not { } node) return false;
        Refuse(request, Outcome.Stale, $"node {node} is out of reach, and what it had applied {limit} ms ago is not known");
        return true;
    }

    /// <summary>
    /// True where a session is not to wait here any longer: what it has seen did not come from the owners within reach, and the one that
    /// is out of reach may well have it. Who asked goes there,
    /// where this node cannot.
    /// </summary>
    private bool IsBetterElsewhere(ClientRequest request, long waitedMs)
    {
        if (waitedMs < 2 * _settings.GossipIntervalMs || ServingState != ServingState.Serving || request.Token is not { } token || Covers(token)) return false;
        for (var i = 0; i < _peers.Slots.Length; i++)
            if (i != _peers.OwnSlot && !_peers.Slots[i].Reachable) return true;
        return false;
    }

    private void AskForWhatIsMissing(ClientRequest request, long nowMs)
    {
        if (request.Token is { } token && !Covers(token)) _repair.TellAll(_effects);
        if (request is ReadRequest { MaxStalenessMs: { } limit }) _stalenessBound.Ask(limit);
    }

    private void RefuseUnready(ClientRequest request)
    {
        if (ServingState != ServingState.Serving) Refuse(request, Outcome.NotServing, NotServingBecause);
        else if (request.Token is { } token && !Covers(token)) Refuse(request, Outcome.SessionUnavailable, $"no replica within reach covers the token {token} in time");
        else if (request is ReadRequest { MaxStalenessMs: { } limit } && !_stalenessBound.IsWithin(limit)) Refuse(request, Outcome.Stale, $"what the other owners had applied {limit} ms ago could not be had in time");
        else Refuse(request, Outcome.NotServing, "it was still catching up when the time was over");
    }
}
