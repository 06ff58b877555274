using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Recovery;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication;

// Slots move (hard case 2). The layout only says who should hold a slot; the one who should fetches it: it takes a whole image of the present holder, which goes on working meanwhile. In the turn that ends
// the image the holder seals: it journals that the slot is on its way, and from then on neither coordinates nor answers nor counts. Only once that is durable does the end
// leave; the new holder joins it, journals that it holds the slot, and only then counts. So at no moment do two nodes count for one slot, and what any quorum knew of it its next holder knows.
public sealed partial class Replica
{
    private const long SlotsEveryMs = 200;
    private IReadOnlyList<NodeId> _layout;
    private long _nextSlotsMs;
    private long _nextAskForSlotsMs;
    private bool _isSealDurable;
    private bool _isTableJournaled;
    private bool _isTakingUp;

    // What this replica held when it lost its slot: it stays until every holder has that.
    private VersionVector? _toDrain;

    /// <summary>Rises whenever <see cref="PeerKnowledge.Slots"/> change hands.</summary>
    public int HoldersVersion { get; private set; }

    /// <summary>False where other moves of this node come first.</summary>
    public bool MayMove { get; set; } = true;

    /// <summary>
    /// The slot this node is to take over; -1 where there is none. One that was sealed for it comes first, whatever the layout says by now. Else the layout must
    /// name this node, and some holder that it does not name: which slot goes to which newcomer makes no difference, and nobody who is to stay has to move.
    /// </summary>
    public int WantedSlot
    {
        get
        {
            if (_peers.OwnSlot >= 0 || _isSelfLost) return -1;
            foreach (var slot in _peers.Slots)
            {
                if (slot.Holder.IsHeld || slot.Holder.Epoch == 0 || slot.Node != _self || (_toDrain is not null && slot.Holder.From != _self)) continue;
                if (LostHolderOf(slot.Holder) is null || IsInLayout(_self)) return slot.Index;
            }

            // Who has held a slot gives up all it had before it takes another: its id may have been retired since, and must not be used again.
            if (_toDrain is not null || !IsInLayout(_self)) return -1;

            // Newcomers begin with different slots, so that they do not ask for the same one.
            var rank = 0;
            foreach (var node in _layout)
                if (node.CompareTo(_self) < 0 && !IsInTable(node)) rank++;
            var last = -1;
            foreach (var slot in _peers.Slots)
            {
                if (slot.Holder.Epoch > 0 && !IsFree(slot.Holder)) continue;
                last = slot.Index;
                if (rank-- == 0) break;
            }

            return last;
        }
    }

    /// <summary>True where this node has no part in the partition any more, and every holder of a slot has on disk what it held: it can forget the partition.</summary>
    public bool IsDrained
    {
        get
        {
            if (_peers.OwnSlot >= 0 || _isSelfLost || WantedSlot >= 0 || !_peers.IsTableKnown) return false;
            var having = 0;
            foreach (var slot in _peers.Slots)
            {
                // Who takes a lost holder's place comes to know what the others do.
                if (LostHolderOf(slot.Holder) is not null && _toDrain is not null) continue;
                if (!slot.Holder.IsHeld || (_toDrain is not null && slot.Told?.Durable.Covers(_toDrain) != true)) return false;
                having++;
            }

            return having > 0;
        }
    }

    /// <summary>What becomes of this node's part of the partition, in words for people; null where this node neither gets nor gives up a slot.</summary>
    public string? Moving
    {
        get
        {
            if (_isSelfLost) return "is not served any more: " + SelfLostBecause;
            if (_peers.OwnSlot >= 0)
                return IsInLayout(_self) ? null : "is to go to another node, which fetches it";
            if (WantedSlot is >= 0 and var wanted)
            {
                if (!MayMove) return "waits for other moves of this node";
                if (LostHolderOf(_peers.Slots[wanted].Holder) is not null) return WaitsByForce(wanted);
                if (_receiver.IsRunning) return $"is being taken over from node {SourceOf(wanted)}";
                if (SourceOf(wanted) is not { } source) return "waits to hear who holds it";
                return _peers.IsNear(source) ? $"waits for node {source} to hand it over" : $"waits for node {source}, which is out of reach";
            }

            foreach (var slot in _peers.Slots)
                if (slot.Told is null || !slot.Holder.IsHeld) return $"is kept until node {slot.Node} has it";
            return "is kept until every holder has it";
        }
    }

    /// <summary>The layout gives the slots to these nodes, from now on. A slot that is another's stays where it is until it has been handed over.</summary>
    /// <param name="owners">Who should hold the slots.</param>
    /// <param name="fallbacks">The designated stand-ins; null where there are none.</param>
    /// <param name="lost">The nodes that are lost for good; null where there are none. One that was ever named stays lost.</param>
    public void SetLayout(IReadOnlyList<NodeId> owners, IReadOnlyList<NodeId>? fallbacks = null, IReadOnlyList<LostNode>? lost = null)
    {
        if (owners.Count != _peers.Slots.Length) throw new ArgumentException($"the layout has {owners.Count} slots a partition, not {_peers.Slots.Length}");
        _layout = owners;
        foreach (var node in lost ?? []) SetLost(node);
        _fallbacks.Designate(fallbacks ?? [], _fallbackMembership, _peers);
    }

    private void TickSlots(long nowMs)
    {
        if (nowMs < _nextSlotsMs) return;
        _nextSlotsMs = nowMs + SlotsEveryMs;

        // Holders hear of each other; who holds nothing has to ask.
        if (_peers.OwnSlot < 0 && nowMs >= _nextAskForSlotsMs)
        {
            _nextAskForSlotsMs = nowMs + (_peers.IsTableKnown ? _settings.GossipIntervalMs : 0);
            AskForSlots();
        }

        SettleSealed();
        ExcuseLost();
        if (WantedSlot is not (>= 0 and var wanted) || !MayMove || _receiver.IsRunning || _isTakingUp) return;
        var holder = _peers.Slots[wanted].Holder;
        if (LostHolderOf(holder) is not null) TakeByForce(wanted, nowMs);
        else if (holder.Epoch > 0 && holder == new SlotHolder(_self, holder.Epoch, false, _self)) TakeUp(new SlotClaim(wanted, holder.Epoch), _self);
        else if (SourceOf(wanted) is { } source && _peers.IsNear(source))
            _receiver.Start(source, whole: true, new SlotClaim(wanted, holder.IsHeld ? holder.Epoch + 1 : holder.Epoch), nowMs, _effects);
        else if (_peers.IsTableKnown)
            AskForSlots();
    }

    // A slot is sealed for a node by name, and only that node can say that it will not have it: then it goes back to who sealed it, and on from there.
    private void SettleSealed()
    {
        foreach (var slot in _peers.Slots)
        {
            if (slot.Holder.IsHeld) continue;
            if (LostHolderOf(slot.Holder) is not null)
            {
                // Taken by force it will be: by this node, where it was promised to it, and then what an image left here that was never taken up is taken anew.
                if (slot.Node == _self && !_hasServed) _toDrain = null;
            }
            else if (slot.Holder.From == _self && slot.Node != _self)
            {
                TellSlots(slot.Node, answerWanted: true);
            }
            else if (slot.Node == _self && slot.Holder.From != _self && (_peers.OwnSlot >= 0 || _toDrain is not null) && !_isTakingUp)
            {
                var (sealer, epoch) = (slot.Holder.From, slot.Holder.Epoch);
                if (!_peers.TryTake(slot.Index, new SlotHolder(sealer, epoch + 1, false, sealer))) continue;
                HoldersVersion++;
                AppendTable(_peers.Table(), awaited: true, () => TellSlots(sealer, answerWanted: false));
            }
        }
    }

    // What a newcomer is to build on comes as an image. And who has given up its slot takes nothing more: what it had then, its successor has, and before a stable cut it is not asked (hard case 3).
    private bool HasState => ServingState is not (ServingState.NeedsImage or ServingState.WithoutSlot);

    private bool IsInLayout(NodeId node)
    {
        for (var i = 0; i < _layout.Count; i++)
            if (_layout[i] == node) return true;
        return false;
    }

    private bool IsInTable(NodeId node)
    {
        foreach (var slot in _peers.Slots)
            if (slot.Node == node && slot.Holder.Epoch > 0) return true;
        return false;
    }

    // Whom to take a slot from: its holder, or who has sealed it for this node.
    private NodeId? SourceOf(int slot)
    {
        var holder = _peers.Slots[slot].Holder;
        if (holder.Epoch == 0) return null;
        if (holder.IsHeld) return holder.Node;
        return holder.Node == _self ? holder.From : null;
    }

    private void AskForSlots()
    {
        var asked = new HashSet<NodeId> { _self };
        foreach (var slot in _peers.Slots)
            if (asked.Add(slot.Node)) TellSlots(slot.Node, answerWanted: true);
        foreach (var owner in _layout)
            if (asked.Add(owner)) TellSlots(owner, answerWanted: true);
    }

    private void TellSlots(NodeId to, bool answerWanted)
    {
        if (_peers.IsNear(to)) _effects.Send(to, new SlotsMessage(Id, _peers.Table(), answerWanted));
    }

    private void TakeTable(NodeId from, SlotsMessage message, long nowMs)
    {
        var knowsMore = TakeHolders(message.Table, nowMs);
        if (message.AnswerWanted || knowsMore) TellSlots(from, answerWanted: false);
    }

    /// <summary>Takes up who holds the slots, where that is news.</summary>
    /// <returns>True where this replica knows more.</returns>
    private bool TakeHolders(SlotHolder[] table, long nowMs)
    {
        if (table.Length != _peers.Slots.Length) throw new CorruptDataException($"a table of {table.Length} slots where there are {_peers.Slots.Length}");
        var knowsMore = false;
        for (var i = 0; i < table.Length; i++)
        {
            var (theirs, before) = (table[i], _peers.OwnSlot);
            if (_peers.TryTake(i, theirs)) HolderChanged(i, before, nowMs);
            var ours = _peers.Slots[i].Holder;
            knowsMore |= ours.Epoch > theirs.Epoch || (ours.Epoch == theirs.Epoch && ours.IsHeld && !theirs.IsHeld);
        }

        return knowsMore;
    }

    /// <summary>A slot has another holder: what was known of the old one does not count any more.</summary>
    private void HolderChanged(int slot, int ownBefore, long nowMs)
    {
        HoldersVersion++;
        NoteForced(slot);
        var isLost = ownBefore >= 0 && _peers.OwnSlot < 0;

        // Others may know of a seal that this node has forgotten: it seals anew, with what it has now.
        if (isLost) _isSealDurable = false;
        AppendTable(_peers.Table(), awaited: isLost, isLost ? () => _isSealDurable = true : null);
        _reads.HolderChanged(slot);
        _stalenessBound.HolderChanged(slot);
        _audit.HolderChanged(slot);
        _rejoinGate.HolderChanged(slot);
        if (isLost) LoseSlot();

        // Others know of a take-up that this node has forgotten: its disk is not the one it was.
        else if (ownBefore < 0 && _peers.OwnSlot >= 0) _rejoinGate.Begin(isNew: true, nowMs);
    }

    private void LoseSlot()
    {
        _toDrain = _applied.Copy();
        _snapshot = null;
        RefuseWaiting("its slot has gone to another node");
    }

    private void RefuseWaiting(string reason)
    {
        foreach (var (request, _) in _awaitingClock) Refuse(request, Outcome.NotServing, reason);
        _awaitingClock.Clear();
        while (_rights.TakeAny() is { } waiting) Refuse(waiting, Outcome.NotServing, reason);
    }

    /// <summary>True where a peer may take an image: any from who serves, a sealing one from the holder whose layout agrees, and again from who has sealed for it.</summary>
    private bool MayGiveImage(NodeId to, SlotClaim seal, out bool isToBeSealed)
    {
        isToBeSealed = false;
        if (seal.Slot < 0) return ServingState == ServingState.Serving || _toDrain is not null;
        if (seal.Slot >= _peers.Slots.Length) return false;
        var holder = _peers.Slots[seal.Slot].Holder;
        if (holder == new SlotHolder(to, seal.Epoch, false, _self)) return true;

        // Who takes another slot by force has to know all that was known: it does not take this one.
        if (SlotEpoch.IsForced(seal.Epoch)) return ServingState == ServingState.Serving && _peers.OwnSlot != seal.Slot;
        isToBeSealed = true;
        return ServingState == ServingState.Serving && _peers.OwnSlot == seal.Slot && holder.Epoch + 1 == seal.Epoch && !IsInLayout(_self) && IsInLayout(to) && !IsInTable(to);
    }

    /// <summary>Gives up the own slot, in the turn that ends an image: what is in the image is all this replica will ever have made or acked as its holder.</summary>
    private bool TrySeal(NodeId to, SlotClaim seal, long nowMs)
    {
        if (!MayGiveImage(to, seal, out _)) return false;
        HandOverRights(nowMs, toAnyone: false);
        _isSealDurable = false;
        _peers.TryTake(seal.Slot, new SlotHolder(to, seal.Epoch, false, _self));
        HoldersVersion++;
        AppendTable(_peers.Table(), awaited: true, () => _isSealDurable = true);
        LoseSlot();
        return true;
    }

    /// <summary>Takes up a slot whose image has just been joined: once that is on disk.</summary>
    private void TakeUp(SlotClaim seal, NodeId from)
    {
        _rejoinGate.TookOver();
        _isTakingUp = true;
        _hasServed = true;
        var table = _peers.Table();
        table[seal.Slot] = new SlotHolder(_self, seal.Epoch, true, LostHolderOf(table[seal.Slot]) ?? from);
        AppendTable(table, awaited: true, () =>
        {
            _isTakingUp = false;
            if (!_peers.TryTake(seal.Slot, table[seal.Slot]))
            {
                // It was taken by force meanwhile. What is here goes, once others have it, before this node takes another slot.
                _toDrain = _applied.Copy();
                return;
            }

            _toDrain = null;
            HoldersVersion++;
            foreach (var slot in _peers.Slots)
                if (slot.Node != _self) TellSlots(slot.Node, answerWanted: false);
            _repair.TellAll(_effects);
            if (from == _self) return;
            TellSlots(from, answerWanted: false);
            _repair.TellClocks(from, answerWanted: true, _effects);
        });
    }

    private void AppendTable(SlotHolder[] table, bool awaited, Action? done)
    {
        _isTableJournaled = true;
        _scratch.Clear();
        _scratch.WriteByte((byte)JournalRecordKind.Slots);
        SlotHolder.Encode(_scratch, table);
        _fallbackMembership.Encode(_scratch);
        _effects.AppendRecord(_scratch.ToArray(), _journal.Append(null, done), awaited);
    }

    private void RecoverTable(byte[] record)
    {
        var reader = new ByteReader(record.AsSpan(1));
        var table = SlotHolder.DecodeTable(ref reader);
        FollowMembership(FallbackMembership.Decode(ref reader));
        reader.ExpectEnd();
        for (var i = 0; i < table.Length && i < _peers.Slots.Length; i++)
            if (_peers.TryTake(i, table[i])) NoteForced(i);
        _isTableJournaled = true;
        _journal.MarkDurable(_journal.Append(null, null));
    }

    private void SlotsRecovered()
    {
        if (!_isTableJournaled && _peers.IsTableKnown) AppendTable(_peers.Table(), awaited: false, null);
        _isSealDurable = true;
        if (_peers.OwnSlot < 0 && _applied.Count > 0) _toDrain = _applied.Copy();
    }

    /// <summary>Answers a node that holds no slot: one that takes one over, or has given one up and is not drained.</summary>
    private void HandleOutsider(PeerKnowledge.Slot outsider, PeerMessage message, long nowMs)
    {
        switch (message)
        {
            case SlotsMessage slots:
                TakeTable(outsider.Node, slots, nowMs);
                break;
            case PromiseRequestMessage request:
                AnswerPromiseRequest(outsider.Node, request, nowMs);
                break;
            case EventsMessage events:
                TakeEvents(outsider.Node, outsider, events, nowMs);
                break;
            case ClocksMessage clocks:
                outsider.Told = clocks;
                if (HasState) _repair.NoteAhead(outsider.Node, clocks.Applied, nowMs);
                if (clocks.AnswerWanted || clocks.StartsExchange) _repair.TellClocks(outsider.Node, answerWanted: false, _effects);
                break;
            case FetchMessage fetch:
                _repair.AnswerFetch(outsider.Node, fetch.Clock, nowMs, _effects);
                break;
            case BeyondLogMessage:
                TakeBeyondLog(outsider.Node, nowMs);
                break;
            case ImageRequestMessage wanted:
                GiveImage(outsider.Node, wanted, nowMs);
                break;
            case ImageSliceMessage slice:
                TakeSlice(outsider.Node, slice, nowMs);
                break;
        }
    }
}
