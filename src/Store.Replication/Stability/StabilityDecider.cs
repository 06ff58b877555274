using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Handoff;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Time;

namespace Gossipdb.Replication.Stability;

/// <summary>
/// Decides what is stable (hard case 3), in two steps. What every owner has journaled is stable: what an owner makes from now on has seen
/// it. What was made before by one that had not seen it is among what the owners told to have applied: all of that is what the stable cut
/// <em>needs</em>. Once every owner has that on disk too, the decision is made and travels as an event: it reaches every replica, and the
/// journal, at one point of the causal order, so a state stays a function of its clock, what was collected included. And because every
/// owner covers what the stable cut needs, the states of any two owners can be brought to one stable cut and joined.
/// <para>An owner that has not heard who holds a slot may still take what an earlier holder makes: it has to know all holders first.</para>
/// <para>The first owner decides, while all owners are within reach: an absent owner stops collection, never writes.</para>
/// </summary>
internal sealed class StabilityDecider(
    ReplicaId self,
    PeerKnowledge peers,
    FallbackKnowledge fallbacks,
    ClockView applied,
    ClockView durable,
    ReplicaClock clock,
    ReplicaSettings settings)
{
    // A key that never rests would never be collected whole.
    private const int MostIntervals = 6;
    private StableCutDecision? _pending;
    private long _nextAskMs;
    private long _nextMs;
    private long _overdueMs;

    /// <summary>What is stable by now, where it is time to ask and this replica can know; else null.</summary>
    public StableCut? Propose(StableCut reached, bool hasUncollected, long nowMs)
    {
        if (_pending is not null || nowMs < _nextMs || !(hasUncollected || MayHaveEnded(reached))) return null;
        if (_nextMs == 0) _overdueMs = nowMs + (MostIntervals * settings.CollectIntervalMs);

        // Somebody has yet to tell, or something is under way: gossip brings it.
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

    /// <summary>
    /// The incarnations that have ended: no owner is one of them, and every owner has all they ever made on disk. What one of them made
    /// besides is on no owner's disk, and a node that brings it back (an old copy of a disk, say) finds its clock ahead of a stable cut
    /// it does not know, and takes everything anew.
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

    // What an ended id has left waits for a decision, though no key does.
    private bool MayHaveEnded(StableCut reached)
    {
        foreach (var entry in applied.Entries)
            if (!reached.HasRetired(entry.Replica) && !IsCurrentIncarnation(entry.Replica)) return true;
        return false;
    }

    private bool IsCurrentIncarnation(ReplicaId replica) =>
        replica == self || peers.IsCurrentIncarnation(replica) || fallbacks.IsCurrentIncarnation(replica);

    /// <summary>True where a stable cut is due though it lets no key be collected whole.</summary>
    public bool IsOverdue(long nowMs) => nowMs >= _overdueMs;

    /// <summary>Takes up what <see cref="Propose"/> found: to be decided once every owner has all that has been applied here.</summary>
    /// <param name="cut">What is stable.</param>
    /// <param name="membership">Who is to be asked before the next one.</param>
    /// <param name="nowMs">Now.</param>
    public void Begin(StableCut cut, FallbackMembership membership, long nowMs)
    {
        _overdueMs = nowMs + (MostIntervals * settings.CollectIntervalMs);
        _pending = new StableCutDecision(cut, applied.Copy(), membership);
    }

    /// <summary>Drops what was taken up.</summary>
    public void GiveUp() => _pending = null;

    /// <summary>
    /// The decision, once it can be made; else null. This replica's next event is to carry it: it makes this replica the heir of those it
    /// retires.
    /// </summary>
    public StableCutDecision? TryDecide()
    {
        if (_pending is null || !durable.Covers(_pending.Needs)) return null;
        for (var i = 0; i < peers.Slots.Length; i++)
            if (IsAwaited(i)) return null;
        var decided = _pending;
        _pending = null;

        // Of an id that was taken for ended, something more may have come to light meanwhile.
        var retired = new List<RetiredReplica>(decided.StableCut.Retired.Count);
        foreach (var (ended, _) in decided.StableCut.Retired)
            if (HasEndedAt(ended, decided.StableCut.Clock[ended])) retired.Add(new RetiredReplica(ended, new Dot(self, applied[self] + 1)));
        return decided with { StableCut = decided.StableCut with { Retired = retired } };
    }

    /// <summary>True where it is time to ask the owners that <see cref="IsAwaited"/> names for their clocks.</summary>
    public bool IsAskDue(long nowMs)
    {
        if (_pending is null || nowMs < _nextAskMs) return false;
        _nextAskMs = nowMs + settings.GossipIntervalMs;
        return true;
    }

    /// <summary>True where a decision waits for this owner to tell that it has everything.</summary>
    public bool IsAwaited(int slot) =>
        _pending is not null && slot != peers.OwnSlot && peers.Slots[slot].Told?.Durable.Covers(_pending.Needs) != true;
}
