using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Coordination;

/// <summary>
/// Bounds how far this replica lags behind the other owners (bounded staleness; Terry et al., "Consistency-based service level agreements
/// for cloud storage", 2013). It asks an owner what that owner has applied, and notes when it asked, by its own steady clock. Once it
/// covers the answer, it holds everything the owner had applied when it was asked. Neither the clocks of the two machines nor the time that
/// the answer took matter.
/// <para>The replica lags by no more than d where every other owner's answer is covered, and each was asked no longer than d ago. For every
/// write is applied at some owner first.</para>
/// <para>A read that allows less than what is known puts questions, and waits until the answers are covered. While such reads go on,
/// questions are put ahead of the need, so most reads are answered at once. Without such reads nobody is asked.</para>
/// </summary>
internal sealed class StalenessBound(ReplicaId self, PeerKnowledge peers, ClockView applied, IReplicaEffects effects)
{
    // An unanswered question is put again after this long, while somebody waits.
    private const long AskAgainMs = 100;
    private const long Never = long.MinValue;

    private sealed class Owner
    {
        /// <summary>All that the owner had applied at this moment is here.</summary>
        public long KnownAsOfMs { get; set; } = Never;

        /// <summary>An answer that is not covered yet, and when its question was asked.</summary>
        public (long AskedAtMs, VersionVector Applied)? Pending { get; set; }

        public long LastAskedMs { get; set; } = Never;
    }

    private readonly Owner[] _owners = CreateOwners(peers.Slots.Length);

    /// <summary>
    /// Whether the replica is known to lag by no more than this. Where that will soon hold no longer, the owners are asked anew.
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

    /// <summary>Asks the owners whose bound is larger than this.</summary>
    public void Ask(long limitMs)
    {
        var now = effects.SteadyMs;
        for (var i = 0; i < _owners.Length; i++)
            if (i != peers.OwnSlot && AgeMs(_owners[i], now) > limitMs) Ask(i, now, AskAgainMs);
    }

    /// <summary>
    /// An owner that is out of reach and whose bound is larger than this. Waiting would not help. Null where there is none.
    /// </summary>
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

        // The first answer that is not covered is kept. If newer answers replaced it, none might ever be covered.
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
