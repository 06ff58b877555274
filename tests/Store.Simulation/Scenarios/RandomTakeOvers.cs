using Gossipdb.Crdt;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Simulation.Checkers;
using Gossipdb.Simulation.Network;
using Gossipdb.Simulation.Nodes;

namespace Gossipdb.Simulation.Scenarios;

/// <summary>
/// Many short histories in which slots move and are taken by force while nodes crash and links are cut, and hardly anything else happens.
/// A majority is never lost. So in the end every node that the layout names holds a slot and serves, and nobody else has a part.
/// </summary>
public sealed class RandomTakeOvers
{
    private const int Histories = 1_000;
    private const long PatienceMs = 30_000;

    [Fact]
    public void Every_slot_comes_to_be_held()
    {
        var forced = new int[Histories];
        Parallel.For(0, Histories, seed => forced[seed] = Run(seed));
        Assert.True(forced.Sum() > Histories / 2, "hardly a slot was taken by force: the faults test too little");
    }

    // Each of these left a slot without a holder that serves, before the rules that TakeOvers tells of.
    [Theory]
    [InlineData(2_553)]
    [InlineData(2_865)]
    [InlineData(5_736)]
    [InlineData(13_213)]
    [InlineData(15_124)]
    [InlineData(15_345)]
    [InlineData(19_470)]
    [InlineData(26_824)]
    [InlineData(33_468)]
    public void A_slot_that_was_left_alone_comes_to_be_held(int seed) => Run(seed);

    // Returns how many slots were taken by force.
    private static int Run(int seed)
    {
        var random = new Random(seed * 31);
        var slots = random.Next(3) == 0 ? 3 : 5;
        var story = new Scenario(nodes: slots, spares: 3, seed: seed);
        story.Write(story.A, "s", new SetAdd([Bytes.FromText("apple")]), required: slots);
        var world = story.World;
        world.MaxDelayMs = random.Next(2, 250);
        world.Loss = random.Next(2) == 0 ? 0 : random.NextDouble() * 0.4;
        for (var left = random.Next(4, 20); left > 0; left--)
        {
            Disturb(world, random);
            world.Run(random.Next(1, random.Next(2) == 0 ? 60 : 700));
        }

        Heal(world);
        for (var end = world.Now + PatienceMs; !IsSettled(world) && world.Now < end;) world.Run(100);
        if (!IsSettled(world)) throw new CheckFailed($"history {seed} leaves {string.Join(" | ", world.Nodes.Select(Told))}");
        story.ExpectInTheEnd("s", "apple");
        var holder = world.Nodes.First(static node => node.Replica is not null).Replica!;
        return holder.Peers.Table().Count(static slot => SlotEpoch.IsForced(slot.Epoch));
    }

    private static void Disturb(World world, Random random)
    {
        var node = world.Nodes[random.Next(world.Nodes.Length)];
        switch (random.Next(12))
        {
            case < 3:
                Lose(world, node, random);
                break;
            case < 6 when Spares(world, node) is { Length: > 0 } spares:
                world.MoveSlot(random.Next(world.Replication), spares[random.Next(spares.Length)].Id);
                break;
            case 6 or 7 when node.IsUp:
                node.Crash();
                world.After(random.Next(1, 1_500), () =>
                {
                    if (!node.IsUp && !world.IsLost(node.Id)) node.Start();
                });
                break;
            case 8 or 9:
                var isAside = Array.ConvertAll(world.Nodes, _ => random.Next(3) == 0);
                for (var a = 0; a < isAside.Length; a++)
                    for (var b = 0; b < isAside.Length; b++)
                        if (isAside[a] != isAside[b]) world.SetCut(a, b, true);
                break;
            case 10:
                world.HealAll();
                break;
        }
    }

    // Of three nodes one may be lost, of five two: a majority of the slots can still promise.
    private static void Lose(World world, SimulatedNode node, Random random)
    {
        if (world.Layout.Lost.Length >= world.Replication / 2 || world.IsLost(node.Id)) return;
        if (Spares(world, node) is not { Length: > 0 } spares) return;
        NodeId? heir = world.Layout.Owners.Contains(node.Id) ? spares[random.Next(spares.Length)].Id : null;
        node.HearsNoLayouts = true;
        if (node.IsUp) node.Crash();
        world.DeclareLost(node.Id, heir, acceptsLoss: false);
    }

    private static SimulatedNode[] Spares(World world, SimulatedNode but) =>
        [.. world.Nodes.Where(node => node != but && !world.Layout.Owners.Contains(node.Id) && !world.IsLost(node.Id))];

    private static void Heal(World world)
    {
        world.Loss = 0;
        world.MaxDelayMs = 5;
        world.HealAll();
        foreach (var node in world.Nodes)
            if (!node.IsUp && !world.IsLost(node.Id)) node.Start();
    }

    private static bool IsSettled(World world) => Array.TrueForAll(world.Nodes, node => world.Layout.Owners.Contains(node.Id)
        ? node.Replica is { ServingState: ServingState.Serving }
        : node.Replica is null);

    private static string Told(SimulatedNode node) => node.Replica is not { } replica
        ? $"{node.Id}: nothing"
        : $"{node.Id}: {replica.ServingState}, {replica.Inspection.Moving}, slots "
            + string.Join(", ", replica.Peers.Table().Select(slot => $"{slot.Node}@{slot.Epoch}{(slot.IsHeld ? "" : "?")}"));
}
