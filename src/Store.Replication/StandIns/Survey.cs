using Gossipdb.Crdt;

namespace Gossipdb.Replication;

/// <summary>
/// Before a floor is decided the stand-ins are asked what they hold, and they promise that whatever they make from now on builds on the floor. They may have events of a coordinator that died
/// before anybody else had them, or of their own: made without having seen the floor, and so to be applied before it (hard case 3). A stand-in that is out of reach stops collection, never writes.
/// </summary>
internal sealed class Survey(ReplicaId self, StandInKnowledge standIns, VersionVector applied, ReplicaSettings settings)
{
    private StableFloor? _floor;
    private VersionVector _stable = new();
    private long _namesPassedMs;
    private Roster _roster = Roster.Empty;
    private bool _mayGrant;

    // Answers to an earlier life of this node are not this one's.
    private ulong _number = self.Value;
    private long _nextAskMs;

    /// <summary>True while answers are awaited.</summary>
    public bool IsRunning => _floor is not null;

    /// <summary>The first stand-in that has yet to answer and is out of reach; null where there is none.</summary>
    public NodeId? WaitsFor
    {
        get
        {
            foreach (var entry in standIns.Entries)
                if (IsRunning && entry.Surveyed != _number && !entry.Reachable) return entry.Node;
            return null;
        }
    }

    /// <summary>Starts asking on behalf of a floor: answers count that are given from now on.</summary>
    /// <param name="floor">What is to become stable.</param>
    /// <param name="before">What is stable already.</param>
    /// <param name="roster">Who stands in.</param>
    /// <param name="isSettled">Whether every owner has that on disk: only then may a stand-in begin to coordinate.</param>
    /// <param name="nowMs">Now.</param>
    public void Begin(StableFloor floor, StableFloor before, Roster roster, bool isSettled, long nowMs)
    {
        _floor = floor;
        _stable = floor.Clock.Copy();
        _stable.Merge(before.Clock);
        _namesPassedMs = Math.Max(floor.DeadlinesPassedUnixMs, before.DeadlinesPassedUnixMs);
        _roster = roster;
        _mayGrant = isSettled;
        _number++;
        _nextAskMs = nowMs;
    }

    /// <summary>Ends it without a floor.</summary>
    public void GiveUp() => _floor = null;

    /// <summary>Takes what a stand-in says: an answer, or which incarnation it is.</summary>
    public void Take(StandInKnowledge.Entry standIn, HeldMessage held)
    {
        if (_floor is null) return;
        if (held.Survey != _number)
        {
            // It was asked in the name of an earlier life.
            if (held.Survey == 0 && standIn.Surveyed != _number) _nextAskMs = 0;
            return;
        }

        standIn.Surveyed = _number;
        standIn.Known = held.Offered;
        standIn.SurveyedAtMs = held.AtMs;
        standIn.HasPromised = (held.Flags & HeldFlags.Promised) != 0;
    }

    /// <summary>The floor, once every stand-in has answered and all that they hold is applied here; else null.</summary>
    /// <param name="nowMs">Now.</param>
    /// <param name="effects">The host.</param>
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
            if (!isAskDue || !entry.Reachable || entry.Surveyed == _number) continue;
            var question = new SurveyMessage(self, _number, entry.Replica, _stable, _mayGrant && entry.MayHold, _roster.IsLeaving(entry.Node), _namesPassedMs);
            effects.Send(entry.Node, new StandInMessage(self, IsForStandIn: true, question));
        }

        if (!isComplete) return null;
        var floor = AsAnswered(_floor);
        _floor = null;
        return floor;
    }

    /// <summary>True where a stand-in has answered the last survey that it holds nothing.</summary>
    public bool HoldsNothing(NodeId node) => standIns.Find(node) is { } entry && entry.Surveyed == _number && entry.Known.Count == 0;

    // What a stand-in still executes has to stay in the counters; an incarnation that has answered has not ended, and of one that has the
    // stand-ins may have held more than every owner had on disk.
    private StableFloor AsAnswered(StableFloor floor)
    {
        var passed = floor.DeadlinesPassedUnixMs;
        foreach (var entry in standIns.Entries) passed = Math.Min(passed, entry.SurveyedAtMs);
        var ended = new List<RetiredReplica>(floor.Retired.Count);
        for (var i = 0; i < floor.Retired.Count; i++)
            if (!standIns.IsPresent(floor.Retired[i].Id) && applied[floor.Retired[i].Id] == floor.Clock[floor.Retired[i].Id]) ended.Add(floor.Retired[i]);
        return floor with { DeadlinesPassedUnixMs = passed, Retired = ended };
    }
}
