using Gossipdb.Client;

namespace Gossipdb.Lab.Faults;

/// <summary>
/// What commands make of the faults in force, and back: which commands say what is in force. Of links:
/// <list type="bullet">
/// <item>A <c>cut</c> both ways takes the place of all cuts before. A one-way cut, and what <c>link</c> says, is added.</item>
/// <item>Of each direction of a link, the later words take the earlier ones' place.</item>
/// <item>A direction that is cut and bad besides is bad again once the cut is mended. Where one of the two comes and goes at times of its
/// own, the later one takes the place of the other: a direction has one timetable.</item>
/// </list>
/// </summary>
public static class FaultSets
{
    /// <summary>What is in force once a command is carried out; commands about processes and the layout change nothing here.</summary>
    /// <param name="faults">What is in force before.</param>
    /// <param name="command">The command.</param>
    public static FaultSet With(this FaultSet faults, FaultCommand command) => command switch
    {
        CutCommand cut => faults with { Links = WithCut(faults.Links, cut) },
        LinkCommand link => faults with { Links = WithLink(faults.Links, link) },
        HealCommand { Sides: { } sides } => faults with { Links = Without(faults.Links, sides) },
        HealCommand => FaultSet.None,
        ClockCommand clock => faults with
        {
            Clocks = Replaced(faults.Clocks, static one => one.Node, clock.Nodes, clock.IsRight ? null : node => new ClockFault(node)
            {
                Offset = clock.Offset,
                Drift = clock.DriftPerSecond.TotalSeconds,
            }),
        },
        DiskCommand disk => faults with
        {
            Disks = Replaced(faults.Disks, static one => one.Node, disk.Nodes, disk.IsOk ? null : node => new DiskFault(node)
            {
                Full = disk.Full,
                Slow = disk.Slow,
            }),
        },
        _ => faults,
    };

    /// <summary>Whether two nodes know the same to be in force: by how much a drifting clock is wrong just now is left out.</summary>
    /// <param name="faults">What one knows.</param>
    /// <param name="other">What the other knows.</param>
    public static bool IsSame(FaultSet faults, FaultSet other) =>
        Undrifted(faults).InWords().SequenceEqual(Undrifted(other).InWords());

    /// <summary>Commands that bring about what is in force, where nothing was before. Equal sets give equal commands.</summary>
    /// <param name="faults">What is in force.</param>
    public static IReadOnlyList<FaultCommand> InWords(this FaultSet faults) =>
    [
        .. LinkWords.Of(faults.Links),
        .. faults.Clocks
            .GroupBy(static one => (one.Offset, Drift: TicksOf(one.Drift)), static one => one.Node)
            .Select(static same => new ClockCommand(new NodeList(same), same.Key.Offset, same.Key.Drift))
            .OrderBy(static one => one.Nodes[0]),
        .. faults.Disks
            .GroupBy(static one => (one.Full, one.Slow), static one => one.Node)
            .Select(static same => new DiskCommand(new NodeList(same), same.Key.Full, same.Key.Slow))
            .OrderBy(static one => one.Nodes[0]),
    ];

    /// <summary>What of it touches a node: its links, either way, its clock and its disk.</summary>
    /// <param name="faults">What is in force.</param>
    /// <param name="node">The node.</param>
    public static FaultSet Touching(this FaultSet faults, int node) => new()
    {
        Links = [.. faults.Links.Where(link => link.From == node || link.To == node)],
        Clocks = [.. faults.Clocks.Where(clock => clock.Node == node)],
        Disks = [.. faults.Disks.Where(disk => disk.Node == node)],
    };

    private static FaultSet Undrifted(FaultSet faults) => faults with
    {
        Clocks = [.. faults.Clocks.Select(static clock => clock.Drift == 0 ? clock : clock with { Offset = TimeSpan.Zero })],
    };

    private static TimeSpan TicksOf(double seconds) => new((long)Math.Round(seconds * TimeSpan.TicksPerSecond));

    private static List<LinkFault> WithCut(IReadOnlyList<LinkFault> links, CutCommand command)
    {
        // What is left of a direction whose cut is taken back: what else was wrong with it.
        var before = command.Sides.IsOneWay
            ? links
            : links.Select(static link => link.Cut ? Kept(link with { Cut = false }) : link).OfType<LinkFault>();
        return Merged(before, command.Sides, Timed(new LinkFault(0, 0) { Cut = true }, command.Flapping), static (old, cut) =>
            IsBad(old) && (old.Every, old.For) == (cut.Every, cut.For) ? old with { Cut = true } : cut);
    }

    private static List<LinkFault> WithLink(IReadOnlyList<LinkFault> links, LinkCommand command)
    {
        var bad = new LinkFault(0, 0)
        {
            Delay = command.Delay,
            Jitter = command.Jitter,
            Loss = command.Loss,
            BytesPerSecond = command.BytesPerSecond,
        };
        return Merged(links, command.Sides, Timed(bad, command.Flapping), static (old, fault) =>
            old.Cut && (old.Every, old.For) == (fault.Every, fault.For) ? fault with { Cut = true } : fault);
    }

    private static List<LinkFault> Without(IReadOnlyList<LinkFault> links, LinkSides sides)
    {
        var mended = sides.Directions.ToHashSet();
        return [.. links.Where(link => !mended.Contains((link.From, link.To)))];
    }

    // Sets a fault on each direction that is meant; what becomes of one that is there, the function says.
    private static List<LinkFault> Merged(
        IEnumerable<LinkFault> links, LinkSides sides, LinkFault fault, Func<LinkFault, LinkFault, LinkFault> with)
    {
        var merged = new SortedDictionary<(int From, int To), LinkFault>(links.ToDictionary(static link => (link.From, link.To)));
        foreach (var (from, to) in sides.Directions)
        {
            var fresh = fault with { From = from, To = to };
            merged[(from, to)] = merged.TryGetValue((from, to), out var old) ? with(old, fresh) : fresh;
        }

        return [.. merged.Values];
    }

    private static LinkFault Timed(LinkFault fault, Flapping? flapping) => fault with { Every = flapping?.Every, For = flapping?.For };

    private static bool IsBad(LinkFault link) => link.Delay > TimeSpan.Zero || link.Loss > 0 || link.BytesPerSecond is not null;

    private static LinkFault? Kept(LinkFault link) => IsBad(link) ? link : null;

    private static List<T> Replaced<T>(IReadOnlyList<T> faults, Func<T, int> nodeOf, NodeList nodes, Func<int, T>? make) =>
        [.. faults.Where(one => !nodes.Contains(nodeOf(one))).Concat(make is null ? [] : nodes.Select(make)).OrderBy(nodeOf)];
}
