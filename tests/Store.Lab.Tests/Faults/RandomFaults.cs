using Gossipdb.Lab.Faults;
using Gossipdb.LocalCluster;

namespace Gossipdb.Lab.Tests.Faults;

/// <summary>Commands of every kind, drawn at random.</summary>
internal static class RandomFaults
{
    public static FaultCommand Command(Random random) => random.Next(9) switch
    {
        0 or 1 => Links(random),
        2 => new HealCommand(random.Next(2) == 0 ? null : Sides(random)),
        3 => Process(random),
        4 => Clock(random),
        5 => Disk(random),
        6 => new AddCommand(random.Next(2) == 0 ? "" : "zone \"b\" \\", random.Next(4)),
        7 => new RemoveCommand(random.Next(1, 9)) { Force = true, AcceptLoss = random.Next(2) == 0 },
        _ => new ReplaceCommand(random.Next(1, 9), random.Next(9, 12)) { Force = random.Next(2) == 0 },
    };

    public static FaultCommand Links(Random random) => random.Next(2) == 0
        ? new CutCommand(Sides(random), Flapping(random))
        : new LinkCommand(Sides(random))
        {
            Delay = TimeSpan.FromMicroseconds(random.Next(1, 1_000) * 1_000),
            Jitter = TimeSpan.FromMicroseconds(random.Next(0, 500)),
            Loss = random.Next(0, 1_000) / 1_000.0,
            BytesPerSecond = random.Next(2) == 0 ? null : random.Next(2, 5_000) * 1_000L,
            Flapping = Flapping(random),
        };

    public static FaultCommand Clock(Random random) => new ClockCommand(
        Nodes(random),
        TimeSpan.FromMilliseconds(random.Next(-3, 4) * random.NextInt64(0, 10_000_000)),
        TimeSpan.FromMicroseconds(random.Next(-500_000, 500_001)));

    public static FaultCommand Disk(Random random) =>
        new DiskCommand(Nodes(random), random.Next(2) == 0, TimeSpan.FromMilliseconds(random.Next(3)));

    private static ProcessCommand Process(Random random)
    {
        var order = (NodeOrder)random.Next(Enum.GetValues<NodeOrder>().Length);
        return order is NodeOrder.Save or NodeOrder.Restore
            ? new ProcessCommand(order, new NodeList(random.Next(1, 9)), random.Next(2) == 0 ? "/copies/2" : "C:\\my \"copies\"")
            : new ProcessCommand(order, Nodes(random));
    }

    private static LinkSides Sides(Random random)
    {
        var groups = random.Next(2, 4);
        var members = Enumerable.Range(1, 6).GroupBy(_ => random.Next(groups + 1)).Where(group => group.Key < groups).ToList();
        return members.Count < 2
            ? new LinkSides([new NodeList(1), new NodeList(2)], isOneWay: false)
            : new LinkSides(members.Select(static group => new NodeList(group)), members.Count == 2 && random.Next(2) == 0);
    }

    private static NodeList Nodes(Random random) => new(Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(1, 7)));

    private static Flapping? Flapping(Random random) => random.Next(3) == 0
        ? new Flapping(TimeSpan.FromSeconds(random.Next(1, 3)), TimeSpan.FromMilliseconds(500))
        : null;
}
