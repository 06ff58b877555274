using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Handoff;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Stability;

/// <summary>
/// Before a stable cut is decided the stand-ins are asked what they hold, and they promise that whatever they make from now on builds on
/// the stable cut. They may have events of a coordinator that died before anybody else had them, or of their own: made without having
/// seen the stable cut, and so to be applied before it (hard case 3). A stand-in that is out of reach stops collection, never writes.
/// </summary>
internal sealed class StabilityPoll(
    ReplicaId self, FallbackKnowledge fallbacks, ClockView applied, ReplicaSettings settings, IReplicaEffects effects)
{
    private StableCut? _stableCut;
    private VersionVector _stable = new();
    private long _namesPassedMs;
    private FallbackMembership _fallbackMembership = FallbackMembership.Empty;
    private bool _mayGrant;

    // Answers to an earlier life of this node are not this one's.
    private ulong _number = self.Value;
    private long _nextAskMs;

    /// <summary>True while answers are awaited.</summary>
    public bool IsRunning => _stableCut is not null;

    /// <summary>The first stand-in that has yet to answer and is out of reach; null where there is none.</summary>
    public NodeId? WaitsFor
    {
        get
        {
            foreach (var entry in fallbacks.Entries)
                if (IsRunning && entry.Polled != _number && !entry.Reachable) return entry.Node;
            return null;
        }
    }

    /// <summary>Starts asking on behalf of a stable cut: answers count that are given from now on.</summary>
    /// <param name="cut">What is to become stable.</param>
    /// <param name="before">What is stable already.</param>
    /// <param name="membership">Who stands in.</param>
    /// <param name="isSettled">Whether every owner has that on disk: only then may a stand-in begin to coordinate.</param>
    /// <param name="nowMs">Now.</param>
    public void Begin(StableCut cut, StableCut before, FallbackMembership membership, bool isSettled, long nowMs)
    {
        _stableCut = cut;
        _stable = cut.Clock.Copy();
        _stable.Merge(before.Clock);
        _namesPassedMs = Math.Max(cut.DeadlinesPassedUnixMs, before.DeadlinesPassedUnixMs);
        _fallbackMembership = membership;
        _mayGrant = isSettled;
        _number++;
        _nextAskMs = nowMs;
    }

    /// <summary>Ends it without a stable cut.</summary>
    public void GiveUp() => _stableCut = null;

    /// <summary>Takes what a stand-in says: an answer, or which incarnation it is.</summary>
    public void Take(FallbackKnowledge.Entry fallback, HintAckMessage held)
    {
        if (_stableCut is null) return;
        if (held.StabilityPoll != _number)
        {
            // It was asked in the name of an earlier life.
            if (held.StabilityPoll == 0 && fallback.Polled != _number) _nextAskMs = 0;
            return;
        }

        fallback.Polled = _number;
        fallback.Known = held.Offered;
        fallback.PolledAtMs = held.AtMs;
        fallback.HasPromised = (held.Flags & HintAckFlags.Promised) != 0;
    }

    /// <summary>The stable cut, once every stand-in has answered and all that they hold is applied here; else null.</summary>
    public StableCut? TryEnd(long nowMs)
    {
        if (_stableCut is null) return null;
        var isComplete = true;
        var isAskDue = nowMs >= _nextAskMs;
        if (isAskDue) _nextAskMs = nowMs + settings.GossipIntervalMs;
        foreach (var entry in fallbacks.Entries)
        {
            if (entry.Polled == _number && applied.Covers(entry.Known)) continue;
            isComplete = false;
            if (!isAskDue || !entry.Reachable || entry.Polled == _number) continue;
            var question = new StabilityPollMessage(
                self,
                _number,
                entry.Replica,
                _stable,
                _mayGrant && entry.MayHold,
                _fallbackMembership.IsLeaving(entry.Node),
                _namesPassedMs);
            effects.Send(entry.Node, new FallbackMessage(self, IsForFallback: true, question));
        }

        if (!isComplete) return null;
        var cut = AsAnswered(_stableCut);
        _stableCut = null;
        return cut;
    }

    /// <summary>True where a stand-in has answered the last stability poll that it holds nothing.</summary>
    public bool HoldsNothing(NodeId node) => fallbacks.Find(node) is { } entry && entry.Polled == _number && entry.Known.Count == 0;

    // What a stand-in still executes has to stay in the counters; an incarnation that has answered has not ended, and of one that has the
    // stand-ins may have held more than every owner had on disk.
    private StableCut AsAnswered(StableCut cut)
    {
        var passed = cut.DeadlinesPassedUnixMs;
        foreach (var entry in fallbacks.Entries) passed = Math.Min(passed, entry.PolledAtMs);
        var ended = new List<RetiredReplica>(cut.Retired.Count);
        for (var i = 0; i < cut.Retired.Count; i++)
            if (!fallbacks.IsCurrentIncarnation(cut.Retired[i].Id) && applied[cut.Retired[i].Id] == cut.Clock[cut.Retired[i].Id])
                ended.Add(cut.Retired[i]);
        return cut with { DeadlinesPassedUnixMs = passed, Retired = ended };
    }
}
