using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Time;
using Gossipdb.Simulation.Faults;
using Gossipdb.Simulation.Network;

namespace Gossipdb.Simulation.Nodes;

/// <summary>
/// A node's clocks: a steady one, whose rate is slightly off, and a wall clock that is off, drifts, and may be set at any moment; and
/// what the node makes of them and of what it hears of the
/// others', by the real measure, over the simulated network.
/// </summary>
internal sealed class SimulatedClocks
{
    private const int TellMs = 200;
    private readonly World _world;
    private readonly SimulatedNode _node;
    private readonly int _index;
    private readonly long _bootedAtMs;
    private readonly long _naturalOffsetMs;
    private readonly int _steadyPpm;
    private readonly int _wallPpm;
    private readonly ByteWriter _writer = new();
    private long _setOffMs;
    private ClusterClock _cluster;
    private ClockEstimate _estimate = ClockEstimate.None;
    private int _process;

    public SimulatedClocks(World world, SimulatedNode node, int index)
    {
        (_world, _node, _index) = (world, node, index);
        _naturalOffsetMs = world.ClockRandom.Next(-800, 800);
        _steadyPpm = world.ClockRandom.Next(-50, 50);
        _wallPpm = world.ClockRandom.Next(-100, 100);
        _bootedAtMs = world.Now - 10_000 - world.ClockRandom.Next(1_000_000_000);
        _cluster = new ClusterClock(node.Id, ReplicaSettings.MaxClockSkewMs);
    }

    private static readonly ReplicaSettings ReplicaSettings = new();

    /// <summary>
    /// How far a good clock's time, and the cluster's as any node knows it, may be from the true one: good clocks are off by less than a
    /// second, and clocks count as one that differ by no more than is set.
    /// </summary>
    public static long MostOffMs => ReplicaSettings.MaxClockSkewMs + 1_000;

    /// <summary>Means nothing to other nodes.</summary>
    public long SteadyMs => Drifting(_world.Now - _bootedAtMs, _steadyPpm);

    /// <summary>The wall clock.</summary>
    public long WallMs =>
        _world.Now + _naturalOffsetMs + _setOffMs + Drifting(_world.Now - World.StartMs, _wallPpm) - (_world.Now - World.StartMs);

    /// <summary>The cluster's time, as the node knows it.</summary>
    public ClusterTime Time => _world.Fault == Fault.ExpiryByOwnClock
        ? new ClusterTime(WallMs, 0, IsKnown: true, MayRemove: true)
        : _estimate.At(SteadyMs, WallMs);

    /// <summary>The wall clock is set: so far off, or right.</summary>
    public void Set(long offMs) => _setOffMs = offMs;

    /// <summary>A process starts: it knows nothing yet.</summary>
    public void Start()
    {
        _process++;
        _cluster = new ClusterClock(_node.Id, ReplicaSettings.MaxClockSkewMs);
        _estimate = ClockEstimate.None;
        Tell(_process);
    }

    private void Tell(int process)
    {
        if (process != _process || !_node.IsUp) return;
        foreach (var other in _world.Nodes)
        {
            if (other == _node) continue;
            _writer.Clear();
            _cluster.Of(other.Id).Stamp(SteadyMs, WallMs).Encode(_writer);
            _world.SendStamp(_index, other.Id.Value - 1, _writer.ToArray());
        }

        Estimate();
        _world.After(TellMs, () => Tell(process));
    }

    /// <summary>Takes what another node tells of its clocks.</summary>
    public void Hear(NodeId from, byte[] bytes)
    {
        if (!_node.IsUp) return;
        var reader = new ByteReader(bytes);
        _cluster.Of(from).Take(ClockStamp.Decode(ref reader), SteadyMs);
        Estimate();
    }

    private void Estimate() => _estimate = _cluster.Estimate(
        _estimate,
        [.. _world.Nodes.Select(static node => node.Id).Where(node => !_node.Layout.Lost.Any(lost => lost.Node == node))],
        SteadyMs,
        WallMs);

    private static long Drifting(long ms, int ppm) => ms + (ms * ppm / 1_000_000);
}
