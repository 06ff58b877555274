using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.AntiEntropy;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Events;
using Gossipdb.Replication.Handoff;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Slots;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Stability;

/// <summary>
/// Brings about one stable cut after the other, while there is something to collect. The decider proposes what is stable among the owners.
/// Then the fallback nodes are polled. Once every owner has on disk what the cut needs, the decision is made, as an event. The event also
/// says which nodes are polled before the next cut.
/// </summary>
internal sealed class StableCutKeeper(
    PartitionState state, PeerKnowledge peers, FallbackKnowledge fallbacks, StabilityDecider decider, StabilityPoll poll,
    ExpiryDeleter expiry, PreviousIncarnations previous, SlotTable table, Replicator replicator, ClockExchange exchange,
    IReplicaEffects effects)
{
    private int _holdersVersion;

    // The last stable cut that this replica decided. Once its event is stable, every owner follows its fallback membership.
    private (Dot At, FallbackMembership Membership)? _lastDecision;

    // The cut that was reached last, and since when it has been, or nothing has waited for another one.
    private StableCut? _reached;
    private long _settledAtMs;

    /// <summary>
    /// The first owner or fallback node that is out of reach while something here waits to be collected. What is stable is not decided
    /// without it. Null where nothing waits.
    /// </summary>
    public NodeId? WaitsFor
    {
        get
        {
            if (!HasToCollect) return null;
            foreach (var slot in peers.Slots)
                if (!slot.Reachable) return slot.Node;
            return poll.WaitsFor;
        }
    }

    /// <summary>
    /// Since when something here waits to be collected, in this process's steady milliseconds: when the last stable cut was reached, or
    /// nothing waited. Null where nothing waits.
    /// </summary>
    public long? WaitsSinceMs => HasToCollect && _reached is not null ? _settledAtMs : null;

    /// <summary>Takes the next step towards a stable cut, where one is due.</summary>
    public void Tick(long nowMs)
    {
        if (!HasToCollect || !ReferenceEquals(_reached, state.Keys.StableCut))
            (_reached, _settledAtMs) = (state.Keys.StableCut, nowMs);
        if (_holdersVersion != table.HoldersVersion)
        {
            // Until all owners have heard of a new holder, some may still take what the old one makes.
            _holdersVersion = table.HoldersVersion;
            decider.GiveUp();
            poll.GiveUp();
        }

        if (decider.TryDecide() is { } decided)
        {
            var made = replicator.Make([], state.NewContext(OperationId.None), Durability.Memory, decided);
            _lastDecision = (made.Last, decided.FallbackMembership);
        }
        else if (decider.IsAskDue(nowMs))
        {
            exchange.StartWhere(decider.IsAwaited, isAlways: true);
        }
        else if (poll.TryEnd(nowMs) is { } polled)
        {
            decider.Begin(polled, NextMembership(polled), nowMs);
        }
        else if (!poll.IsRunning && previous.AreKnown()
            && decider.Propose(state.Keys.StableCut, HasToCollect || IsMembershipChangeDue, nowMs) is { } cut
            && IsWorthwhile(cut, nowMs))
        {
            poll.Begin(cut, state.Keys.StableCut, state.FallbackMembership, isSettled: IsSettledAt(cut, state.FallbackMembership), nowMs);
        }
    }

    /// <summary>Deletes keys that have expired for every owner (hard case 9).</summary>
    public void DeleteExpired()
    {
        // What an earlier incarnation here may have left at others, or on a damaged disk, could be a longer life.
        if (!previous.AreKnown() || !expiry.TryTake(out var expired)) return;
        var context = state.NewContext(OperationId.None);
        var changes = new List<KeyChange>();
        foreach (var key in expired)
        {
            var before = changes.Count;
            try
            {
                KeyMutation.Delete(key, state.Keys.Find(key), context, changes);
            }
            catch (Exception unforeseen)
            {
                // The key stays, and readers do not see it. The other keys go all the same.
                changes.RemoveRange(before, changes.Count - before);
                effects.Failed("the removal of an expired key", unforeseen);
            }
        }

        replicator.Make(changes, context, Durability.Journal);
    }

    /// <summary>Takes a fallback node's answer to the poll.</summary>
    public void Take(FallbackKnowledge.Entry fallback, HintAckMessage answer) => poll.Take(fallback, answer);

    // Keys that have expired wait for the poll before the next cut.
    private bool HasToCollect => state.Keys.HasUncollected || expiry.NeedsPoll;

    private bool IsWorthwhile(StableCut cut, long nowMs) =>
        cut.Retired.Count > 0
        || IsMembershipChangeDue
        || expiry.NeedsPoll
        || state.Keys.HasManyNames
        || state.Keys.WouldCollectAt(cut)
        || (state.Keys.HasUncollected && decider.IsOverdue(nowMs));

    // True where the layout designates other nodes, or a node is leaving, or one has yet to promise that it builds on what is stable.
    private bool IsMembershipChangeDue => !state.FallbackMembership.IsExactly(fallbacks.Designated) || fallbacks.LacksPromise;

    // True where every owner is known to follow at least this membership: it is the founding one, or that of a stable cut which all have on
    // disk.
    private bool IsSettledAt(StableCut cut, FallbackMembership membership) => _lastDecision is { } last
        ? cut.Covers(last.At) && last.Membership.Covers(membership)
        : state.Keys.StableCut.Clock.Count == 0;

    // The nodes to poll before the stable cut after the next one, as the layout designates them. A node that was leaving and holds nothing
    // any more is gone.
    private FallbackMembership NextMembership(StableCut cut)
    {
        var next = state.FallbackMembership;
        foreach (var node in fallbacks.Designated)
            if (!peers.Lost.Contains(node)) next = next.Add(node);
        foreach (var node in state.FallbackMembership.Present)
        {
            // A lost node is gone at once: nobody takes anything of it any more, or waits for it.
            if (peers.Lost.Contains(node)) next = next.Leave(node).Remove(node);
            if (fallbacks.Designated.Contains(node) || peers.Lost.Contains(node)) continue;
            if (next.IsMember(node)) next = next.Leave(node);
            else if (_lastDecision is { } last && last.Membership.IsLeaving(node) && cut.Covers(last.At) && poll.HoldsNothing(node))
                next = next.Remove(node);
        }

        return next;
    }
}
