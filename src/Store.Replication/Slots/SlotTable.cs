using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Slots;

/// <summary>
/// The holders of the partition's slots, as this node knows and journals them, and the nodes that should hold them, as the layout says.
/// Holders tell each other their tables. Of two entries for one slot the one with the higher epoch is newer.
/// <para>A table is told once it is on disk. So who is told a table may forget what it says: whoever told it will not.</para>
/// </summary>
internal sealed class SlotTable(
    PartitionState state, PeerKnowledge peers, Promises promises, IReadOnlyList<NodeId> layout, IReplicaEffects effects,
    ISlotListener listener)
{
    private readonly ByteWriter _scratch = new();

    // The nodes that have told a table in which nothing is older than in this one.
    private readonly HashSet<NodeId> _informed = [];

    // The nodes to be told the table once it is on disk, and whether an answer is wanted of them.
    private readonly Dictionary<NodeId, bool> _owed = [];
    private int _undurable;

    /// <summary>Rises whenever a slot changes hands.</summary>
    public int HoldersVersion { get; private set; }

    /// <summary>The nodes that should hold the slots.</summary>
    public IReadOnlyList<NodeId> Layout { get; set; } = layout;

    /// <summary>
    /// What this replica had applied when it lost its slot. It keeps its state until every holder has that. Null where it has lost none.
    /// </summary>
    public VersionVector? ToDrain { get; set; }

    /// <summary>True once it is on disk that this node has given up its slot. The end of the successor's image may leave then.</summary>
    public bool IsSealDurable { get; private set; }

    /// <summary>True once the journal holds a table.</summary>
    public bool IsJournaled { get; private set; }

    /// <summary>Takes up the nodes that are lost.</summary>
    public void SetLost(IReadOnlyList<LostNode>? lost)
    {
        foreach (var node in lost ?? []) SetLost(node);
    }

    /// <summary>True where the layout gives a node a slot.</summary>
    public bool IsInLayout(NodeId node)
    {
        for (var i = 0; i < Layout.Count; i++)
            if (Layout[i] == node) return true;
        return false;
    }

    /// <summary>True where a node holds a slot, or a slot is on its way to it.</summary>
    public bool IsInTable(NodeId node)
    {
        foreach (var slot in peers.Slots)
            if (slot.Node == node && slot.Holder.Epoch > 0) return true;
        return false;
    }

    /// <summary>
    /// True where a node needs no other slot: it holds one, or one was sealed for it. One that is to be taken by force is not its own yet,
    /// and may come to be another newcomer's. If the node asks for another slot, it has given way there.
    /// </summary>
    public bool HasWhatItWants(NodeId node)
    {
        foreach (var slot in peers.Slots)
            if (slot.Node == node && slot.Holder.Epoch > 0 && peers.Lost.LostHolderOf(slot.Holder) is null) return true;
        return false;
    }

    /// <summary>Asks everybody who may know for the holders of the slots.</summary>
    public void Ask()
    {
        var asked = new HashSet<NodeId> { peers.Self };
        foreach (var slot in peers.Slots)
        {
            if (asked.Add(slot.Node)) Tell(slot.Node, answerWanted: true);
            if (!slot.Holder.IsHeld && slot.Holder.Epoch > 0 && asked.Add(slot.Holder.From)) Tell(slot.Holder.From, answerWanted: true);
        }

        foreach (var owner in Layout)
            if (asked.Add(owner)) Tell(owner, answerWanted: true);
    }

    /// <summary>Tells a node within reach the holders of the slots, once they are on disk as they are told.</summary>
    public void Tell(NodeId to, bool answerWanted)
    {
        if (_undurable > 0) _owed[to] = answerWanted || (_owed.TryGetValue(to, out var wanted) && wanted);
        else if (peers.IsNear(to)) effects.Send(to, new SlotsMessage(state.Id, peers.Table(), answerWanted));
    }

    /// <summary>A table that was journaled is on disk.</summary>
    public void Persisted()
    {
        if (--_undurable > 0) return;
        foreach (var (to, answerWanted) in _owed) Tell(to, answerWanted);
        _owed.Clear();
    }

    /// <summary>True where a node has on disk what this one knows of the slots, or something newer.</summary>
    public bool IsKnownTo(NodeId node) => _informed.Contains(node);

    /// <summary>Takes up the table that a node tells. Tells that node what it does not know.</summary>
    public void Hear(NodeId from, SlotsMessage message, long nowMs)
    {
        var knowsMore = TakeAll(message.Table, nowMs);
        if (!knowsMore) _informed.Add(from);
        if (message.AnswerWanted || knowsMore) Tell(from, answerWanted: false);
    }

    /// <summary>Takes up the entries of a table that are news.</summary>
    /// <returns>True where this replica knows more than the table says.</returns>
    /// <exception cref="CorruptDataException">The table has another number of slots.</exception>
    public bool TakeAll(SlotHolder[] table, long nowMs)
    {
        if (table.Length != peers.Slots.Length)
            throw new CorruptDataException($"a table of {table.Length} slots where there are {peers.Slots.Length}");
        var knowsMore = false;
        for (var i = 0; i < table.Length; i++)
        {
            var (theirs, before) = (table[i], peers.OwnSlot);
            if (peers.TryTake(i, theirs)) HolderChanged(i, before, nowMs);
            var ours = peers.Slots[i].Holder;
            knowsMore |= ours.Epoch > theirs.Epoch || (ours.Epoch == theirs.Epoch && ours.IsHeld && !theirs.IsHeld);
        }

        return knowsMore;
    }

    /// <summary>Notes that a slot has another holder.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="ownBefore">The slot that this node held before; -1 where it held none.</param>
    /// <param name="nowMs">Now.</param>
    public void HolderChanged(int slot, int ownBefore, long nowMs)
    {
        Changed();
        NoteForced(slot);

        // A node journals that it holds a slot before anybody hears of that. So this one has lost its disk since.
        if (ownBefore < 0 && peers.OwnSlot >= 0) peers.Forget(slot);
        var isLost = ownBefore >= 0 && peers.OwnSlot < 0;

        // Others may know of a seal that this node has forgotten. It seals anew, with what it has now.
        if (isLost) IsSealDurable = false;
        Append(isLost, isLost ? new SealIsDurable() : null);
        listener.HolderChanged(slot);
        if (isLost) GiveUp();
    }

    /// <summary>Gives up this node's slot for another node. Nothing that says so leaves before that is on disk.</summary>
    public void Seal(SlotClaim claim, NodeId to)
    {
        IsSealDurable = false;
        peers.TryTake(claim.Slot, new SlotHolder(to, claim.Epoch, false, peers.Self));
        Changed();
        Append(isAwaited: true, new SealIsDurable());
        GiveUp();
    }

    /// <summary>The seal is on disk.</summary>
    public void Continue(SealIsDurable _) => IsSealDurable = true;

    /// <summary>Takes up a holder. The caller journals it, and tells others.</summary>
    public bool TryTake(int slot, SlotHolder holder)
    {
        if (!peers.TryTake(slot, holder)) return false;
        Changed();
        return true;
    }

    /// <summary>Journals the table as it is.</summary>
    public void Append(bool isAwaited, JournalContinuation? then = null) => Append(peers.Table(), isAwaited, then);

    /// <summary>Journals a table that is to come into force.</summary>
    public void Append(SlotHolder[] table, bool isAwaited, JournalContinuation? then)
    {
        // What it has forgotten the next incarnation is to hear anew, and not to read as if it knew.
        for (var i = 0; i < table.Length; i++)
            if (peers.IsForgotten(i) && table[i] == peers.Slots[i].Holder) table[i] = table[i] with { Epoch = 0, IsHeld = false };
        IsJournaled = true;
        _undurable++;
        _scratch.Clear();
        _scratch.WriteByte((byte)JournalRecordKind.Slots);
        SlotHolder.Encode(_scratch, table);
        state.FallbackMembership.Encode(_scratch);
        state.Append(_scratch.ToArray(), isAwaited, then ?? new TableIsDurable());
    }

    /// <summary>Takes back a table from the journal.</summary>
    /// <exception cref="CorruptDataException">The bytes are not a table.</exception>
    public void Recover(byte[] record)
    {
        var reader = new ByteReader(record.AsSpan(1));
        var table = SlotHolder.DecodeTable(ref reader);
        state.Follow(FallbackMembership.Decode(ref reader));
        reader.ExpectEnd();
        for (var i = 0; i < table.Length && i < peers.Slots.Length; i++)
            if (peers.TryTake(i, table[i])) NoteForced(i);
        IsJournaled = true;
        state.RecoverOther();
    }

    /// <summary>The journal has been read to its end.</summary>
    public void RecoveryEnded()
    {
        if (!IsJournaled && peers.IsTableKnown) Append(isAwaited: false);
        IsSealDurable = true;
        if (peers.OwnSlot < 0 && state.Applied.Count > 0) ToDrain = state.Applied.Copy();
    }

    private void Changed()
    {
        HoldersVersion++;
        _informed.Clear();
    }

    private void GiveUp()
    {
        ToDrain = state.Applied.Copy();
        listener.SlotGivenUp();
    }

    private void SetLost(LostNode lost)
    {
        if (!peers.Lost.Add(lost)) return;
        HoldersVersion++;
        listener.NodeLost(lost.Node);
    }

    // The entry of a slot that was taken by force also says which node is lost, whatever the layout says yet. It may be the slot of a node
    // that has lost its memory alone: then the node takes it from itself.
    private void NoteForced(int slot)
    {
        var holder = peers.Slots[slot].Holder;
        if (!SlotEpoch.IsForced(holder.Epoch)) return;
        promises.Forget(slot);
        if (holder.From != holder.Node) SetLost(new LostNode(holder.From, AcceptsLoss: false));
    }
}
