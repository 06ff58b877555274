using Gossipdb.Crdt;

namespace Gossipdb.Replication;

/// <summary>
/// Decides what is stable (hard case 3). Everything every owner has journaled is: what an owner makes from now on has seen it. What
/// was made before by one that had not seen it is among what the owners told to have applied, so the decision is taken only where all
/// of that is applied, and travels as an event: it reaches every replica, and the journal, after everything it depends on and at one
/// point of the causal order. So a state stays a function of its clock, what was collected included.
/// <para>A stand-in that coordinates has seen nothing: it promises instead that what it makes depends on a stable clock (<see cref="Promises"/>). Nothing above a designated stand-in's promise is
/// collected, and nothing before all it told to have made or to hold is applied here.</para>
/// <para>The first owner decides, while all owners and stand-ins are within reach: an absent one stops collection, never writes.</para>
/// </summary>
internal sealed class Collector(PeerKnowledge peers, StandInKnowledge standIns, VersionVector applied, VersionVector durable, ReplicaSettings settings)
{
    // A key that never rests would never be collected whole.
    private const int MostIntervals = 6;
    private long _nextMs;
    private long _overdueMs;

    /// <summary>What is stable by now, where it is time to ask and this replica can know; else null.</summary>
    public StableFloor? Propose(long nowMs)
    {
        if (nowMs < _nextMs) return null;
        if (_nextMs == 0) Decided(nowMs);
        _nextMs = nowMs + settings.CollectIntervalMs;
        var stable = durable;
        var deadlinesPassed = nowMs;
        for (var i = 0; i < peers.Slots.Length; i++)
        {
            if (i == peers.OwnSlot) continue;
            var slot = peers.Slots[i];
            if (i < peers.OwnSlot || !slot.Reachable || slot.Told is not { } told || !applied.Covers(told.Applied)) return null;
            stable = VersionVector.Minimum(stable, told.Durable);
            deadlinesPassed = Math.Min(deadlinesPassed, told.SentAtMs);
        }

        foreach (var standIn in standIns.Entries)
        {
            if (!standIn.Reachable || standIn.Promised is not { } promised || !applied.Covers(promised.Known)) return null;
            stable = VersionVector.Minimum(stable, promised.Promise);
            deadlinesPassed = Math.Min(deadlinesPassed, promised.SentAtMs);
        }

        // Ids are retired once it can be known that nothing of theirs is under way any more: that needs the layout's history.
        return new StableFloor(stable.Copy(), deadlinesPassed, []);
    }

    /// <summary>True where a floor is due though it lets no key be collected whole.</summary>
    public bool IsOverdue(long nowMs) => nowMs >= _overdueMs;

    /// <summary>Notes that a floor was decided.</summary>
    public void Decided(long nowMs) => _overdueMs = nowMs + (MostIntervals * settings.CollectIntervalMs);
}
