using System.Globalization;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Faults;

/// <summary>Which faults a node can be told.</summary>
internal static class FaultRules
{
    private const long LeastRate = 1_024;
    private const long MostRate = 1L << 40;
    private const double MostDrift = 0.5;
    private static readonly TimeSpan MostDelay = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LeastFor = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan MostEvery = TimeSpan.FromHours(1);
    private static readonly TimeSpan MostOffset = TimeSpan.FromDays(1);

    /// <summary>The same faults, where all of them can be brought about; those without effect are left out.</summary>
    /// <param name="faults">What is wanted.</param>
    /// <param name="knows">Whether there is such a node.</param>
    /// <exception cref="ArgumentException">Something makes no sense; the message says what.</exception>
    public static FaultSet Checked(FaultSet faults, Func<NodeId, bool> knows)
    {
        foreach (var link in faults.Links) Check(link, knows);
        foreach (var clock in faults.Clocks) Check(clock, knows);
        foreach (var disk in faults.Disks) Check(disk, knows);
        RefuseTwice(faults.Links.Select(NameOf));
        RefuseTwice(faults.Clocks.Select(NameOf));
        RefuseTwice(faults.Disks.Select(NameOf));
        return new(
            [.. faults.Links.Where(static link => link.HasEffect)],
            [.. faults.Clocks.Where(static clock => clock.HasEffect)],
            [.. faults.Disks.Where(static disk => disk.HasEffect)]);
    }

    private static string NameOf(LinkFault link) => $"the link from node {link.From} to node {link.To}";

    private static string NameOf(ClockFault clock) => $"the clock of node {clock.Node}";

    private static string NameOf(DiskFault disk) => $"the disk of node {disk.Node}";

    private static void RefuseTwice(IEnumerable<string> names)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in names)
            if (!seen.Add(name)) throw new ArgumentException($"{name} is named twice");
    }

    private static void Check(LinkFault link, Func<NodeId, bool> knows)
    {
        var name = NameOf(link);
        Require(name, link.From, knows);
        Require(name, link.To, knows);
        if (link.From == link.To) throw Wrong(name, "a node has no link to itself");
        Require(name, "delay", link.Delay, MostDelay);
        Require(name, "jitter", link.Jitter, MostDelay);
        if (link.Jitter > link.Delay)
        {
            throw Wrong(
                name, $"the jitter {Text(link.Jitter)} is more than the delay {Text(link.Delay)}, and nothing arrives before it was sent");
        }

        if (!(link.Loss >= 0 && link.Loss < 1))
        {
            throw Wrong(name, string.Create(
                CultureInfo.InvariantCulture, $"the loss is {link.Loss}; wanted is a share of 0 or more, and below 1"));
        }

        if (link.BytesPerSecond is < LeastRate or > MostRate)
            throw Wrong(name, $"the rate is {link.BytesPerSecond} bytes a second; wanted are {LeastRate} to {MostRate}");
        if (link.Flapping is not var (every, each)) return;
        if (every > MostEvery) throw Wrong(name, $"it begins anew every {Text(every)}; the most is {Text(MostEvery)}");
        if (each < LeastFor) throw Wrong(name, $"it is in force for {Text(each)} each time; the least is {Text(LeastFor)}");
        if (every <= each)
            throw Wrong(name, $"it begins anew every {Text(every)} and is in force for {Text(each)}: every has to be more than for");
    }

    private static void Check(ClockFault clock, Func<NodeId, bool> knows)
    {
        var name = NameOf(clock);
        Require(name, clock.Node, knows);
        if (Math.Abs((double)clock.OffsetMs) > MostOffset.TotalMilliseconds)
            throw Wrong(name, $"the offset is {clock.OffsetMs} ms; the most is a day, either way");
        if (!(Math.Abs(clock.Drift) <= MostDrift))
        {
            throw Wrong(name, string.Create(
                CultureInfo.InvariantCulture, $"the drift is {clock.Drift} seconds a second; the most is {MostDrift}, either way"));
        }
    }

    private static void Check(DiskFault disk, Func<NodeId, bool> knows)
    {
        var name = NameOf(disk);
        Require(name, disk.Node, knows);
        Require(name, "time by which it is slower", disk.Slow, MostDelay);
    }

    private static void Require(string name, NodeId node, Func<NodeId, bool> knows)
    {
        if (!knows(node)) throw Wrong(name, $"there is no node {node}");
    }

    private static void Require(string name, string what, TimeSpan time, TimeSpan most)
    {
        if (time < TimeSpan.Zero || time > most) throw Wrong(name, $"the {what} is {Text(time)}; wanted is 0 to {Text(most)}");
    }

    private static string Text(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.###} ms");

    private static ArgumentException Wrong(string name, string why) => new($"{name}: {why}");
}
