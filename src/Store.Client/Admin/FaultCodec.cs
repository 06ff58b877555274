using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client.Admin;

/// <summary>Faults, from and to the contract's messages. Whether they are in range the node says.</summary>
internal static class FaultCodec
{
    /// <summary>To the contract's message.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A node's number is none.</exception>
    public static Wire.FaultSet ToWire(FaultSet faults)
    {
        var wire = new Wire.FaultSet();
        foreach (var link in faults.Links) wire.Links.Add(ToWire(link));
        foreach (var clock in faults.Clocks)
        {
            wire.Clocks.Add(new Wire.ClockFault
            {
                Node = NodeOf(clock.Node),
                OffsetMs = (long)Math.Round(clock.Offset.TotalMilliseconds),
                Drift = clock.Drift,
            });
        }

        foreach (var disk in faults.Disks)
            wire.Disks.Add(new Wire.DiskFault { Node = NodeOf(disk.Node), Full = disk.Full, SlowUs = Microseconds(disk.Slow) });
        return wire;
    }

    /// <summary>From the contract's message.</summary>
    public static FaultSet FromWire(Wire.FaultSet? wire) => wire is null ? FaultSet.None : new()
    {
        Links = [.. wire.Links.Select(FromWire)],
        Clocks = [.. wire.Clocks.Select(static clock => new ClockFault((int)clock.Node)
        {
            Offset = TimeSpan.FromMilliseconds(clock.OffsetMs),
            Drift = clock.Drift,
        })],
        Disks = [.. wire.Disks.Select(static disk => new DiskFault((int)disk.Node) { Full = disk.Full, Slow = Time(disk.SlowUs) })],
    };

    private static Wire.LinkFault ToWire(LinkFault link) => new()
    {
        From = NodeOf(link.From),
        To = NodeOf(link.To),
        Cut = link.Cut,
        DelayUs = Microseconds(link.Delay),
        JitterUs = Microseconds(link.Jitter),
        Loss = link.Loss,

        // What is nonsense stays so, for the node to refuse: none at all is not 'without limit'.
        BytesPerSecond = link.BytesPerSecond is { } rate ? (rate == 0 ? -1 : rate) : 0,
        EveryUs = link.Every is { } every ? Some(every) : 0,
        ForUs = link.For is { } each ? Some(each) : 0,
    };

    private static LinkFault FromWire(Wire.LinkFault link) => new((int)link.From, (int)link.To)
    {
        Cut = link.Cut,
        Delay = Time(link.DelayUs),
        Jitter = Time(link.JitterUs),
        Loss = link.Loss,
        BytesPerSecond = link.BytesPerSecond == 0 ? null : link.BytesPerSecond,
        Every = link.EveryUs == 0 ? null : Time(link.EveryUs),
        For = link.ForUs == 0 ? null : Time(link.ForUs),
    };

    private static uint NodeOf(int node) => node > 0
        ? (uint)node
        : throw new ArgumentOutOfRangeException(nameof(node), node, "the numbers of nodes start at 1");

    private static long Some(TimeSpan time) => Microseconds(time) is not 0 and var some ? some : -1;

    private static long Microseconds(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMicrosecond;

    private static TimeSpan Time(long microseconds) => TimeSpan.FromTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}
