using Gossipdb.Client;

namespace Gossipdb.Lab.Faults;

/// <summary>From what is wrong with directions of links to as few commands as say it.</summary>
internal static class LinkWords
{
    public static IEnumerable<FaultCommand> Of(IReadOnlyList<LinkFault> faults)
    {
        var links = faults.OrderBy(static link => (link.From, link.To)).ToList();
        var cuts = links.Where(static link => link.Cut).ToList();
        var parted = Parted(cuts);
        if (parted is not null) yield return parted;

        // A cut both ways takes the place of all cuts before, so that it comes first, and once.
        foreach (var (sides, flapping) in OneWay(cuts.Where(cut => parted is null || !Means(parted, cut)), FlappingOf))
            yield return new CutCommand(sides, flapping);
        foreach (var command in Bad(links.Where(static link => IsBad(link)))) yield return command;
    }

    // The groups between which everything is cut both ways, at the same times. There are such groups where of the nodes that are cut from
    // some other, those that are not cut from each other are not cut from the same ones.
    private static CutCommand? Parted(List<LinkFault> cuts)
    {
        var directions = cuts.ToDictionary(static cut => (cut.From, cut.To), FlappingOf);
        var bothWays = cuts.Where(cut => directions.TryGetValue((cut.To, cut.From), out var back) && back == FlappingOf(cut)).ToList();
        foreach (var same in bothWays.GroupBy(FlappingOf).OrderByDescending(static group => group.Count()))
        {
            var others = same.ToLookup(static cut => cut.From, static cut => cut.To);
            var groups = others
                .GroupBy(static node => new NodeList(node), static node => node.Key)
                .Select(static group => (Cut: group.Key, Group: new NodeList(group)))
                .OrderBy(static group => group.Group[0])
                .ToList();
            var all = new NodeList(groups.SelectMany(static group => group.Group));
            if (groups.TrueForAll(one => new NodeList(one.Group.Concat(one.Cut)).Equals(all) && !one.Group.Intersect(one.Cut).Any()))
                return new CutCommand(new LinkSides(groups.Select(static group => group.Group), isOneWay: false), same.Key);
        }

        return null;
    }

    private static bool Means(CutCommand command, LinkFault cut) =>
        command.Flapping == FlappingOf(cut) && command.Sides.Directions.Contains((cut.From, cut.To));

    private static IEnumerable<LinkCommand> Bad(IEnumerable<LinkFault> links)
    {
        foreach (var same in links.GroupBy(static link => LinkOf(link, Any)))
        {
            // Both ways where that is so of all, else one way at a time.
            var left = same.ToList();
            if (Parted([.. left.Select(static link => new LinkFault(link.From, link.To) { Cut = true })]) is { } parted)
            {
                yield return same.Key with { Sides = parted.Sides };
                var meant = parted.Sides.Directions.ToHashSet();
                left.RemoveAll(link => meant.Contains((link.From, link.To)));
            }

            foreach (var (sides, _) in OneWay(left, static _ => 0)) yield return same.Key with { Sides = sides };
        }
    }

    // Those with the same receivers are one group of senders.
    private static IEnumerable<(LinkSides Sides, TKey Key)> OneWay<TKey>(IEnumerable<LinkFault> links, Func<LinkFault, TKey> keyOf) =>
        links.GroupBy(keyOf).SelectMany(same => same
            .GroupBy(static link => link.From, static link => link.To)
            .GroupBy(static sender => new NodeList(sender), static sender => sender.Key)
            .Select(group => (new LinkSides([new NodeList(group), group.Key], isOneWay: true), same.Key)));

    private static readonly LinkSides Any = new([new NodeList(1), new NodeList(2)], isOneWay: true);

    private static LinkCommand LinkOf(LinkFault link, LinkSides sides) => new(sides)
    {
        Delay = link.Delay,
        Jitter = link.Jitter,
        Loss = link.Loss,
        BytesPerSecond = link.BytesPerSecond,
        Flapping = FlappingOf(link),
    };

    private static Flapping? FlappingOf(LinkFault link) => link is { Every: { } every, For: { } time } ? new Flapping(every, time) : null;

    private static bool IsBad(LinkFault link) => link.Delay > TimeSpan.Zero || link.Loss > 0 || link.BytesPerSecond is not null;
}
