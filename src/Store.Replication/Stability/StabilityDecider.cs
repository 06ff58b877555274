using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Handoff;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Time;

namespace Gossipdb.Replication.Stability;

/// <summary>
/// Decides what is stable (hard case 3; causal stability: Baquero, Almeida, Shoker, "Making operation-based CRDTs operation-based", 2014),
/// in two steps.
/// <para>First it proposes: what every owner has journaled is stable. What an owner makes from now on has seen that. What owners made
/// before, without having seen it, is among what they told to have applied. All that they told is what the stable cut
/// <em>needs</em>.</para>
/// <para>Then it decides, once every owner has on disk what the cut needs. The decision travels as an event. So it reaches every replica,
/// and the journal, at one point of the causal order, and a state stays a function of its clock, collection included. And because every
/// owner covers what the cut needs, the states of any two owners can be brought to one stable cut and joined.</para>
/// <para>An owner that does not know who holds a slot may still take what an earlier holder makes. So every owner has to know all holders
/// first.</para>
/// <para>The first owner decides, while all owners are within reach. An absent owner stops collection, never writes.</para>
/// </summary>
internal sealed class StabilityDecider(
    ReplicaId self, PeerKnowledge peers, FallbackKnowledge fallbacks, ClockView applied, ClockView durable, ReplicaClock clock,
    ReplicaSettings settings)
{
    // After so many intervals a cut is decided though no key can be collected whole. A key that never rests would never be collected
    // otherwise.
    private const int MostIntervals = 6;
    private StableCutDecision? _pending;
    private long _nextAskMs;
    private long _nextMs;
    private long _overdueMs;

    /// <summary>What is stable by now; null where no decision is due, or where this replica cannot know.</summary>
    public StableCut? Propose(StableCut reached, bool hasUncollected, long nowMs)
    {
        if (_pending is not null || nowMs < _nextMs || !(hasUncollected || MayHaveEnded(reached))) return null;
        if (_nextMs == 0) _overdueMs = nowMs + (MostIntervals * settings.CollectIntervalMs);

        // Where an owner has yet to tell, or something is under way, this is tried again soon. Gossip brings what is missing.
        _nextMs = nowMs + Math.Min(settings.GossipIntervalMs, settings.CollectIntervalMs);
        var stable = durable;
        var deadlinesPassed = clock.NamesPassedMs;
        for (var i = 0; i < peers.Slots.Length; i++)
        {
            if (i == peers.OwnSlot) continue;
            var slot = peers.Slots[i];
            if (i < peers.OwnSlot || !slot.Reachable || slot.Told is not { } told
                || told.LacksPast || !peers.IsKnownTo(told) || !applied.Covers(told.Applied))
            {
                return null;
            }
            stable = VersionVector.Minimum(stable, told.Durable);
            deadlinesPassed = Math.Min(deadlinesPassed, told.SentAtMs - settings.MaxClockSkewMs);
        }

        _nextMs = nowMs + settings.CollectIntervalMs;
        return new StableCut(stable.Copy(), deadlinesPassed, EndedAt(stable, reached));
    }

    /// <summary>True where a stable cut is due though no key can be collected whole at it.</summary>
    public bool IsOverdue(long nowMs) => nowMs >= _overdueMs;

    /// <summary>
    /// Takes up a proposal of <see cref="Propose"/>. It is decided once every owner has on disk all that has been applied here.
    /// </summary>
    /// <param name="cut">What is stable.</param>
    /// <param name="membership">The nodes to poll before the next cut.</param>
    /// <param name="nowMs">Now.</param>
    public void Begin(StableCut cut, FallbackMembership membership, long nowMs)
    {
        _overdueMs = nowMs + (MostIntervals * settings.CollectIntervalMs);
        _pending = new StableCutDecision(cut, applied.Copy(), membership);
    }

    /// <summary>Drops the proposal.</summary>
    public void GiveUp() => _pending = null;

    /// <summary>
    /// The decision, once it can be made; else null. This replica's next event must carry it, because the decision names that event's dot:
    /// this replica becomes the heir of the incarnations that retire.
    /// </summary>
    public StableCutDecision? TryDecide()
    {
        if (_pending is null || !durable.Covers(_pending.Needs)) return null;
        for (var i = 0; i < peers.Slots.Length; i++)
            if (IsAwaited(i)) return null;
        var decided = _pending;
        _pending = null;

        // An id was taken for ended, and more of its changes may have come to light meanwhile. Then it does not retire.
        var retired = new List<RetiredReplica>(decided.StableCut.Retired.Count);
        foreach (var (ended, _) in decided.StableCut.Retired)
            if (HasEndedAt(ended, decided.StableCut.Clock[ended])) retired.Add(new RetiredReplica(ended, new Dot(self, applied[self] + 1)));
        return decided with { StableCut = decided.StableCut with { Retired = retired } };
    }

    /// <summary>True where it is time to ask for clocks. <see cref="IsAwaited"/> says which owners to ask.</summary>
    public bool IsAskDue(long nowMs)
    {
        if (_pending is null || nowMs < _nextAskMs) return false;
        _nextAskMs = nowMs + settings.GossipIntervalMs;
        return true;
    }

    /// <summary>True where the decision waits for this owner to tell that it has on disk what the cut needs.</summary>
    public bool IsAwaited(int slot) =>
        _pending is not null && slot != peers.OwnSlot && peers.Slots[slot].Told?.Durable.Covers(_pending.Needs) != true;

    /// <summary>
    /// The incarnations that have ended: none of them is the present one of an owner or a fallback node, and every owner has on disk all
    /// that the owners know of them. If one of them made more, no owner has that on disk. A node that brings it back, from an old copy of a
    /// disk for instance, finds that its clock does not cover the stable cut. It takes everything anew.
    /// </summary>
    private List<RetiredReplica> EndedAt(ClockView stable, StableCut reached)
    {
        var ended = new List<RetiredReplica>();
        foreach (var entry in stable.Entries)
            if (!reached.HasRetired(entry.Replica) && HasEndedAt(entry.Replica, entry.Sequence))
                ended.Add(new RetiredReplica(entry.Replica, default));
        return ended;
    }

    private bool HasEndedAt(ReplicaId replica, long sequence)
    {
        if (applied[replica] != sequence || IsCurrentIncarnation(replica)) return false;
        foreach (var slot in peers.Slots)
            if (slot.Told is not null && slot.Told.Applied[replica] != sequence) return false;
        return true;
    }

    // What an ended incarnation has left waits for a decision, even if no key does.
    private bool MayHaveEnded(StableCut reached)
    {
        foreach (var entry in applied.Entries)
            if (!reached.HasRetired(entry.Replica) && !IsCurrentIncarnation(entry.Replica)) return true;
        return false;
    }

    private bool IsCurrentIncarnation(ReplicaId replica) =>
        replica == self || peers.IsCurrentIncarnation(replica) || fallbacks.IsCurrentIncarnation(replica);
}
