using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Handoff;

/// <summary>
/// What an owner knows of the partition's fallback nodes. The designated ones come first, in their order, then those that are leaving. It
/// also assigns them to absent owners: one fallback node to each, so those that count are different nodes.
/// </summary>
internal sealed class FallbackKnowledge(ReplicaSettings settings)
{
    private readonly HashSet<NodeId> _lost = [];
    private NodeId[] _designated = [];
    private Entry[] _entries = [];

    /// <summary>One fallback node.</summary>
    internal sealed class Entry(NodeId node, ReplicaSettings settings)
    {
        /// <summary>The node.</summary>
        public NodeId Node { get; } = node;

        /// <summary>
        /// True where it may be given something: the layout designates it, and the fallback membership has it as a member.
        /// </summary>
        public bool MayHold { get; set; }

        /// <summary>Whether this node hears it.</summary>
        public bool Reachable { get; set; }

        /// <summary>Whether its node's journal takes writes.</summary>
        public bool TakesWrites { get; set; } = true;

        /// <summary>True where it has told that it takes no more, because its hint log is at its budget.</summary>
        public bool IsFull { get; set; }

        /// <summary>Its present incarnation, as last heard. The default before it was heard.</summary>
        public ReplicaId Replica { get; private set; }

        /// <summary>The slot whose owner it is assigned to; -1 where there is none.</summary>
        public int Slot { get; set; } = -1;

        /// <summary>What it was sent to hold, and what it holds.</summary>
        public ResendWindow Window { get; } = new(settings);

        /// <summary>The number of the last stability poll it has answered.</summary>
        public ulong Polled { get; set; }

        /// <summary>What it held when it answered.</summary>
        public VersionVector Known { get; set; } = new();

        /// <summary>Its time when it answered, in Unix milliseconds.</summary>
        public long PolledAtMs { get; set; }

        /// <summary>True where it has promised, as far as is known here. It may coordinate then.</summary>
        public bool HasPromised { get; set; }

        /// <summary>Whether it can take something now.</summary>
        public bool IsAvailable => MayHold && Reachable && TakesWrites && !IsFull;

        /// <summary>
        /// The node was heard again, or has not been heard for too long. It may have begun another incarnation meanwhile.
        /// </summary>
        public void SetReachable(bool reachable)
        {
            Reachable = reachable;
            Window.SendAgain();
            HasPromised = false;
        }

        /// <summary>Takes an ack: what it says it holds.</summary>
        public void Take(HintAckMessage ack, long nowMs)
        {
            Window.Take(ack, nowMs);
            IsFull = (ack.Flags & HintAckFlags.Full) != 0;
        }

        /// <summary>Notes which incarnation speaks. Of a new one nothing is known.</summary>
        public void Hear(ReplicaId sender)
        {
            if (Replica == sender) return;
            Replica = sender;
            Window.Restart();
            IsFull = false;
            Polled = 0;
            HasPromised = false;
        }
    }

    /// <summary>The fallback nodes. The one to ask first is in front.</summary>
    public ReadOnlySpan<Entry> Entries => _entries;

    /// <summary>How many can take something now.</summary>
    public int AvailableCount
    {
        get
        {
            var count = 0;
            foreach (var entry in _entries)
                if (entry.IsAvailable) count++;
            return count;
        }
    }

    /// <summary>The nodes that the layout designates.</summary>
    public ReadOnlySpan<NodeId> Designated => _designated;

    /// <summary>
    /// Takes up a new layout's candidates for fallback nodes. The first N of them are designated: as many as there are owners.
    /// </summary>
    public void Designate(IReadOnlyList<NodeId> nodes, FallbackMembership membership, PeerKnowledge peers)
    {
        _designated = FirstOf(nodes, peers.Slots.Length);
        Follow(membership, peers);
    }

    /// <summary>The first N of these nodes.</summary>
    public static NodeId[] FirstOf(IReadOnlyList<NodeId> nodes, int n)
    {
        var first = new NodeId[Math.Min(nodes.Count, n)];
        for (var i = 0; i < first.Length; i++) first[i] = nodes[i];
        return first;
    }

    /// <summary>A node is lost for good. Nobody takes what it holds any more, and nobody waits for its answer.</summary>
    public void Lose(NodeId node, FallbackMembership membership, PeerKnowledge peers)
    {
        _lost.Add(node);
        Follow(membership, peers);
    }

    /// <summary>Brings the entries in line with a fallback membership. What is known of those that stay is kept.</summary>
    public void Follow(FallbackMembership membership, PeerKnowledge peers)
    {
        var entries = new List<Entry>(_designated.Length);
        foreach (var node in _designated)
            if (membership.IsMember(node)) Add(node, mayHold: true);
        foreach (var node in membership.Present)
            if (Array.IndexOf(_designated, node) < 0 || !membership.IsMember(node)) Add(node, mayHold: false);
        _entries = [.. entries];

        void Add(NodeId node, bool mayHold)
        {
            if (_lost.Contains(node)) return;
            var entry = Find(node) ?? new Entry(node, settings) { Reachable = peers.IsNear(node), TakesWrites = peers.TakesWrites(node) };
            entry.MayHold = mayHold;
            entries.Add(entry);
        }
    }

    /// <summary>True where an incarnation is the last one heard of some fallback node.</summary>
    public bool IsCurrentIncarnation(ReplicaId replica)
    {
        foreach (var entry in _entries)
            if (entry.Replica == replica) return true;
        return false;
    }

    /// <summary>True where some fallback node within reach has yet to promise.</summary>
    public bool LacksPromise
    {
        get
        {
            foreach (var entry in _entries)
                if (entry is { MayHold: true, Reachable: true, HasPromised: false }) return true;
            return false;
        }
    }

    /// <summary>The fallback node of this number, or null.</summary>
    public Entry? Find(NodeId node)
    {
        foreach (var entry in _entries)
            if (entry.Node == node) return entry;
        return null;
    }

    /// <summary>
    /// Assigns a fallback node to each absent owner, in order, as far as there are any. One that was assigned to an owner that is back
    /// stays so until another absent owner needs it. The owner may not have all that it holds.
    /// </summary>
    public void Assign(PeerKnowledge peers)
    {
        for (var slot = 0; slot < peers.Slots.Length; slot++)
        {
            if (peers.Slots[slot].CountsForWrites || IsStoodInFor(slot)) continue;
            foreach (var entry in _entries)
            {
                if (!entry.IsAvailable || (entry.Slot >= 0 && !peers.Slots[entry.Slot].CountsForWrites)) continue;
                foreach (var former in _entries)
                    if (former.Slot == slot) former.Slot = -1;
                entry.Slot = slot;
                break;
            }
        }
    }

    /// <summary>The fallback nodes that hold <paramref name="dot"/> for an owner that has not acked it itself, as bits of places.</summary>
    public ulong HoldersOf(Dot dot, ulong ackedSlots)
    {
        ulong holders = 0;
        for (var i = 0; i < _entries.Length; i++)
        {
            var slot = _entries[i].Slot;
            if (slot >= 0 && (ackedSlots & (1UL << slot)) == 0 && _entries[i].Window.Held.Contains(dot)) holders |= 1UL << i;
        }

        return holders;
    }

    /// <summary>The nodes at these places; null where there are none.</summary>
    public NodeId[]? NodesOf(ulong places)
    {
        if (places == 0) return null;
        var nodes = new NodeId[System.Numerics.BitOperations.PopCount(places)];
        var next = 0;
        for (var i = 0; i < _entries.Length && next < nodes.Length; i++)
            if ((places & (1UL << i)) != 0) nodes[next++] = _entries[i].Node;
        return nodes;
    }

    private bool IsStoodInFor(int slot)
    {
        foreach (var entry in _entries)
            if (entry.Slot == slot && entry.IsAvailable) return true;
        return false;
    }
}
