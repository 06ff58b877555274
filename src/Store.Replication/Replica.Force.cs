using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Recovery;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication;

// A slot whose holder is lost for good is taken by force (hard case 2). The newcomer asks the holders of other slots to promise it the slot's next generation: each journals that, refuses older claims from then
// on, and tells what it had applied. With the promises of a majority of N no older holder can have a write acked by a majority any more, and whatever one ever had acked so is known to some
// promiser: the newcomer takes an image that covers what all of them had, and only then holds the slot. Two newcomers cannot both have a majority at one epoch.
public sealed partial class Replica
{
    private readonly List<LostNode> _lost = [];
    private readonly Promises _promises;
    private readonly long[] _durablePromises;
    private bool _isSelfLost;

    /// <summary>True where an operator has declared this node lost: it serves nobody, and nobody listens to it.</summary>
    public bool IsSelfLost => _isSelfLost;

    private bool IsLost(NodeId node)
    {
        for (var i = 0; i < _lost.Count; i++)
            if (_lost[i].Node == node) return true;
        return false;
    }

    private void ApplyBuffered(bool awaited)
    {
        while (_buffer.TakeApplicable(_applied) is { } next)
            if (!IsTooLate(next)) Apply(next, awaited);
    }

    // Whatever had not seen all of a stable cut was applied before it was decided, but for what a lost node made that others had ceased to listen to. Who holds a slot knows of it by then; somebody who has given
    // one up may still have taken it.
    private bool IsTooLate(ReplicaEvent arrived)
    {
        if ((_peers.OwnSlot >= 0 && _lost.Count == 0) || arrived.StableCut is not null) return false;
        return !(arrived.LeavesOut ? _keys.Retired.AddTo(arrived.Clock) : arrived.Clock).Covers(_keys.StableCut.Clock);
    }

    // Once lost, lost for ever: what it says may lie below a stable cut that was decided without it.
    private void SetLost(LostNode lost)
    {
        for (var i = 0; i < _lost.Count; i++)
        {
            if (_lost[i].Node != lost.Node) continue;
            if (lost.AcceptsLoss) _lost[i] = lost;
            return;
        }

        _lost.Add(lost);
        _peers.LostCount = _lost.Count;
        HoldersVersion++;
        _fallbacks.Lose(lost.Node, _fallbackMembership, _peers);

        // What it made may be among what waits here, and would be applied at any time. Whatever others have comes again.
        _buffer.Clear();
        if (lost.Node == _self)
        {
            _isSelfLost = true;
            RefuseWaiting(SelfLostBecause);
            return;
        }

        SetReachable(lost.Node, false);
        _peers.ForgetOutsider(lost.Node);
    }

    // Taken by force: whoever hears of it knows with it which node is lost, whatever its layout says yet.
    private void NoteForced(int slot)
    {
        var holder = _peers.Slots[slot].Holder;
        if (!SlotEpoch.IsForced(holder.Epoch) || holder.From == holder.Node) return;
        SetLost(new LostNode(holder.From, AcceptsLoss: false));
        _promises.Forget(slot);
    }

    private const string SelfLostBecause = "this node was declared lost: others have taken its place, and it has to be set up anew under another number";

    // The lost node of a slot that can only be taken by force; null where its holder, or who has sealed it, is to hand it over.
    private NodeId? LostHolderOf(SlotHolder holder)
    {
        if (holder.Epoch == 0) return null;
        if (IsLost(holder.Node)) return holder.Node;
        return !holder.IsHeld && IsLost(holder.From) ? holder.From : null;
    }

    // Of a slot that no holder of the layout has: whether this newcomer may go for it. One that is on its way to a node by name is that node's.
    private bool IsFree(SlotHolder holder)
    {
        if (holder.IsHeld) return !IsInLayout(holder.Node);
        return LostHolderOf(holder) is not null && (IsLost(holder.Node) || !IsInLayout(holder.Node) || _peers.Find(holder.Node) is not null);
    }

    private void TakeByForce(int wanted, long nowMs)
    {
        var holder = _peers.Slots[wanted].Holder;
        var isPromised = !holder.IsHeld && holder.Node == _self && SlotEpoch.IsForced(holder.Epoch);
        var epoch = isPromised ? holder.Epoch : SlotEpoch.NextForced(holder.Epoch);
        var claim = _promises.Wanted;
        if (claim.Slot != wanted || claim.Epoch < epoch) _promises.Want(claim = new SlotClaim(wanted, epoch));
        foreach (var slot in _peers.Slots)
            if (slot.Index != wanted && slot.Reachable) _effects.Send(slot.Node, new PromiseRequestMessage(Id, wanted, claim.Epoch));
        if (!HasEnoughPromises(wanted)) return;
        foreach (var slot in _peers.Slots)
        {
            if (!slot.Reachable || !_promises.HasAllNeeded(slot.Index)) continue;
            _receiver.Start(slot.Node, whole: true, claim, nowMs, _effects);
            return;
        }

        // Nobody is left who held anything.
        if (_promises.Count == 0) TakeUp(claim, _self);
    }

    private bool HasEnoughPromises(int wanted)
    {
        if (_promises.Wanted.Slot != wanted) return false;
        if (_promises.Count > _peers.Slots.Length / 2) return true;
        if (!_peers.IsTableKnown || !IsLossAccepted(_peers.Slots[wanted].Holder)) return false;
        foreach (var slot in _peers.Slots)
            if (slot.Index != wanted && !_promises.Has(slot.Index) && LostHolderOf(slot.Holder) is null) return false;
        return true;
    }

    private bool IsLossAccepted(SlotHolder holder) => LostHolderOf(holder) is { } lost && _lost.Contains(new LostNode(lost, AcceptsLoss: true));

    // Who has lost its own memory waits to hear a majority: of nodes that are lost, with what they had, it waits for nothing.
    private void ExcuseLost()
    {
        if (_lost.Count == 0) return;
        var excused = 0UL;
        foreach (var slot in _peers.Slots)
            if (IsLossAccepted(slot.Holder)) excused |= 1UL << slot.Index;
        _rejoinGate.Excused = excused;
    }

    /// <summary>True where a slot may be taken up whose image ends at a clock: by hand-over always.</summary>
    private bool MayTakeUp(SlotClaim claim, VersionVector clock)
    {
        if (!SlotEpoch.IsForced(claim.Epoch)) return true;
        var holder = _peers.Slots[claim.Slot].Holder;
        return claim == _promises.Wanted && holder.Epoch <= claim.Epoch && LostHolderOf(holder) is not null && HasEnoughPromises(claim.Slot) && _promises.AreCoveredBy(clock);
    }

    private void AnswerPromiseRequest(NodeId from, PromiseRequestMessage request, long nowMs)
    {
        if ((uint)request.Slot >= (uint)_peers.Slots.Length || ServingState != ServingState.Serving || _peers.OwnSlot == request.Slot) return;
        var holder = _peers.Slots[request.Slot].Holder;
        if (holder.IsHeld || holder.Node != from || holder.Epoch != request.Epoch)
        {
            if (LostHolderOf(holder) is not { } lost || request.Epoch <= holder.Epoch || !SlotEpoch.IsForced(request.Epoch) || !IsInLayout(from) || _peers.Find(from) is not null)
            {
                _effects.Send(from, new PromiseAnswerMessage(Id, request.Slot, request.Epoch, null, _peers.Table()));
                return;
            }

            var ownBefore = _peers.OwnSlot;
            _peers.TryTake(request.Slot, new SlotHolder(from, request.Epoch, false, lost));
            HolderChanged(request.Slot, ownBefore, nowMs);
        }

        var promised = new SlotClaim(request.Slot, request.Epoch);
        if (_durablePromises[request.Slot] == request.Epoch)
        {
            TellPromise(from, promised);
            return;
        }

        // Where it was asked for before, and is on its way to the disk: what is behind it there is not durable before it.
        AppendTable(_peers.Table(), awaited: true, () =>
        {
            _durablePromises[promised.Slot] = promised.Epoch;
            TellPromise(from, promised);
        });
    }

    private void TellPromise(NodeId to, SlotClaim promised)
    {
        var holder = _peers.Slots[promised.Slot].Holder;
        var isKept = !holder.IsHeld && holder.Node == to && holder.Epoch == promised.Epoch && ServingState == ServingState.Serving;
        _effects.Send(to, new PromiseAnswerMessage(Id, promised.Slot, promised.Epoch, isKept ? _applied.Copy() : null, _peers.Table()));
    }

    private void TakePromise(PeerKnowledge.Slot of, PromiseAnswerMessage answer, long nowMs)
    {
        TakeHolders(answer.Table, nowMs);
        if (_promises.Wanted != new SlotClaim(answer.Slot, answer.Epoch) || of.Index == answer.Slot) return;
        if (answer.Clock is not null)
        {
            _promises.Take(of.Index, answer.Sender, answer.Clock);
            return;
        }

        // Promised to another newcomer at the same epoch: perhaps neither of the two gets enough. The first of them asks for the next one, or this one where the other is not in question any more.
        var theirs = answer.Table[answer.Slot];
        if (theirs.IsHeld || theirs.Epoch != answer.Epoch || theirs.Node == _self) return;
        if (_self.CompareTo(theirs.Node) < 0 || IsLost(theirs.Node) || !IsInLayout(theirs.Node) || _peers.Find(theirs.Node) is not null)
            _promises.Want(new SlotClaim(answer.Slot, SlotEpoch.NextForced(answer.Epoch)));
    }

    // In words for people.
    private string WaitsByForce(int wanted)
    {
        string answered = "", silent = "";
        foreach (var slot in _peers.Slots)
        {
            if (slot.Index == wanted || LostHolderOf(slot.Holder) is not null) continue;
            if (_promises.Wanted.Slot == wanted && _promises.Has(slot.Index)) answered += $"{(answered.Length > 0 ? ", " : "")}{slot.Node}";
            else silent += $"{(silent.Length > 0 ? ", " : "")}{slot.Node}{(slot.Reachable ? "" : " (out of reach)")}";
        }

        if (HasEnoughPromises(wanted)) return "is being taken by force: the others have promised it, and one of them is to come to know all that they knew";
        return $"is to be taken by force and waits for promises of {(_peers.Slots.Length / 2) + 1} holders of other slots: promised by {(answered.Length > 0 ? $"node {answered}" : "nobody")}"
            + $", not yet by {(silent.Length > 0 ? $"node {silent}" : "anybody: too few are left, which --accept-loss would accept")}";
    }
}
