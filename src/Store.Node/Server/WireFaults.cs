using Gossipdb.Node.Faults;
using Gossipdb.Replication.Placement;
using Contract = Gossipdb.Protocol;

namespace Gossipdb.Node.Server;

/// <summary>Faults, from and to the contract's messages.</summary>
internal static class WireFaults
{
    // No time that may be told is near it.
    private const long MostMicroseconds = long.MaxValue / TimeSpan.TicksPerMicrosecond;

    /// <summary>What is wanted; whether that is in range is not looked at.</summary>
    /// <exception cref="ArgumentException">Of how often and for how long one is missing.</exception>
    public static FaultSet FromWire(Contract.FaultSet wire) => new(
        [.. wire.Links.Select(FromWire)],
        [.. wire.Clocks.Select(static clock => new ClockFault(Node(clock.Node), clock.OffsetMs, clock.Drift))],
        [.. wire.Disks.Select(static disk => new DiskFault(Node(disk.Node), disk.Full, Time(disk.SlowUs)))]);

    /// <summary>What is in force.</summary>
    public static Contract.FaultSet ToWire(FaultSet faults)
    {
        var wire = new Contract.FaultSet();
        foreach (var link in faults.Links) wire.Links.Add(ToWire(link));
        foreach (var clock in faults.Clocks)
            wire.Clocks.Add(new Contract.ClockFault { Node = Node(clock.Node), OffsetMs = clock.OffsetMs, Drift = clock.Drift });
        foreach (var disk in faults.Disks)
            wire.Disks.Add(new Contract.DiskFault { Node = Node(disk.Node), Full = disk.Full, SlowUs = Microseconds(disk.Slow) });
        return wire;
    }

    /// <summary>What it is in the audit log.</summary>
    public static string WordsOf(Contract.FaultSet wire)
    {
        string[] words =
        [
            .. wire.Links.Select(static link => $"{(link.Cut ? "cut " : "")}link {link.From} -> {link.To}"),
            .. wire.Clocks.Select(static clock => $"clock {clock.Node}"),
            .. wire.Disks.Select(static disk => $"disk {disk.Node}"),
        ];
        return words.Length == 0 ? "none" : string.Join(", ", words);
    }

    private static LinkFault FromWire(Contract.LinkFault link)
    {
        var (from, to) = (Node(link.From), Node(link.To));
        if (link.EveryUs == 0 != (link.ForUs == 0))
        {
            throw new ArgumentException(
                $"the link from node {from} to node {to}: how often it begins anew (every) goes with how long it is in force (for)");
        }

        return new LinkFault(from, to)
        {
            Cut = link.Cut,
            Delay = Time(link.DelayUs),
            Jitter = Time(link.JitterUs),
            Loss = link.Loss,
            BytesPerSecond = link.BytesPerSecond == 0 ? null : link.BytesPerSecond,
            Flapping = link.EveryUs == 0 ? null : (Time(link.EveryUs), Time(link.ForUs)),
        };
    }

    private static Contract.LinkFault ToWire(LinkFault link) => new()
    {
        From = Node(link.From),
        To = Node(link.To),
        Cut = link.Cut,
        DelayUs = Microseconds(link.Delay),
        JitterUs = Microseconds(link.Jitter),
        Loss = link.Loss,
        BytesPerSecond = link.BytesPerSecond ?? 0,
        EveryUs = link.Flapping is var (every, _) ? Microseconds(every) : 0,
        ForUs = link.Flapping is var (_, each) ? Microseconds(each) : 0,
    };

    private static NodeId Node(uint id) => new((int)Math.Min(id, int.MaxValue));

    private static uint Node(NodeId id) => (uint)id.Value;

    private static TimeSpan Time(long microseconds) =>
        TimeSpan.FromTicks(Math.Clamp(microseconds, -MostMicroseconds, MostMicroseconds) * TimeSpan.TicksPerMicrosecond);

    private static long Microseconds(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMicrosecond;
}
