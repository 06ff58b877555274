using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Handoff;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Stability;

/// <summary>
/// Asks the fallback nodes what they hold, before a stable cut is decided. They promise that whatever they make from now on builds on the
/// cut.
/// <para>A fallback node may hold events of a coordinator that died before anybody else had them, or events of its own. Those were made
/// without having seen the cut, so they must be applied before it (hard case 3). A fallback node that is out of reach stops collection,
/// never writes.</para>
/// </summary>
internal sealed class StabilityPoll(
    ReplicaId self, FallbackKnowledge fallbacks, ClockView applied, ReplicaSettings settings, IReplicaEffects effects)
{
    // The cut that is polled for; null while no poll is running.
    private StableCut? _cut;

    // What is to become stable, together with what is stable already. The fallback nodes promise to build on it.
    private VersionVector _stable = new();
    private long _namesPassedMs;
    private FallbackMembership _fallbackMembership = FallbackMembership.Empty;
    private bool _mayCoordinate;

    // Begins at the incarnation's id, so an answer to an earlier incarnation of this node is not taken for one to this.
    private ulong _number = self.Value;
    private long _nextAskMs;

    /// <summary>True while answers are awaited.</summary>
    public bool IsRunning => _cut is not null;

    /// <summary>The first fallback node that has yet to answer and is out of reach; null where there is none.</summary>
    public NodeId? WaitsFor
    {
        get
        {
            foreach (var entry in fallbacks.Entries)
                if (IsRunning && entry.Polled != _number && !entry.Reachable) return entry.Node;
            return null;
        }
    }

    /// <summary>Begins a poll for a stable cut. Only answers to this poll count.</summary>
    /// <param name="cut">What is to become stable.</param>
    /// <param name="before">What is stable already.</param>
    /// <param name="membership">The nodes to ask.</param>
    /// <param name="isSettled">Whether every owner has that membership on disk. Only then may a fallback node begin to coordinate.</param>
    /// <param name="nowMs">Now.</param>
    public void Begin(StableCut cut, StableCut before, FallbackMembership membership, bool isSettled, long nowMs)
    {
        _cut = cut;
        _stable = cut.Clock.Copy();
        _stable.Merge(before.Clock);
        _namesPassedMs = Math.Max(cut.DeadlinesPassedUnixMs, before.DeadlinesPassedUnixMs);
        _fallbackMembership = membership;
        _mayCoordinate = isSettled;
        _number++;
        _nextAskMs = nowMs;
    }

    /// <summary>Ends the poll without a stable cut.</summary>
    public void GiveUp() => _cut = null;

    /// <summary>Takes a message of a fallback node: an answer, or word of which incarnation it is.</summary>
    public void Take(FallbackKnowledge.Entry fallback, HintAckMessage ack)
    {
        if (_cut is null) return;
        if (ack.StabilityPoll != _number)
        {
            // It was asked under the id of its earlier incarnation. It is asked again at once.
            if (ack.StabilityPoll == 0 && fallback.Polled != _number) _nextAskMs = 0;
            return;
        }

        fallback.Polled = _number;
        fallback.Known = ack.Offered;
        fallback.PolledAtMs = ack.AtMs;
        fallback.HasPromised = (ack.Flags & HintAckFlags.Promised) != 0;
    }

    /// <summary>The stable cut, once every fallback node has answered and all that they hold is applied here; else null.</summary>
    public StableCut? TryEnd(long nowMs)
    {
        if (_cut is null) return null;
        var isComplete = true;
        var isAskDue = nowMs >= _nextAskMs;
        if (isAskDue) _nextAskMs = nowMs + settings.GossipIntervalMs;
        foreach (var entry in fallbacks.Entries)
        {
            if (entry.Polled == _number && applied.Covers(entry.Known)) continue;
            isComplete = false;
            if (!isAskDue || !entry.Reachable || entry.Polled == _number) continue;
            var question = new StabilityPollMessage(
                self, _number, entry.Replica, _stable, _mayCoordinate && entry.MayHold, _fallbackMembership.IsLeaving(entry.Node),
                _namesPassedMs);
            effects.Send(entry.Node, new FallbackMessage(self, IsForFallback: true, question));
        }

        if (!isComplete) return null;
        var cut = AsAnswered(_cut);
        _cut = null;
        return cut;
    }

    /// <summary>True where a fallback node has answered the last poll that it holds nothing.</summary>
    public bool HoldsNothing(NodeId node) => fallbacks.Find(node) is { } entry && entry.Polled == _number && entry.Known.Count == 0;

    // The cut, with two limits that the answers set. Tags stay of operations that a fallback node may still execute. And an incarnation
    // that has answered has not ended; of an ended one, the fallback nodes may have held more than every owner had on disk.
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
