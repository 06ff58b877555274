using Gossipdb.Crdt;

namespace Gossipdb.Replication;

/// <summary>What a replica knows of the owners of its partition, by slot (the place in the preference list): whether they are within reach, and the two clocks they last told.</summary>
public sealed class PeerKnowledge
{
    private readonly Slot[] _slots;

    /// <summary>Knowledge of the given owners, none heard yet; only this node itself, where it is one of them, is within reach.</summary>
    public PeerKnowledge(NodeId self, IReadOnlyList<NodeId> owners)
    {
        if (owners.Count > 64) throw new ArgumentException("a partition has at most 64 owners");
        _slots = new Slot[owners.Count];
        OwnSlot = -1;
        for (var i = 0; i < owners.Count; i++)
        {
            _slots[i] = new Slot(owners[i]);
            if (owners[i] == self) OwnSlot = i;
        }

        if (OwnSlot >= 0) _slots[OwnSlot].Reachable = true;
    }

    /// <summary>One owner.</summary>
    public sealed class Slot(NodeId node)
    {
        /// <summary>The owner.</summary>
        public NodeId Node { get; } = node;

        /// <summary>Whether this node hears it.</summary>
        public bool Reachable { get; internal set; }

        /// <summary>It lacks more than could be parked there: until it has caught up, it takes part in no write.</summary>
        public bool IsBehind { get; internal set; }

        /// <summary>Within reach and able to take part in writes.</summary>
        public bool IsPresent => Reachable && !IsBehind;

        /// <summary>Its present incarnation, as last heard; default before that.</summary>
        public ReplicaId Replica { get; internal set; }

        /// <summary>What it is known to have applied.</summary>
        public VersionVector Applied { get; internal set; } = new();

        /// <summary>What its journal is known to hold.</summary>
        public VersionVector Durable { get; internal set; } = new();

        /// <summary>
        /// Both clocks as it last told them together, and its own time then, in its Unix milliseconds; null before that. Acks raise single
        /// components of the two clocks above, so that those say nothing about what else it had applied when it journaled something.
        /// </summary>
        public ClocksMessage? Told { get; internal set; }

        /// <summary>The sequence up to which this owner waits for a durable ack of its own events, and the one last acked.</summary>
        internal long DurableAckOwed { get; set; }

        internal long DurableAckSent { get; set; }
    }

    /// <summary>This replica's own slot; -1 where its node is not an owner: it counts towards no quorum.</summary>
    public int OwnSlot { get; }

    /// <summary>All owners, in preference order.</summary>
    public ReadOnlySpan<Slot> Slots => _slots;

    /// <summary>The bit of the own slot among bits of slots; none where there is none.</summary>
    public ulong OwnBit => OwnSlot < 0 ? 0 : 1UL << OwnSlot;

    /// <summary>How many owners are within reach, this one included.</summary>
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

    /// <summary>How many owners can take part in writes, this one included.</summary>
    public int PresentCount
    {
        get
        {
            var count = 0;
            foreach (var slot in _slots)
                if (slot.IsPresent) count++;
            return count;
        }
    }

    /// <summary>The slot of an owner, or null where the node is none.</summary>
    public Slot? Find(NodeId node)
    {
        foreach (var slot in _slots)
            if (slot.Node == node) return slot;
        return null;
    }

    /// <summary>Notes which incarnation speaks. A new one knows nothing until it says so: what its node said in an earlier life is forgotten.</summary>
    public static void Hear(Slot slot, ReplicaId sender)
    {
        if (slot.Replica == sender) return;
        slot.Replica = sender;
        slot.Applied = new VersionVector();
        slot.Durable = new VersionVector();
        slot.Told = null;
        slot.IsBehind = false;
        slot.DurableAckOwed = 0;
        slot.DurableAckSent = 0;
    }
}
