using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.AntiEntropy;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Images;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Rights;
using Gossipdb.Replication.State;

namespace Gossipdb.Replication.Slots;

/// <summary>
/// Moves slots by sealed hand-over (hard case 2). The layout only says who should hold a slot. A node that should hold one takes it over:
/// <para>1. It takes a whole image of the present holder, which goes on working meanwhile.</para>
/// <para>2. In the turn that ends the image the holder seals: it journals that the slot is on its way. From then on it neither coordinates
/// nor answers nor counts.</para>
/// <para>3. The end of the image leaves only once the seal is durable.</para>
/// <para>4. The new holder joins the image, journals that it holds the slot, and only then counts.</para>
/// <para>So at no moment do two nodes count for one slot, and the next holder knows what any quorum knew of the slot.</para>
/// </summary>
internal sealed class SlotMembership(
    PartitionState state, PeerKnowledge peers, RejoinGate gate, SlotTable table, ForcedTakeover force, ImageReceiver images,
    ClockExchange exchange, RightsTransfer rights, ReplicaSettings settings) : IImagePolicy
{
    private const long EveryMs = 200;
    private long _nextMs;
    private long _nextAskMs;

    /// <summary>True while a slot is being taken up: its image is joined, and that is not on disk yet.</summary>
    public bool IsTakingUp { get; private set; }

    /// <summary>False where other moves of this node come first.</summary>
    public bool MayMove { get; set; } = true;

    /// <inheritdoc/>
    public bool MaySendSealedEnd => table.IsSealDurable;

    /// <summary>
    /// The slot that this node is to take over; -1 where there is none. A slot that was sealed for this node comes first, whatever the
    /// layout says by now. Otherwise the layout must name this node, and there must be a holder that it does not name. Which slot goes to
    /// which newcomer makes no difference. No node that is to stay has to move.
    /// </summary>
    public int WantedSlot
    {
        get
        {
            if (peers.OwnSlot >= 0 || peers.Lost.IsSelfLost) return -1;
            var promised = -1;
            foreach (var slot in peers.Slots)
            {
                if (force.IsToBeReclaimed(slot.Holder)) return slot.Index;
                if (slot.Holder.IsHeld || slot.Holder.Epoch == 0 || slot.Node != peers.Self) continue;
                if (table.ToDrain is not null && slot.Holder.From != peers.Self) continue;
                if (peers.Lost.LostHolderOf(slot.Holder) is null) return slot.Index;

                // A slot that was sealed for this node comes before one that is promised to it by force. The sealer waits until this node
                // takes the slot up, and this node may need the sealer's promise for the other slot.
                if (promised < 0 && table.IsInLayout(peers.Self)) promised = slot.Index;
            }

            if (promised >= 0) return promised;

            // A node that has held a slot gives up all it had before it takes another. Its id may have been retired since, and must not be
            // used again.
            if (table.ToDrain is not null || !table.IsInLayout(peers.Self)) return -1;
            if (force.Asked is >= 0 and var asked) return asked;

            // Each newcomer begins with another slot, so two of them do not ask for the same one.
            var rank = 0;
            foreach (var node in table.Layout)
                if (node.CompareTo(peers.Self) < 0 && !table.IsInTable(node)) rank++;
            var last = -1;
            foreach (var slot in peers.Slots)
            {
                if (slot.Holder.Epoch > 0 && !force.IsFree(slot.Holder)) continue;
                last = slot.Index;
                if (rank-- == 0) break;
            }

            return last;
        }
    }

    /// <summary>
    /// True where this node may forget the partition. It has no part in it any more, and every holder of a slot has on disk what this node
    /// held, or cannot take the rest any more. Every holder also has on disk where this node's slot has gone: should the new holder be lost
    /// one day, somebody has to know that it held the slot.
    /// </summary>
    public bool IsDrained
    {
        get
        {
            if (peers.OwnSlot >= 0 || peers.Lost.IsSelfLost || WantedSlot >= 0 || !peers.IsTableKnown) return false;
            var having = 0;
            foreach (var slot in peers.Slots)
            {
                // Whoever takes a lost holder's slot will know what the other holders know.
                if (peers.Lost.LostHolderOf(slot.Holder) is not null && table.ToDrain is not null) continue;
                if (!slot.Holder.IsHeld) return false;
                if (table.ToDrain is { } toDrain && !(HasAllItCan(slot, toDrain) && table.IsKnownTo(slot.Node))) return false;
                having++;
            }

            return having > 0;
        }
    }

    /// <summary>What becomes of this node's slot, in words for people. Null where it neither gets nor gives up one.</summary>
    public string? Moving
    {
        get
        {
            if (peers.Lost.IsSelfLost) return "is not served any more: " + LostNodes.SelfLostBecause;
            if (peers.OwnSlot >= 0) return table.IsInLayout(peers.Self) ? null : "is to go to another node, which fetches it";
            if (WantedSlot is >= 0 and var wanted)
            {
                if (!MayMove) return "waits for other moves of this node";
                if (force.IsNeeded(peers.Slots[wanted].Holder)) return force.WaitsFor(wanted);
                if (images.IsRunning) return $"is being taken over from node {SourceOf(wanted)}";
                if (SourceOf(wanted) is not { } source) return "waits to hear who holds it";
                return peers.IsNear(source)
                    ? $"waits for node {source} to hand it over"
                    : $"waits for node {source}, which is out of reach";
            }

            foreach (var slot in peers.Slots)
                if (slot.Told is null || !slot.Holder.IsHeld) return $"is kept until node {slot.Node} has it";
            if (table.ToDrain is null) return "is kept until every holder has it";
            foreach (var slot in peers.Slots)
                if (!table.IsKnownTo(slot.Node)) return $"is kept until node {slot.Node} knows where it has gone";
            return "is kept until every holder has it";
        }
    }

    /// <summary>
    /// Takes the next step towards the slot that this node is to hold. Settles slots that were sealed for this node or by it.
    /// </summary>
    public void Tick(long nowMs)
    {
        if (nowMs < _nextMs) return;
        _nextMs = nowMs + EveryMs;

        // Holders hear of each other. A node that holds no slot has to ask.
        if (peers.OwnSlot < 0 && nowMs >= _nextAskMs)
        {
            _nextAskMs = nowMs + (peers.IsTableKnown ? settings.GossipIntervalMs : 0);
            table.Ask();
        }

        SettleSealed();
        force.ExcuseLost();
        if (WantedSlot is not (>= 0 and var wanted) || !MayMove || images.IsRunning || IsTakingUp) return;
        var holder = peers.Slots[wanted].Holder;
        if (force.IsNeeded(holder))
        {
            if (force.Pursue(wanted, nowMs) is { Slot: >= 0 } claim) TakeUp(claim, peers.Self);
        }
        else if (holder.Epoch > 0 && holder == new SlotHolder(peers.Self, holder.Epoch, false, peers.Self))
        {
            TakeBack(new SlotClaim(wanted, holder.Epoch), nowMs);
        }
        else if (SourceOf(wanted) is { } source && peers.IsNear(source))
        {
            var epoch = holder.IsHeld ? holder.Epoch + 1 : holder.Epoch;
            images.Start(source, whole: true, new SlotClaim(wanted, epoch), nowMs);
        }
        else if (peers.IsTableKnown)
        {
            table.Ask();
        }
    }

    /// <summary>A table of the slots' holders is on disk: does what waited for that.</summary>
    public void Continue(JournalContinuation continuation)
    {
        table.Persisted();
        switch (continuation)
        {
            case TableIsDurable:
                break;
            case SealIsDurable seal:
                table.Continue(seal);
                break;
            case PromiseIsDurable promise:
                force.Continue(promise);
                break;
            case TakeUpIsDurable takeUp:
                FinishTakeUp(takeUp);
                break;
            case ReturnIsDurable returned:
                table.Tell(returned.Sealer, answerWanted: false);
                break;
            default:
                throw new InvalidOperationException($"nothing is to be done for {continuation}");
        }
    }

    /// <inheritdoc/>
    public void AppendHoldersAgain()
    {
        if (table.IsJournaled) table.Append(isAwaited: false);
    }

    /// <inheritdoc/>
    public bool MayGive(NodeId to, SlotClaim seal, out bool isToBeSealed)
    {
        isToBeSealed = false;
        var isServing = gate.State == ServingState.Serving;
        if (seal.Slot < 0) return isServing || table.ToDrain is not null;
        if (seal.Slot >= peers.Slots.Length) return false;
        var holder = peers.Slots[seal.Slot].Holder;

        // A sealer whose disk was lost since has nothing to give. What it had is lost with it, and only promises of others make up for it.
        if (holder == new SlotHolder(to, seal.Epoch, false, peers.Self)) return gate.VouchesForState;

        // The newcomer takes another slot by force, and has to know all that was known. It does not take this node's slot.
        if (SlotEpoch.IsForced(seal.Epoch)) return isServing && peers.OwnSlot != seal.Slot;
        isToBeSealed = true;
        return isServing
            && peers.OwnSlot == seal.Slot
            && holder.Epoch + 1 == seal.Epoch
            && !table.IsInLayout(peers.Self)
            && table.IsInLayout(to)
            && !table.HasWhatItWants(to);
    }

    /// <inheritdoc/>
    public bool TrySeal(NodeId to, SlotClaim seal)
    {
        if (!MayGive(to, seal, out _)) return false;
        rights.HandOverAll();
        table.Seal(seal, to);
        return true;
    }

    /// <inheritdoc/>
    public void TellHolders(NodeId to) => table.Tell(to, answerWanted: false);

    /// <inheritdoc/>
    public void TakeHolders(SlotHolder[] holders, long nowMs) => table.TakeAll(holders, nowMs);

    /// <inheritdoc/>
    public bool MayTakeUp(SlotClaim claim, ClockView clock) => !SlotEpoch.IsForced(claim.Epoch) || force.MayTakeUp(claim, clock);

    /// <inheritdoc/>
    public void TakeUp(SlotClaim claim, NodeId from)
    {
        gate.TookOver();
        Hold(claim, from);
    }

    // The slot comes back without an image, to the node that sealed it: what that node had is enough, if it still has it.
    private void TakeBack(SlotClaim claim, long nowMs)
    {
        if (gate.VouchesForState) gate.TookOver();
        else gate.ForgottenSlotHeld(nowMs);
        Hold(claim, peers.Self);
    }

    private void Hold(SlotClaim claim, NodeId from)
    {
        IsTakingUp = true;
        var holders = peers.Table();
        var taken = peers.Lost.LostHolderOf(holders[claim.Slot]) ?? (SlotEpoch.IsForced(claim.Epoch) ? peers.Self : from);
        var held = new SlotHolder(peers.Self, claim.Epoch, true, taken);
        holders[claim.Slot] = held;
        table.Append(holders, isAwaited: true, new TakeUpIsDurable(claim.Slot, held, from));
    }

    private void FinishTakeUp(TakeUpIsDurable takeUp)
    {
        IsTakingUp = false;
        if (!table.TryTake(takeUp.Slot, takeUp.Held))
        {
            // The slot was taken by force meanwhile. What is here is dropped once others have it, before this node takes another slot.
            table.ToDrain = state.Applied.Copy();
            return;
        }

        table.ToDrain = null;
        foreach (var slot in peers.Slots)
            if (slot.Node != peers.Self) table.Tell(slot.Node, answerWanted: false);
        exchange.TellAll();
        if (takeUp.From == peers.Self) return;
        table.Tell(takeUp.From, answerWanted: false);
        exchange.Tell(takeUp.From, answerWanted: true);
    }

    // A slot is sealed for a named node. Only that node can say that it will not take the slot. Then the slot goes back to the node that
    // sealed it, and on from there.
    private void SettleSealed()
    {
        foreach (var slot in peers.Slots)
        {
            if (slot.Holder.IsHeld) continue;
            if (peers.Lost.LostHolderOf(slot.Holder) is not null)
            {
                // Such a slot will be taken by force. It may be promised to this node, which then takes the state anew. So an earlier image
                // that was never taken up need not be drained.
                if (slot.Node == peers.Self && !gate.HasServed) table.ToDrain = null;
            }
            else if (slot.Holder.From == peers.Self && slot.Node != peers.Self)
            {
                table.Tell(slot.Node, answerWanted: true);
            }
            else if (slot.Node == peers.Self
                && slot.Holder.From != peers.Self
                && (peers.OwnSlot >= 0 || table.ToDrain is not null)
                && !IsTakingUp)
            {
                var (sealer, epoch) = (slot.Holder.From, slot.Holder.Epoch);
                if (!table.TryTake(slot.Index, new SlotHolder(sealer, epoch + 1, false, sealer))) continue;
                table.Append(isAwaited: true, new ReturnIsDurable(sealer));
            }
        }
    }

    // This node may have sealed its slot for a node that was lost before it took the slot up. Then the slot was taken by force, and a
    // stable cut may have been decided without what this node alone holds. That has not seen all of the cut, and is lost: whoever knows of
    // a lost node and has collected at the cut takes nothing that comes after it and has not seen it.
    private static bool HasAllItCan(PeerKnowledge.Slot holder, VersionVector toDrain)
    {
        if (holder.Told is not { } told) return false;
        return told.Durable.Covers(toDrain) || (told.Lost > 0 && holder.CollectedAt is { } cut && !toDrain.Covers(cut));
    }

    // The node to take a slot from: its holder, or the node that has sealed it for this one.
    private NodeId? SourceOf(int slot)
    {
        var holder = peers.Slots[slot].Holder;
        if (holder.Epoch == 0) return null;
        if (holder.IsHeld) return holder.Node;
        return holder.Node == peers.Self ? holder.From : null;
    }
}
