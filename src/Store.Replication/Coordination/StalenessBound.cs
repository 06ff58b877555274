using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Coordination;

/// <summary>
/// By how much this replica lags at most. It asks an owner how far that owner is, and notes when it asked, by its own steady clock: once
/// it covers the answer, it holds all that owner had applied at that moment, whatever the clocks of the two machines say and however long
/// the answer took. It lags no more than d where that holds, for every other owner, of a question asked no longer than d ago: every write
/// is applied at some owner first.
/// <para>A read that allows less than what is known asks, and waits for the answers to be covered. While reads go on, questions go ahead
/// of the need, so that most reads are answered at once. Nobody is asked while nobody reads so.</para>
/// </summary>
internal sealed class StalenessBound(ReplicaId self, PeerKnowledge peers, ClockView applied, IReplicaEffects effects)
{
    // A question that stays unanswered is put again after this long, while somebody waits.
    private const long AskAgainMs = 100;
    private const long Never = long.MinValue;

    private sealed class Owner
    {
        /// <summary>All the owner had applied at this moment is here.</summary>
        public long KnownAsOfMs { get; set; } = Never;

        /// <summary>The answer to a question asked then that is not covered yet.</summary>
        public (long AskedAtMs, VersionVector Applied)? Pending { get; set; }

        public long LastAskedMs { get; set; } = Never;
    }

    private readonly Owner[] _owners = CreateOwners(peers.Slots.Length);

    /// <summary>
    /// Whether the replica is known to lag no more than so many milliseconds. Where that will soon not hold any more, the owners are
    /// asked anew.
    /// </summary>
    public bool IsWithin(long limitMs)
    {
        var now = effects.SteadyMs;
        var within = true;
        for (var i = 0; i < _owners.Length; i++)
        {
            if (i == peers.OwnSlot) continue;
            var age = AgeMs(_owners[i], now);
            within &= age <= limitMs;
            if (age > limitMs / 2) Ask(i, now, Math.Max(limitMs / 4, AskAgainMs));
        }

        return within;
    }

    /// <summary>Asks those owners of whom too little is known.</summary>
    public void Ask(long limitMs)
    {
        var now = effects.SteadyMs;
        for (var i = 0; i < _owners.Length; i++)
            if (i != peers.OwnSlot && AgeMs(_owners[i], now) > limitMs) Ask(i, now, AskAgainMs);
    }

    /// <summary>An owner that is out of reach and of which too little is known: waiting would not help. Null where there is none.</summary>
    public NodeId? FirstOutOfReach(long limitMs)
    {
        var now = effects.SteadyMs;
        for (var i = 0; i < _owners.Length; i++)
            if (i != peers.OwnSlot && !peers.Slots[i].Reachable && AgeMs(_owners[i], now) > limitMs) return peers.Slots[i].Node;
        return null;
    }

    /// <summary>Another node holds the slot.</summary>
    public void HolderChanged(int slot) => _owners[slot] = new Owner();

    /// <summary>Takes an owner's answer.</summary>
    public void Take(int slot, ProgressAnswerMessage answer)
    {
        if (answer.Asker != self) return;
        var owner = _owners[slot];
        if (applied.Covers(answer.Applied)) owner.KnownAsOfMs = Math.Max(owner.KnownAsOfMs, answer.AskedAtMs);

        // The first answer that is not covered is kept: of ever newer ones none might ever be.
        else owner.Pending ??= (answer.AskedAtMs, answer.Applied);
    }

    private long AgeMs(Owner owner, long now)
    {
        if (owner.Pending is var (askedAt, told) && applied.Covers(told))
        {
            owner.KnownAsOfMs = Math.Max(owner.KnownAsOfMs, askedAt);
            owner.Pending = null;
        }

        return owner.KnownAsOfMs == Never ? long.MaxValue : now - owner.KnownAsOfMs;
    }

    private void Ask(int slot, long now, long notWithinMs)
    {
        var owner = _owners[slot];
        if (!peers.Slots[slot].Reachable || (owner.LastAskedMs != Never && now - owner.LastAskedMs < notWithinMs)) return;
        owner.LastAskedMs = now;
        effects.Send(peers.Slots[slot].Node, new ProgressQueryMessage(self, now));
    }

    private static Owner[] CreateOwners(int count)
    {
        var owners = new Owner[count];
        for (var i = 0; i < count; i++) owners[i] = new Owner();
        return owners;
    }
}
