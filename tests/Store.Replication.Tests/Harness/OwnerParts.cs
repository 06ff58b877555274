using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Handoff;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Time;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Tests.Harness;

/// <summary>What an owner's parts look at, for tests that build one of them: three slots, every owner within reach.</summary>
internal sealed class OwnerParts
{
    public static readonly NodeId[] Owners = [new(1), new(2), new(3)];
    public static readonly ReplicaId[] Ids = [new(0xa1), new(0xb1), new(0xc1)];

    public OwnerParts(int self = 0, ReplicaSettings? settings = null)
    {
        Settings = settings ?? new ReplicaSettings();
        Peers = new PeerKnowledge(Owners[self], SlotHolder.Founding(Owners));
        Clock = new ReplicaClock(Effects, Settings.MaxClockSkewMs);
        Clock.Read();
        Fallbacks = new FallbackKnowledge(Settings);
        for (var i = 0; i < Owners.Length; i++)
        {
            Peers.SetNear(Owners[i], true);
            if (i != self) Peers.Slots[i].Hear(Ids[i], Trio.Now);
        }
    }

    public ReplicaSettings Settings { get; }

    public PeerKnowledge Peers { get; }

    public FallbackKnowledge Fallbacks { get; }

    public VersionVector Applied { get; } = new();

    public VersionVector Durable { get; } = new();

    public Keyspace Keys { get; } = new();

    public RecordingEffects Effects { get; } = new();

    public ReplicaClock Clock { get; }

    /// <summary>This owner has something, on disk too.</summary>
    public void Have(VersionVector clock)
    {
        Applied.Merge(clock);
        Durable.Merge(clock);
    }

    /// <summary>An owner tells its clocks.</summary>
    public void Tell(int slot, VersionVector applied, VersionVector durable, long sentAtMs = Trio.Now)
    {
        var of = Peers.Slots[slot];
        of.Applied.Merge(applied);
        of.Durable.Merge(durable);
        of.Told = new ClocksMessage(of.Replica, applied, durable, AnswerWanted: false, sentAtMs);
    }

    /// <summary>Nodes 4 and 5 stand in.</summary>
    public FallbackMembership Designate()
    {
        NodeId[] nodes = [new(4), new(5)];
        foreach (var node in nodes) Peers.SetNear(node, true);
        var membership = FallbackMembership.Founding(nodes);
        Fallbacks.Designate(nodes, membership, Peers);
        for (var i = 0; i < nodes.Length; i++) Fallbacks.Entries[i].Hear(new ReplicaId(0xd1 + ((ulong)i << 4)));
        return membership;
    }

    /// <summary>A key with one element, written by the first owner.</summary>
    public void Put(string key)
    {
        var made = SampleEvents.Make(Ids[0], Applied, key, "x", default);
        Keys.Join(made.Changes[0], made, made.Clock, Applied);
        Have(made.Clock);
    }
}
