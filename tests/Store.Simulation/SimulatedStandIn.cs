using Gossipdb.Crdt;
using Gossipdb.Replication;

namespace Gossipdb.Simulation;

/// <summary>One node's stand-in for the partition, with a journal of its own on the node's disk.</summary>
internal sealed class SimulatedStandIn(World world, SimulatedNode node) : IReplicaEffects
{
    private readonly List<byte[]> _disk = [];
    private readonly List<byte[]> _unsynced = [];
    private readonly ByteWriter _writer = new();
    private StandIn? _standIn;
    private long _position;
    private int _life;
    private bool _syncing;

    /// <summary>The bytes it holds.</summary>
    public long HeldBytes => _standIn?.HeldBytes ?? 0;

    public void Start()
    {
        _life++;
        _syncing = false;
        _standIn = new StandIn(ReplicaId.Create(node.ClockMs, (uint)world.Random.NextInt64()), world.Layout.Owners, new ReplicaSettings
        {
            GossipIntervalMs = 300,
            FetchMaxBytes = 1_024,
            StandInMaxBytes = world.StandInMaxBytes,
        }, this);
        foreach (var record in _disk) _standIn.Recover(record);
        foreach (var other in world.Nodes)
            if (other != node && node.IsHeard(other.Id)) _standIn.SetReachable(other.Id, true);
    }

    public void Crash()
    {
        if (_standIn is null) return;
        _standIn = null;
        _life++;
        _disk.AddRange(_unsynced.Take(world.Random.Next(_unsynced.Count + 1)));
        _unsynced.Clear();
        if (world.Fault == Fault.ForgetfulStandIn) _disk.Clear();
    }

    public void Notice(NodeId other, bool reachable) => _standIn?.SetReachable(other, reachable);

    public void Receive(NodeId from, PeerMessage message) => _standIn?.Handle(from, message, node.ClockMs);

    public void Tick()
    {
        if (world.Random.Next(40) == 0) _standIn?.Rewrite();
        _standIn?.Tick(node.ClockMs);
    }

    long IReplicaEffects.SteadyMs => node.ClockMs;

    void IReplicaEffects.AppendRecord(byte[] record, long position, bool awaited)
    {
        _unsynced.Add(record);
        _position = position;
        if (_syncing) return;
        _syncing = true;
        var life = _life;
        world.After(world.Random.Next(1, 8), () =>
        {
            if (life != _life || _standIn is null) return;
            _syncing = false;
            _disk.AddRange(_unsynced);
            _unsynced.Clear();
            var needs = new JournalNeeds();
            for (var i = 0; i < _disk.Count; i++) needs.Note(i, _disk[i]);
            _disk.RemoveRange(0, (int)Math.Min(needs.NeededFrom, _disk.Count));
            _standIn.Persisted(_position);
        });
    }

    void IReplicaEffects.Send(NodeId to, PeerMessage message)
    {
        _writer.Clear();
        message.Encode(_writer);
        world.Send(node.Id.Value - 1, to.Value - 1, _writer.ToArray());
    }

    void IReplicaEffects.Append(ReplicaEvent applied, long position, bool awaited) => throw new CheckFailed("a stand-in applied an event");

    void IReplicaEffects.Reply(WriteRequest request, in WriteResult result) => throw new CheckFailed("a stand-in answered a client");

    void IReplicaEffects.Reply(ReadRequest request, in ReadResult result) => throw new CheckFailed("a stand-in answered a client");
}
