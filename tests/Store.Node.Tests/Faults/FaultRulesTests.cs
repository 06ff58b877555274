using Gossipdb.Node.Faults;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Tests.Faults;

public sealed class FaultRulesTests
{
    private static readonly NodeId One = new(1);
    private static readonly NodeId Two = new(2);

    public static TheoryData<string> Wrong => [.. Cases.Select(static one => one.Name)];

    private static IEnumerable<(string Name, string Says, FaultSet Faults)> Cases =>
    [
        ("a node nobody knows", "the link from node 1 to node 9: there is no node 9", Link(new(One, new(9)) { Cut = true })),
        ("a link to itself", "the link from node 1 to node 1: a node has no link to itself", Link(new(One, One) { Cut = true })),
        ("too late", "the delay is 60001 ms; wanted is 0 to 60000 ms", Link(Good with { Delay = TimeSpan.FromMilliseconds(60_001) })),
        ("too early", "the delay is -1 ms", Link(Good with { Delay = TimeSpan.FromMilliseconds(-1) })),
        ("more jitter than delay", "the jitter 81 ms is more than the delay 80 ms",
            Link(Good with { Jitter = TimeSpan.FromMilliseconds(81) })),
        ("everything lost", "the loss is 1; wanted", Link(Good with { Loss = 1 })),
        ("no number", "the loss is NaN", Link(Good with { Loss = double.NaN })),
        ("next to no rate", "the rate is 1023 bytes a second; wanted are 1024", Link(Good with { BytesPerSecond = 1_023 })),
        ("always", "begins anew every 500 ms and is in force for 500 ms",
            Link(Good with { Flapping = (TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(0.5)) })),
        ("hardly ever", "the most is 3600000 ms", Link(Good with { Flapping = (TimeSpan.FromHours(2), TimeSpan.FromSeconds(0.5)) })),
        ("a link twice", "the link from node 1 to node 2 is named twice", new([Good, Good with { Cut = true }], [], [])),
        ("a clock twice", "the clock of node 1 is named twice", new([], [new(One, 1, 0), new(One, 2, 0)], [])),
        ("a disk twice", "the disk of node 2 is named twice", new([], [], [new(Two, true, default), new(Two, true, default)])),
        ("a clock of another day", "the clock of node 1: the offset is -86400001 ms", new([], [new(One, -86_400_001, 0)], [])),
        ("the furthest clock", "the clock of node 1: the offset is", new([], [new(One, long.MinValue, 0)], [])),
        ("a clock that runs away", "the drift is 0.6 seconds a second", new([], [new(One, 0, 0.6)], [])),
        ("a clock of no speed", "the drift is NaN", new([], [new(One, 0, double.NaN)], [])),
        ("a disk that hangs", "the disk of node 1: the time by which it is slower is 61000 ms",
            new([], [], [new(One, false, TimeSpan.FromSeconds(61))])),
    ];

    private static LinkFault Good => new(One, Two) { Delay = TimeSpan.FromMilliseconds(80), Jitter = TimeSpan.FromMilliseconds(20) };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_makes_no_sense_is_refused_by_name(string name)
    {
        var (_, says, wrong) = Cases.Single(one => one.Name == name);

        var refused = Assert.Throws<ArgumentException>(() => FaultRules.Checked(wrong, Knows));

        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_has_an_effect_stays_and_the_rest_is_left_out()
    {
        var faults = FaultRules.Checked(
            new(
                [Good, new(Two, One) { Flapping = (TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1)) }],
                [new(One, 0, 0), new(Two, -86_400_000, 0.5)],
                [new(One, false, default), new(Two, true, default)]),
            Knows);

        Assert.Equal([Good], faults.Links);
        Assert.Equal([new ClockFault(Two, -86_400_000, 0.5)], faults.Clocks);
        Assert.Equal([new DiskFault(Two, true, default)], faults.Disks);
    }

    private static bool Knows(NodeId node) => node.Value is 1 or 2;

    private static FaultSet Link(LinkFault link) => new([link], [], []);
}
