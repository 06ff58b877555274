using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Images;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Slots;

/// <summary>
/// Takes a slot by force whose holder is lost for good (hard case 2; phase 1 of Lamport, "Paxos made simple", 2001, with the slot's epoch
/// as the ballot).
/// <para>The newcomer asks the holders of other slots to promise it the slot's next epoch. Each of them journals the promise, refuses older
/// claims from then on, and tells what it had applied. Once holders of a majority of N have promised, no older holder can get a write acked
/// by a majority any more. And whatever an older holder did get acked by a majority, some promiser knows. The newcomer takes an image that
/// covers what all promisers had. Only then does it hold the slot.</para>
/// <para>Two newcomers cannot both have a majority at one epoch.</para>
/// <para>A node that has lost its disk takes its own slot in the same way, as if the holder that it was were lost (hard case 11). It may
/// have sealed the slot for another node, and forgotten that. Others that have lost theirs may promise it that: as long as they hold
/// nothing, they ack nothing.</para>
/// </summary>
internal sealed class ForcedTakeover(
    PartitionState state, PeerKnowledge peers, RejoinGate gate, SlotTable table, Promises promises, ImageReceiver images,
    IReplicaEffects effects)
{
    private readonly long[] _durablePromises = new long[peers.Slots.Length];

    /// <summary>
    /// The slot that this newcomer has asked promises for, where others have promised it to another newcomer, and under no later epoch; -1
    /// where there is none. Some may have promised it to this one. So it goes on until a later epoch is promised or the slot is held: if
    /// each of the two gave way to the other, neither would take the slot.
    /// </summary>
    public int Asked
    {
        get
        {
            if (promises.Wanted is not { Slot: >= 0 } wanted) return -1;
            var holder = peers.Slots[wanted.Slot].Holder;
            var isOpen = !holder.IsHeld && holder.Epoch <= wanted.Epoch && peers.Lost.LostHolderOf(holder) is not null;
            return isOpen ? wanted.Slot : -1;
        }
    }

    /// <summary>
    /// True where a slot of this entry can only be taken by force: what its holder knew is lost, and the holder with it, or the holder was
    /// this node, which has forgotten the slot.
    /// </summary>
    public bool IsNeeded(SlotHolder holder) => peers.Lost.LostHolderOf(holder) is not null || IsToBeReclaimed(holder);

    /// <summary>
    /// True of a slot that this node takes from itself: it holds none, and is or was the holder of this one. It has forgotten that, or is
    /// promised the slot for that reason.
    /// </summary>
    public bool IsToBeReclaimed(SlotHolder holder) =>
        peers.OwnSlot < 0 && holder.Epoch > 0 && IsOf(holder, peers.Self) && peers.Lost.LostHolderOf(holder) is null
        && (holder.IsHeld || SlotEpoch.IsForced(holder.Epoch) || (holder.Node != peers.Self && !gate.VouchesForState));

    /// <summary>
    /// True where this newcomer may try to take the slot: no node of the layout holds it. A slot that is on its way to a named node is that
    /// node's.
    /// </summary>
    public bool IsFree(SlotHolder holder)
    {
        if (holder.IsHeld) return !table.IsInLayout(holder.Node);
        return peers.Lost.LostHolderOf(holder) is not null
            && (peers.Lost.Contains(holder.Node) || !table.IsInLayout(holder.Node) || peers.Find(holder.Node) is not null);
    }

    /// <summary>Takes the next step towards a slot: asks for promises, then for an image that covers all that the promisers had.</summary>
    /// <returns>The claim, where the slot may be taken up at once because nobody is left who held anything; else none.</returns>
    public SlotClaim Pursue(int wanted, long nowMs)
    {
        var holder = peers.Slots[wanted].Holder;
        var isPromised = !holder.IsHeld && holder.Node == peers.Self && SlotEpoch.IsForced(holder.Epoch);
        var epoch = isPromised ? holder.Epoch : SlotEpoch.NextForced(holder.Epoch);
        var claim = promises.Wanted;
        if (claim.Slot != wanted || claim.Epoch < epoch) promises.Want(claim = new SlotClaim(wanted, epoch));
        foreach (var slot in peers.Slots)
            if (slot.Index != wanted && slot.Reachable) effects.Send(slot.Node, new PromiseRequestMessage(state.Id, wanted, claim.Epoch));
        if (!HasEnough(wanted)) return SlotClaim.None;
        foreach (var slot in peers.Slots)
        {
            if (!slot.Reachable || !promises.HasAllNeeded(slot.Index)) continue;
            images.Start(slot.Node, whole: true, claim, nowMs);
            return SlotClaim.None;
        }

        return promises.Count == 0 ? claim : SlotClaim.None;
    }

    /// <summary>True where a slot may be taken up with an image that ends at this clock: it covers what every promiser had.</summary>
    public bool MayTakeUp(SlotClaim claim, ClockView clock)
    {
        var holder = peers.Slots[claim.Slot].Holder;
        return claim == promises.Wanted
            && holder.Epoch <= claim.Epoch
            && IsNeeded(holder)
            && HasEnough(claim.Slot)
            && promises.AreCoveredBy(clock);
    }

    /// <summary>
    /// Promises a newcomer the next epoch of a slot whose holder is lost, or has lost its memory and asks itself. It does so once the
    /// promise is on disk. Or it tells why not.
    /// </summary>
    public void Answer(NodeId from, PromiseRequestMessage request, long nowMs)
    {
        if ((uint)request.Slot >= (uint)peers.Slots.Length || peers.OwnSlot == request.Slot) return;
        var holder = peers.Slots[request.Slot].Holder;
        if (!MayPromise(holder, from)) return;
        if (holder.IsHeld || holder.Node != from || holder.Epoch != request.Epoch)
        {
            var isAskersOwn = IsOf(holder, from);
            var lost = isAskersOwn ? from : peers.Lost.LostHolderOf(holder);
            if (lost is null || request.Epoch <= holder.Epoch || !SlotEpoch.IsForced(request.Epoch)
                || (!isAskersOwn && (!table.IsInLayout(from) || peers.Find(from) is not null)))
            {
                effects.Send(from, new PromiseAnswerMessage(state.Id, request.Slot, request.Epoch, null, peers.Table()));
                return;
            }

            var ownBefore = peers.OwnSlot;
            peers.TryTake(request.Slot, new SlotHolder(from, request.Epoch, false, lost.Value));
            table.HolderChanged(request.Slot, ownBefore, nowMs);
        }

        var promised = new SlotClaim(request.Slot, request.Epoch);
        if (_durablePromises[request.Slot] == request.Epoch)
        {
            Tell(from, promised);
            return;
        }

        // The promise may have been asked for before, and be on its way to the disk. This record lies behind it, so it is not durable
        // before it.
        table.Append(isAwaited: true, new PromiseIsDurable(promised, from));
    }

    /// <summary>A promise is on disk. The newcomer may be told.</summary>
    public void Continue(PromiseIsDurable promise)
    {
        _durablePromises[promise.Promised.Slot] = promise.Promised.Epoch;
        Tell(promise.To, promise.Promised);
    }

    /// <summary>Takes a holder's promise, or its refusal.</summary>
    public void Take(PeerKnowledge.Slot of, PromiseAnswerMessage answer, long nowMs)
    {
        table.TakeAll(answer.Table, nowMs);
        if (promises.Wanted != new SlotClaim(answer.Slot, answer.Epoch) || of.Index == answer.Slot) return;
        if (answer.Clock is not null)
        {
            promises.Take(of.Index, answer.Sender, answer.Clock);
            return;
        }

        // The epoch is promised to another newcomer. Perhaps neither of the two gets enough promises. The one with the lower number asks
        // for the next epoch. So does this node where the other one is out of the question.
        var theirs = answer.Table[answer.Slot];
        if (theirs.IsHeld || theirs.Epoch != answer.Epoch || theirs.Node == peers.Self) return;
        if (peers.Self.CompareTo(theirs.Node) < 0
            || peers.Lost.Contains(theirs.Node)
            || !table.IsInLayout(theirs.Node)
            || peers.Find(theirs.Node) is not null)
        {
            promises.Want(new SlotClaim(answer.Slot, SlotEpoch.NextForced(answer.Epoch)));
        }
    }

    /// <summary>
    /// A replica that has lost its memory waits to hear a majority. It does not wait for nodes whose loss is accepted, with what they had.
    /// </summary>
    public void ExcuseLost()
    {
        if (peers.Lost.Count == 0) return;
        var excused = 0UL;
        foreach (var slot in peers.Slots)
            if (peers.Lost.IsLossAccepted(slot.Holder)) excused |= 1UL << slot.Index;
        gate.Excused = excused;
    }

    /// <summary>What a slot that is to be taken by force waits for, in words for people.</summary>
    public string WaitsFor(int wanted)
    {
        string answered = "", silent = "";
        foreach (var slot in peers.Slots)
        {
            if (slot.Index == wanted || peers.Lost.LostHolderOf(slot.Holder) is not null) continue;
            if (promises.Wanted.Slot == wanted && promises.Has(slot.Index)) answered += $"{(answered.Length > 0 ? ", " : "")}{slot.Node}";
            else silent += $"{(silent.Length > 0 ? ", " : "")}{slot.Node}{(slot.Reachable ? "" : " (out of reach)")}";
        }

        if (HasEnough(wanted))
            return "is being taken by force: the others have promised it, and one of them is to come to know all that they knew";
        return $"is to be taken by force and waits for promises of {(peers.Slots.Length / 2) + 1} holders of other slots: "
            + $"promised by {(answered.Length > 0 ? $"node {answered}" : "nobody")}, not yet by "
            + (silent.Length > 0 ? $"node {silent}" : "anybody: too few are left, which --accept-loss would accept");
    }

    private bool HasEnough(int wanted)
    {
        if (promises.Wanted.Slot != wanted) return false;
        if (promises.Count > peers.Slots.Length / 2) return true;
        if (IsToBeReclaimed(peers.Slots[wanted].Holder)) return promises.Count >= gate.NeededBeside(1UL << wanted);
        if (!peers.IsTableKnown || !peers.Lost.IsLossAccepted(peers.Slots[wanted].Holder)) return false;
        foreach (var slot in peers.Slots)
            if (slot.Index != wanted && !promises.Has(slot.Index) && peers.Lost.LostHolderOf(slot.Holder) is null) return false;
        return true;
    }

    private void Tell(NodeId to, SlotClaim promised)
    {
        var holder = peers.Slots[promised.Slot].Holder;
        var isKept = !holder.IsHeld && holder.Node == to && holder.Epoch == promised.Epoch && MayPromise(holder, to);
        var clock = isKept ? state.Applied.Copy() : null;
        effects.Send(to, new PromiseAnswerMessage(state.Id, promised.Slot, promised.Epoch, clock, peers.Table()));
    }

    // A lost node's heir needs those that know what was acked. A node that has lost its own memory asks everybody, as one that comes back
    // to its slot does: others may have just started too, and wait to hear it, or have lost their memory as it has.
    private bool MayPromise(SlotHolder holder, NodeId to) =>
        gate.State == ServingState.Serving
        || (IsOf(holder, to) && (gate.State == ServingState.CatchingUp || HasSlotToReclaim()));

    private bool HasSlotToReclaim()
    {
        foreach (var slot in peers.Slots)
            if (IsToBeReclaimed(slot.Holder)) return true;
        return false;
    }

    // The node that had what the slot stands for: the holder, or the one that has sealed it.
    private static bool IsOf(SlotHolder holder, NodeId node) => (holder.IsHeld ? holder.Node : holder.From) == node;
}
