using System.Globalization;
using Gossipdb.Protocol;

namespace Gossipdb.Node.Dashboard;

/// <summary>Faults, as pages and people have them.</summary>
internal static class FaultTexts
{
    private const double PerMs = 1_000;

    /// <summary>As a page has them.</summary>
    public static FaultsShown Shown(FaultSet faults) => new(
        [.. faults.Links.Select(static link => new LinkFaultShown(
            (int)link.From, (int)link.To, link.Cut, link.DelayUs / PerMs, link.JitterUs / PerMs, link.Loss, link.BytesPerSecond,
            link.EveryUs / PerMs, link.ForUs / PerMs))],
        [.. faults.Clocks.Select(static clock => new ClockFaultShown((int)clock.Node, clock.OffsetMs, clock.Drift))],
        [.. faults.Disks.Select(static disk => new DiskFaultShown((int)disk.Node, disk.Full, disk.SlowUs / PerMs))]);

    /// <summary>As nodes are told them. Whether they make sense the nodes say.</summary>
    /// <exception cref="BadCallException">A number is none of a node, or a time is out of all range.</exception>
    public static FaultSet Told(FaultsShown faults)
    {
        var told = new FaultSet();
        foreach (var link in faults.Links ?? [])
        {
            told.Links.Add(new LinkFault
            {
                From = Node(link.From),
                To = Node(link.To),
                Cut = link.Cut,
                DelayUs = Microseconds(link.DelayMs),
                JitterUs = Microseconds(link.JitterMs),
                Loss = link.Loss,
                BytesPerSecond = link.BytesPerSecond,
                EveryUs = Microseconds(link.EveryMs),
                ForUs = Microseconds(link.ForMs),
            });
        }

        foreach (var clock in faults.Clocks ?? [])
            told.Clocks.Add(new ClockFault { Node = Node(clock.Node), OffsetMs = clock.OffsetMs, Drift = clock.Drift });
        foreach (var disk in faults.Disks ?? [])
            told.Disks.Add(new DiskFault { Node = Node(disk.Node), Full = disk.Full, SlowUs = Microseconds(disk.SlowMs) });
        return told;
    }

    /// <summary>In a few words; empty where there are none.</summary>
    public static string InWords(FaultSet faults)
    {
        var words = new List<string>();
        var cuts = faults.Links.Where(static link => link.Cut).ToList();
        if (Sides(cuts) is { } sides)
        {
            cuts = [];
            words.Add($"{string.Join(" / ", sides.Select(static side => string.Join(',', side)))} cut");
        }

        var both = cuts.Where(link => link.From < link.To && cuts.Exists(other => other.From == link.To && other.To == link.From));
        words.AddRange(both.Select(static link => $"{link.From} / {link.To} cut"));
        words.AddRange(cuts.Where(link => !cuts.Exists(other => other.From == link.To && other.To == link.From))
            .Select(static link => $"{link.From} → {link.To} cut"));
        words.AddRange(faults.Links.Where(static link => !link.Cut).Select(static link => string.Create(
            CultureInfo.InvariantCulture, $"{link.From} → {link.To} {Words(link)}")));
        words.AddRange(faults.Clocks.Select(static clock => $"clock of node {clock.Node}"));
        words.AddRange(faults.Disks.Select(static disk => $"disk of node {disk.Node} {(disk.Full ? "full" : "slow")}"));
        return string.Join(", ", words);
    }

    // The sides of a cut, where it is one of all links between them. Nodes that hear all others are on no side.
    private static List<List<uint>>? Sides(List<LinkFault> cuts)
    {
        var pairs = cuts.Select(static link => (link.From, link.To)).ToHashSet();
        var sides = new List<List<uint>>();
        foreach (var node in cuts.SelectMany(static link => new[] { link.From, link.To }).Distinct().Order())
        {
            var side = sides.Find(side => !pairs.Contains((node, side[0])));
            if (side is null) sides.Add([node]);
            else side.Add(node);
        }

        var all = sides.SelectMany(one => sides.Where(other => other != one).SelectMany(other =>
            one.SelectMany(from => other.Select(to => (from, to)))));
        return sides.Count > 1 && pairs.SetEquals(all) ? sides : null;
    }

    private static string Words(LinkFault link) => string.Join(' ', new[]
    {
        link.DelayUs > 0 ? string.Create(CultureInfo.InvariantCulture, $"+{link.DelayUs / PerMs:0.#} ms") : "",
        link.Loss > 0 ? string.Create(CultureInfo.InvariantCulture, $"{link.Loss:0.#%} lost") : "",
        link.BytesPerSecond > 0 ? "slow" : "",
    }.Where(static word => word.Length > 0));

    private static uint Node(int id) => id > 0 ? (uint)id : throw new BadCallException($"{id} is no number of a node");

    private static long Microseconds(double ms) => ms is >= 0 and < 1e9
        ? (long)Math.Round(ms * PerMs)
        : throw new BadCallException(string.Create(CultureInfo.InvariantCulture, $"{ms} ms is no time that can be told"));
}
