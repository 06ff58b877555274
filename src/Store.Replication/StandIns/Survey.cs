using Gossipdb.Crdt;

namespace Gossipdb.Replication;

/// <summary>
/// Before a floor is decided the stand-ins are asked what they hold. They may have events of a coordinator that died before anybody else had them: made without having seen
/// the floor, and so to be applied before it (hard case 3). A stand-in that is out of reach stops collection, never writes.
/// </summary>
internal sealed class Survey(ReplicaId self, StandInKnowledge standIns, VersionVector applied, ReplicaSettings settings)
{
    private StableFloor? _floor;

    // Answers to an earlier life of this node are not this one's.
    private ulong _number = self.Value;
    private long _nextAskMs;

    /// <summary>True while answers are awaited.</summary>
    public bool IsRunning => _floor is not null;

    /// <summary>Starts asking on behalf of a floor: answers count that are given from now on.</summary>
    public void Begin(StableFloor floor, long nowMs)
    {
        _floor = floor;
        _number++;
        _nextAskMs = nowMs;
    }

    /// <summary>Ends it without a floor.</summary>
    public void GiveUp() => _floor = null;

    /// <summary>Takes an answer.</summary>
    public void Take(StandInKnowledge.Entry standIn, HeldMessage held)
    {
        if (_floor is null || held.Survey != _number) return;
        standIn.Surveyed = _number;
        standIn.Known = held.Offered;
    }

    /// <summary>The floor, once every stand-in has answered and all that they hold is applied here; else null.</summary>
    public StableFloor? TryEnd(long nowMs, IReplicaEffects effects)
    {
        if (_floor is null) return null;
        var isComplete = true;
        var isAskDue = nowMs >= _nextAskMs;
        if (isAskDue) _nextAskMs = nowMs + settings.GossipIntervalMs;
        foreach (var entry in standIns.Entries)
        {
            if (entry.Surveyed == _number && applied.Covers(entry.Known)) continue;
            isComplete = false;
            if (isAskDue && entry.Reachable && entry.Surveyed != _number)
                effects.Send(entry.Node, new StandInMessage(self, IsForStandIn: true, new SurveyMessage(self, _number)));
        }

        if (!isComplete) return null;
        var floor = _floor;
        _floor = null;
        return floor;
    }
}
