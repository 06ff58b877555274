using System.Globalization;
using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;
using Gossipdb.Simulation.Faults;
using Gossipdb.Simulation.Network;

namespace Gossipdb.Simulation.Measuring;

/// <summary>
/// What clocks add to an event and to a gossip message at rest, after each of three owners has been restarted so many times.
/// </summary>
public static class ClockCosts
{
    private const int Owners = 3;

    /// <summary>One row.</summary>
    /// <param name="Restarts">How many times each owner was killed and started again.</param>
    /// <param name="Retired">How many ids have retired by then.</param>
    /// <param name="EventBytes">An event that adds one element of 7 bytes to a set.</param>
    /// <param name="WholeEventBytes">The same with all its dependencies.</param>
    /// <param name="GossipBytes">What a replica tells another one while nothing changes.</param>
    /// <param name="WholeGossipBytes">The same with whole clocks.</param>
    public sealed record Row(int Restarts, int Retired, int EventBytes, int WholeEventBytes, int GossipBytes, int WholeGossipBytes);

    /// <summary>The table of docs/scale.md.</summary>
    public static void Print(TextWriter output)
    {
        output.WriteLine(
            "| restarts of each owner | retired ids | event, bytes | with whole clocks | gossip message, bytes | with whole clocks |");
        output.WriteLine("|---:|---:|---:|---:|---:|---:|");
        foreach (var restarts in new[] { 0, 10, 100 })
        {
            var row = Measure(restarts);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {row.Restarts} | {row.Retired} | {row.EventBytes:#,0} | {row.WholeEventBytes:#,0} | {row.GossipBytes:#,0} | "
                + $"{row.WholeGossipBytes:#,0} |"));
        }
    }

    /// <summary>Simulates three owners, with the node's default settings.</summary>
    public static Row Measure(int restarts)
    {
        var world = new World(1, Owners, Fault.None) { Settings = new ReplicaSettings() };
        foreach (var node in world.Nodes) node.Start();
        world.Run(3_000);
        for (var i = 0; i < Owners; i++) Write(world, i);
        world.Run(3_000);
        for (var i = 0; i < restarts * Owners; i++)
        {
            var node = world.Nodes[i % Owners];
            node.Crash();
            world.Run(500);
            node.Start();
            world.Run(3_000);
            Write(world, i % Owners);
        }

        // What is told last is what is told at rest.
        Write(world, 0);
        world.Run(60_000);
        byte[] told = [];
        world.OnSent = (from, to, bytes) => told = from == 0 && to == 1 && Decode(bytes) is ClocksMessage ? bytes : told;
        world.Run(30_000);
        var (first, second) = (world.Nodes[0].Replica!, world.Nodes[1].Replica!);
        var heard = Decode(told);
        var gossip = heard.FoldedWith == 0 ? heard : FoldedClocks.Complete(heard, second.Keys.Retired);

        var dot = new Dot(first.Id, first.Applied[first.Id] + 1);
        Write(world, 0);
        var made = ReplicaEvent.Decode(world.EventsByDot[dot]);
        var before = world.ClocksByDot[made.First];
        return new Row(
            restarts,
            first.Keys.Retired.Clock.Count,
            made.Encoded.Length,
            made.Encoded.Length + Length(before) - Length(made.Clock),
            told.Length,
            Length(gossip));
    }

    private static PeerMessage Decode(byte[] bytes)
    {
        var reader = new ByteReader(bytes);
        return PeerMessage.Decode(ref reader);
    }

    private static int Length(VersionVector clock)
    {
        var writer = new ByteWriter();
        clock.Encode(writer);
        return writer.Length;
    }

    private static int Length(PeerMessage message)
    {
        var writer = new ByteWriter();
        message.Encode(writer);
        return writer.Length;
    }

    private static void Write(World world, int node) => world.Nodes[node].Execute(new WriteRequest
    {
        Key = Bytes.FromText("key"),
        Operation = new SetAdd([Bytes.FromText("element")]),
        Required = 1,
        DeadlineMs = long.MaxValue,
    });
}
