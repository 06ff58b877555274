using Gossipdb.Crdt;

namespace Gossipdb.Replication;

/// <summary>
/// What a coordinator knows of the partition's designated stand-ins, in their order, and which of them stands in for which absent owner:
/// one stand-in for each, so that what is counted are different nodes.
/// </summary>
public sealed class StandInKnowledge
{
    private readonly Entry[] _entries;

    /// <summary>Knowledge of the given nodes, none heard yet; only this node itself, where it is one of them, is within reach.</summary>
    public StandInKnowledge(NodeId self, IReadOnlyList<NodeId> standIns)
    {
        if (standIns.Count > 64) throw new ArgumentException("a partition has at most 64 stand-ins");
        _entries = new Entry[standIns.Count];
        OwnPlace = -1;
        for (var i = 0; i < standIns.Count; i++)
        {
            _entries[i] = new Entry(standIns[i]);
            if (standIns[i] == self) OwnPlace = i;
        }

        if (OwnPlace >= 0) _entries[OwnPlace].Reachable = true;
    }

    /// <summary>One designated stand-in.</summary>
    public sealed class Entry(NodeId node)
    {
        /// <summary>The node.</summary>
        public NodeId Node { get; } = node;

        /// <summary>Whether this node hears it.</summary>
        public bool Reachable { get; internal set; }

        /// <summary>It has told that it takes no more: its log is at its budget.</summary>
        public bool IsFull { get; internal set; }

        /// <summary>Its present incarnation, as last heard; default before that.</summary>
        public ReplicaId Replica { get; internal set; }

        /// <summary>What it is known to hold durably, or to be held durably by every owner.</summary>
        public VersionVector Held { get; internal set; } = new();

        /// <summary>What it last promised; null before that.</summary>
        public PromisedMessage? Promised { get; internal set; }

        /// <summary>The slot it stands in for, or -1.</summary>
        internal int Slot { get; set; } = -1;

        /// <summary>Up to where it was sent what it is to hold; null where that starts anew.</summary>
        internal VersionVector? Sent { get; set; }

        /// <summary>When it last got on, and the bytes it has been sent since.</summary>
        internal long ProgressAtMs { get; set; }

        internal int UnackedBytes { get; set; }

        /// <summary>When it was last asked for a promise.</summary>
        internal long PromiseAskedAtMs { get; set; }

        internal bool IsAvailable => Reachable && !IsFull;
    }

    /// <summary>The stand-ins, the one to be asked first in front.</summary>
    public ReadOnlySpan<Entry> Entries => _entries;

    /// <summary>This node's place among them, or -1.</summary>
    public int OwnPlace { get; }

    /// <summary>The bit of the own place; none where there is none.</summary>
    public ulong OwnBit => OwnPlace < 0 ? 0 : 1UL << OwnPlace;

    /// <summary>How many can stand in now, this node included.</summary>
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

    /// <summary>The place of a node, or -1.</summary>
    public int PlaceOf(NodeId node)
    {
        for (var i = 0; i < _entries.Length; i++)
            if (_entries[i].Node == node) return i;
        return -1;
    }

    /// <summary>Notes which incarnation speaks; of a new one nothing is known.</summary>
    public static void Hear(Entry entry, ReplicaId sender)
    {
        if (entry.Replica == sender) return;
        entry.Replica = sender;
        entry.Held = new VersionVector();
        entry.Sent = null;
        entry.Promised = null;
        entry.IsFull = false;
    }

    /// <summary>
    /// Gives every absent owner a stand-in, in order, as far as there are some. Who stands in for an owner that is back stays until another absent one needs it: what
    /// it holds may not have arrived yet.
    /// </summary>
    internal void Assign(PeerKnowledge peers)
    {
        for (var slot = 0; slot < peers.Slots.Length; slot++)
        {
            if (peers.Slots[slot].IsPresent || IsStoodInFor(slot)) continue;
            foreach (var entry in _entries)
            {
                if (!entry.IsAvailable || (entry.Slot >= 0 && !peers.Slots[entry.Slot].IsPresent)) continue;
                foreach (var former in _entries)
                    if (former.Slot == slot) former.Slot = -1;
                entry.Slot = slot;
                break;
            }
        }
    }

    /// <summary>The stand-ins that hold <paramref name="dot"/> in place of an owner that has not acked it itself, as bits of places.</summary>
    internal ulong HoldersOf(Dot dot, ulong ackedSlots, VersionVector own)
    {
        ulong holders = 0;
        for (var i = 0; i < _entries.Length; i++)
        {
            var slot = _entries[i].Slot;
            if (slot < 0 || (ackedSlots & (1UL << slot)) != 0) continue;
            if ((i == OwnPlace ? own : _entries[i].Held).Contains(dot)) holders |= 1UL << i;
        }

        return holders;
    }

    private bool IsStoodInFor(int slot)
    {
        foreach (var entry in _entries)
            if (entry.Slot == slot && entry.IsAvailable) return true;
        return false;
    }
}
