using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Membership;

/// <summary>
/// What a replica knows of its partition's slots: the holder of each, whether that node is within reach, and the two clocks it last told.
/// Of nodes that hold no slot, any more or yet, it knows only what an exchange with them takes.
/// </summary>
public sealed class PeerKnowledge
{
    private readonly NodeId _self;
    private readonly Slot[] _slots;
    private readonly Dictionary<NodeId, Slot> _outsiders = [];
    private readonly HashSet<NodeId> _near = [];

    // Nodes whose journals take no writes any more. They may well be heard.
    private readonly HashSet<NodeId> _refusing = [];
    private SlotClaim _forgotten = SlotClaim.None;

    /// <summary>
    /// What is known at the start: a table of slots. No node has been heard yet. Only this node's own slot is within reach, where it has
    /// one.
    /// </summary>
    public PeerKnowledge(NodeId self, IReadOnlyList<SlotHolder> table)
    {
        if (table.Count > 64) throw new ArgumentException("a partition has at most 64 owners");
        _self = self;
        Lost = new LostNodes(self);
        _near.Add(self);
        _slots = new Slot[table.Count];
        for (var i = 0; i < table.Count; i++) _slots[i] = new Slot(i, table[i], table[i].Node == self);
        FindOwnSlot();
    }

    /// <summary>One slot, and what is known of its holder. With index -1 it is a node that holds no slot.</summary>
    public sealed class Slot
    {
        // A message that is under way for longer is not expected.
        private const long LateMs = 5_000;
        private long _heardAtMs;

        internal Slot(int index, SlotHolder holder, bool isNear)
        {
            Index = index;
            Holder = holder;
            IsNear = isNear;
        }

        /// <summary>The slot's number; -1 where the node holds none.</summary>
        public int Index { get; }

        /// <summary>The slot's holder, with the epoch.</summary>
        public SlotHolder Holder { get; internal set; }

        /// <summary>The node.</summary>
        public NodeId Node => Holder.Node;

        /// <summary>Whether the slot counts: it has a holder, and this node hears the holder.</summary>
        public bool Reachable => IsNear && Holder.IsHeld;

        /// <summary>
        /// True where it lacks more than its causal buffer takes. It counts towards no write until it has caught up, and its fallback node
        /// stays.
        /// </summary>
        internal bool IsBehind { get; set; }

        /// <summary>
        /// Whether its node's journal takes writes. A node whose journal takes none acks nothing as durable, and counts towards no write.
        /// Reads go on.
        /// </summary>
        public bool TakesWrites { get; internal set; } = true;

        /// <summary>
        /// True where it is within reach, not behind, and its journal takes writes. Any other owner is absent to a write.
        /// </summary>
        internal bool CountsForWrites => Reachable && !IsBehind && TakesWrites;

        /// <summary>Whether this node hears the other one.</summary>
        internal bool IsNear { get; set; }

        /// <summary>Its present incarnation, as last heard. The default before it was heard.</summary>
        public ReplicaId Replica { get; internal set; }

        /// <summary>What it is known to have applied.</summary>
        public VersionVector Applied { get; internal set; } = new();

        /// <summary>What its journal is known to hold.</summary>
        public VersionVector Durable { get; internal set; } = new();

        /// <summary>
        /// The last message in which it told both clocks together, with the time that had passed for it then. Null before that. Acks raise
        /// single components of the two clocks above. So those do not say what else it had applied when it journaled something.
        /// </summary>
        internal ClocksMessage? Told { get; set; }

        /// <summary>The stable cut that it last said it has collected at; null before that.</summary>
        internal VersionVector? CollectedAt { get; set; }

        /// <summary>The hash of the table of retired ids that it last told. 0 before that, and where no id has retired there.</summary>
        internal ulong RetiredHash { get; set; }

        /// <summary>
        /// What its node was heard to have on disk in earlier incarnations. None of that may be missing when it answers again.
        /// </summary>
        public VersionVector Remembered { get; private set; } = new();

        /// <summary>The sequence of its own events up to which it waits for a durable ack.</summary>
        internal long DurableAckOwed { get; set; }

        /// <summary>The sequence of its own events that was last acked as durable.</summary>
        internal long DurableAckSent { get; set; }

        /// <summary>The incarnation before the present one. The default where none was heard.</summary>
        internal ReplicaId Former { get; private set; }

        /// <summary>
        /// Notes which incarnation speaks. Of a new one nothing is known until it says so. What its node said in an earlier incarnation is
        /// forgotten.
        /// </summary>
        /// <returns>False where the incarnation has ended: the message was long under way.</returns>
        internal bool Hear(ReplicaId sender, long nowMs)
        {
            // If the former one goes on speaking while the present one is silent, it is the one that runs. A late message was taken for the
            // present one's.
            if (Former == sender && Replica != sender && nowMs - _heardAtMs < LateMs) return false;
            _heardAtMs = nowMs;
            if (Replica == sender) return true;
            Former = Replica;
            Remembered.Merge(Durable);
            Forget(sender);
            return true;
        }

        internal void SetHolder(SlotHolder holder, bool isNear, bool takesWrites)
        {
            if (holder.Node != Holder.Node)
            {
                Remembered = new VersionVector();
                Former = default;
                Forget(default);
            }

            Holder = holder;
            IsNear = isNear;
            TakesWrites = takesWrites;
        }

        private void Forget(ReplicaId now)
        {
            Replica = now;
            Applied = new VersionVector();
            Durable = new VersionVector();
            Told = null;
            CollectedAt = null;
            RetiredHash = 0;
            IsBehind = false;
            DurableAckOwed = 0;
            DurableAckSent = 0;
        }
    }

    /// <summary>This node.</summary>
    internal NodeId Self => _self;

    /// <summary>This replica's own slot; -1 where it holds none. Without one it counts towards no quorum.</summary>
    public int OwnSlot { get; private set; }

    /// <summary>All slots.</summary>
    public ReadOnlySpan<Slot> Slots => _slots;

    /// <summary>This replica's own slot as a bit; 0 where it holds none.</summary>
    public ulong OwnBit => OwnSlot < 0 ? 0 : 1UL << OwnSlot;

    /// <summary>The claim that this replica puts into every message.</summary>
    public SlotClaim Claim => OwnSlot < 0 ? SlotClaim.None : new SlotClaim(OwnSlot, _slots[OwnSlot].Holder.Epoch);

    /// <summary>True where another owner has applied an event.</summary>
    public bool IsAppliedElsewhere(Dot dot)
    {
        for (var i = 0; i < _slots.Length; i++)
            if (i != OwnSlot && _slots[i].Applied.Contains(dot)) return true;
        return false;
    }

    /// <summary>True once the holders of all slots are known.</summary>
    public bool IsTableKnown
    {
        get
        {
            foreach (var slot in _slots)
                if (slot.Holder.Epoch == 0) return false;
            return true;
        }
    }

    /// <summary>
    /// Says that two nodes claim one slot under one epoch, because somebody's journal was copied or edited. Null where that was never seen.
    /// </summary>
    public string? Contradiction { get; private set; }

    /// <summary>The nodes that are lost for good.</summary>
    internal LostNodes Lost { get; }

    /// <summary>How many slots count, this replica's own included.</summary>
    public int ReachableCount
    {
        get
        {
            var count = 0;
            foreach (var slot in _slots)
                if (slot.Reachable) count++;
            return count;
        }
    }

    /// <summary>How many slots count for writes, this replica's own included.</summary>
    internal int CountingForWrites
    {
        get
        {
            var count = 0;
            foreach (var slot in _slots)
                if (slot.CountsForWrites) count++;
            return count;
        }
    }

    /// <summary>The slot that a node holds; null where it holds none.</summary>
    public Slot? Find(NodeId node)
    {
        foreach (var slot in _slots)
            if (slot.Node == node && slot.Holder.IsHeld) return slot;
        return null;
    }

    /// <summary>Whether this node hears another one, whatever slot that one holds.</summary>
    public bool IsNear(NodeId node) => _near.Contains(node);

    /// <summary>Notes that a node is heard, or is heard no more.</summary>
    /// <returns>True where that is news.</returns>
    public bool SetNear(NodeId node, bool isNear)
    {
        if (!(isNear ? _near.Add(node) : _near.Remove(node))) return false;
        foreach (var slot in _slots)
            if (slot.Node == node) slot.IsNear = isNear;
        if (_outsiders.TryGetValue(node, out var outsider)) outsider.IsNear = isNear;
        return true;
    }

    /// <summary>Whether a node's journal takes writes, as far as is known.</summary>
    public bool TakesWrites(NodeId node) => !_refusing.Contains(node);

    /// <summary>Notes that a node's journal takes writes, or takes none any more.</summary>
    /// <returns>True where that is news.</returns>
    public bool SetTakesWrites(NodeId node, bool takesWrites)
    {
        if (!(takesWrites ? _refusing.Remove(node) : _refusing.Add(node))) return false;
        foreach (var slot in _slots)
            if (slot.Node == node) slot.TakesWrites = takesWrites;
        return true;
    }

    /// <summary>
    /// The slot that a message speaks for. Where the sender holds none, an entry of its own. A claim that is news is taken up, because only
    /// holders make claims.
    /// </summary>
    /// <param name="from">The sender.</param>
    /// <param name="claim">The slot that it says it holds.</param>
    /// <param name="isOld">True where another node holds that slot, by now or as far as is known here. The sender should be told.</param>
    /// <param name="changed">The slot that has another holder now; -1 where none has.</param>
    public Slot Hear(NodeId from, SlotClaim claim, out bool isOld, out int changed)
    {
        isOld = false;
        changed = -1;
        if ((uint)claim.Slot < (uint)_slots.Length)
        {
            var slot = _slots[claim.Slot];
            var isKnown = slot.Node == from && slot.Holder.Epoch == claim.Epoch;

            // A claim does not say from whom a slot was taken by force. The sender's table does. The sender answers with it, once it is
            // told an old one.
            var isNews = isKnown || !SlotEpoch.IsForced(claim.Epoch);
            if (isNews && TryTake(claim.Slot, new SlotHolder(from, claim.Epoch, true, isKnown ? slot.Holder.From : from)))
                changed = claim.Slot;
            if (slot.Node == from && slot.Holder.Epoch == claim.Epoch) return slot;
            isOld = !isNews || claim.Epoch < slot.Holder.Epoch;
        }

        if (!_outsiders.TryGetValue(from, out var outsider))
            _outsiders.Add(from, outsider = new Slot(-1, new SlotHolder(from, 0, false, from), _near.Contains(from)));
        return outsider;
    }

    /// <summary>Takes up the holder of a slot, where that is news.</summary>
    public bool TryTake(int index, SlotHolder holder)
    {
        var slot = _slots[index];
        if (holder.Epoch < slot.Holder.Epoch) return false;
        if (holder.Epoch == slot.Holder.Epoch)
        {
            // At one epoch, a slot that is taken by force may be promised to two newcomers. Only one of them can come to hold it.
            var isPromised = SlotEpoch.IsForced(holder.Epoch) && !(slot.Holder.IsHeld && holder.IsHeld);
            if (holder.Node != slot.Node && !isPromised)
            {
                if (holder.Epoch > 0)
                {
                    Contradiction =
                        $"node {holder.Node} and node {slot.Node} both say that they hold slot {index} since epoch {holder.Epoch}";
                }
                return false;
            }

            if (!holder.IsHeld || slot.Holder.IsHeld) return false;
        }

        slot.SetHolder(holder, _near.Contains(holder.Node), TakesWrites(holder.Node));
        FindOwnSlot();
        return true;
    }

    /// <summary>
    /// Others know that this node holds a slot, and it has forgotten that. So it does not hold it, as far as this node is concerned, until
    /// it has taken it anew.
    /// </summary>
    public void Forget(int slot)
    {
        _forgotten = new SlotClaim(slot, _slots[slot].Holder.Epoch);
        _slots[slot].IsNear = false;
        FindOwnSlot();
    }

    /// <summary>True of a slot that this node has forgotten to hold.</summary>
    public bool IsForgotten(int slot) => IsOwnEntry(_slots[slot]) && slot != OwnSlot;

    /// <summary>
    /// True where an incarnation is the last one heard of some slot's holder. A node that has given up its slot makes no more events under
    /// that id.
    /// </summary>
    public bool IsCurrentIncarnation(ReplicaId replica)
    {
        foreach (var slot in _slots)
            if (slot.Replica == replica) return true;
        return false;
    }

    /// <summary>Drops what was heard of a node that holds no slot, because it is lost.</summary>
    internal void ForgetOutsider(NodeId node) => _outsiders.Remove(node);

    /// <summary>The epochs of the slots, as the clocks tell them. Empty where no slot has ever moved.</summary>
    internal long[] Epochs()
    {
        foreach (var slot in _slots)
            if (slot.Holder.Epoch != 1) return Array.ConvertAll(_slots, static one => one.Holder.Epoch);
        return [];
    }

    /// <summary>True where this replica knows every holder that a peer with these epochs knows.</summary>
    internal bool IsUpToDateWith(long[] epochs)
    {
        for (var i = 0; i < _slots.Length; i++)
            if (_slots[i].Holder.Epoch < EpochOf(i, epochs)) return false;
        return true;
    }

    /// <summary>
    /// True where the peer that told this knows every holder that this replica knows, and as many lost nodes. It takes no events of any
    /// other node then.
    /// </summary>
    internal bool IsKnownTo(ClocksMessage told)
    {
        for (var i = 0; i < _slots.Length; i++)
            if (_slots[i].Holder.Epoch > EpochOf(i, told.Epochs)) return false;
        return told.Lost >= Lost.Count;
    }

    /// <summary>The holders of the slots, as others are told.</summary>
    public SlotHolder[] Table() => Array.ConvertAll(_slots, static slot => slot.Holder);

    private void FindOwnSlot()
    {
        OwnSlot = -1;
        foreach (var slot in _slots)
            if (IsOwnEntry(slot) && new SlotClaim(slot.Index, slot.Holder.Epoch) != _forgotten) OwnSlot = slot.Index;
    }

    private bool IsOwnEntry(Slot slot) => slot.Node == _self && slot.Holder.IsHeld;

    private static long EpochOf(int slot, long[] epochs) => epochs.Length == 0 ? 1 : slot < epochs.Length ? epochs[slot] : 0;
}
