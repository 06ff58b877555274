using System.Globalization;
using Gossipdb.Crdt;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;
using Gossipdb.Simulation.Faults;
using Gossipdb.Simulation.Network;

namespace Gossipdb.Simulation.Measuring;

/// <summary>
/// What a cluster of so many nodes costs. Partitions do not speak to each other, so each is simulated by itself, with the node's default
/// settings, and what its replicas send is put to the account of the nodes that hold it. Counted are the bytes of messages and their
/// frames; the links' own heartbeats are computed beside it.
/// </summary>
public static class Scale
{
    private const int HeartbeatBytes = 30;
    private const int HeartbeatsPerSecond = 5;
    private const int Keys = 100_000;
    private const int Replication = 3;
    private const int QuietSeconds = 20;

    /// <summary>One row.</summary>
    /// <param name="Nodes">How many nodes.</param>
    /// <param name="Partitions">How many partitions.</param>
    /// <param name="GossipBytes">What a node sends a second while nothing changes, on average.</param>
    /// <param name="MostGossipBytes">What the busiest node sends.</param>
    /// <param name="HeartbeatBytes">What a node's links send a second besides.</param>
    /// <param name="Rounds">How many gossip intervals it takes, on average, until all replicas of a partition have a change that was
    /// pushed to none.</param>
    /// <param name="MostRounds">The same, of the slowest partition.</param>
    /// <param name="KeysMoved">How many copies of keys move when one node joins.</param>
    /// <param name="KeysExpected">How many that should be: K·N/(nodes + 1).</param>
    public sealed record Row(
        int Nodes,
        int Partitions,
        double GossipBytes,
        double MostGossipBytes,
        double HeartbeatBytes,
        double Rounds,
        double MostRounds,
        long KeysMoved,
        double KeysExpected);

    /// <summary>The table of docs/scale.md.</summary>
    public static void Print(TextWriter output)
    {
        output.WriteLine("| nodes | partitions | gossip, B/s a node | busiest node | heartbeats, B/s a node | rounds, mean | rounds, most "
            + "| copies of keys moved at a join | K·N/(nodes + 1) |");
        output.WriteLine("|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var (nodes, partitions) in new[] { (3, 64), (10, 64), (10, 1024), (100, 1024), (300, 1024) })
        {
            var row = Measure(nodes, partitions);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {row.Nodes} | {row.Partitions} | {row.GossipBytes:#,0} | {row.MostGossipBytes:#,0} | {row.HeartbeatBytes:#,0} | "
                + $"{row.Rounds:0.00} | {row.MostRounds:0.0} | {row.KeysMoved:#,0} | {row.KeysExpected:#,0} |"));
        }
    }

    /// <summary>Simulates a cluster.</summary>
    public static Row Measure(int nodes, int partitions)
    {
        var layout = Layout.Found(partitions, Replication, Members(nodes));
        var sent = new double[nodes + 1];
        var rounds = new double[partitions];
        var gate = new Lock();
        Parallel.For(0, partitions, partition =>
        {
            var (bytes, took) = Simulate(partition);
            lock (gate)
            {
                for (var slot = 0; slot < Replication; slot++)
                    sent[layout.Owners(partition)[slot].Value] += bytes[slot] / (double)QuietSeconds;
                rounds[partition] = took;
            }
        });
        return new Row(
            nodes,
            partitions,
            sent.Sum() / nodes,
            sent.Max(),
            (nodes - 1) * HeartbeatBytes * HeartbeatsPerSecond,
            rounds.Average(),
            rounds.Max(),
            KeysMoved(layout, layout.With(Members(nodes + 1))), Keys * (double)Replication / (nodes + 1));
    }

    private static (long[] Bytes, double Rounds) Simulate(int partition)
    {
        var settings = new ReplicaSettings();
        var world = new World(partition + 1, Replication, Fault.None) { Settings = settings };
        foreach (var node in world.Nodes) node.Start();
        world.Run(3_000);
        for (var i = 0; i < 20; i++) Write(world, i % Replication, $"key-{i}");

        // Until what was written is collected: from there on nothing changes.
        world.Run(25_000);
        var before = world.BytesSent.ToArray();
        world.Run(QuietSeconds * 1_000);
        var quiet = world.BytesSent.Select((bytes, i) => bytes - before[i]).ToArray();

        world.LosesPushes = true;
        Write(world, 0, "late");
        var from = world.Now;
        while (!world.Nodes.All(node => node.Replica!.Applied.Equals(world.Nodes[0].Replica!.Applied)) && world.Now - from < 60_000)
            world.Run(10);
        return (quiet, (world.Now - from) / (double)settings.GossipIntervalMs);
    }

    private static void Write(World world, int node, string key) => world.Nodes[node].Execute(new WriteRequest
    {
        Key = Bytes.FromText(key),
        Operation = new SetAdd([Bytes.FromText("element")]),
        Required = 1,
        DeadlineMs = long.MaxValue,
    });

    private static long KeysMoved(Layout before, Layout after)
    {
        var keys = new long[before.Partitions];
        for (var i = 0; i < Keys; i++) keys[Partitioner.PartitionOf(System.Text.Encoding.UTF8.GetBytes($"key:{i}"), before.Partitions)]++;
        long moved = 0;
        for (var partition = 0; partition < before.Partitions; partition++)
            foreach (var owner in after.Owners(partition))
                if (!before.Owns(owner, partition)) moved += keys[partition];
        return moved;
    }

    private static Member[] Members(int count) => [.. Enumerable.Range(1, count).Select(id => new Member(new NodeId(id)))];
}
