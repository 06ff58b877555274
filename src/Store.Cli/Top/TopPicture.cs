using System.Globalization;
using Gossipdb.Cli.Hot;
using Gossipdb.Cli.Output;
using Gossipdb.Client;

namespace Gossipdb.Cli.Top;

/// <summary>An event and when it was noticed.</summary>
internal readonly record struct TimedEvent(DateTimeOffset At, ClusterEvent Event);

/// <summary>The figures as lines of text that fit a terminal.</summary>
/// <param name="figures">What there is to show.</param>
/// <param name="events">What has happened, the oldest first.</param>
/// <param name="interval">How far two looks are apart.</param>
internal sealed class TopPicture(TopFigures figures, IReadOnlyList<TimedEvent> events, TimeSpan interval)
{
    // From here on one table has all that is told of a node; below the other one it leaves some out.
    private const int Wide = 175;
    private const int Medium = 100;
    private const int BarWidth = 10;
    private const string Unknown = "–";

    /// <summary>A page, in so many lines at most.</summary>
    public IEnumerable<TopLine> Page(TopState state, int width, int height)
    {
        List<TopLine> lines = [Title(state), Totals(), default];
        var room = height - lines.Count - 2;
        lines.AddRange(state.Page switch
        {
            TopPage.Levels => Levels(room),
            TopPage.Hot => Hot(room),
            TopPage.Queues => Queues(state, room),
            TopPage.Events => Events(room),
            _ => Overview(state, width, room),
        });
        var shown = lines.Take(height - 2).ToList();
        while (shown.Count < height - 1) shown.Add(default);
        shown.Add(Keys(state));
        return shown.Select(line => line.CutTo(width));
    }

    /// <summary>All pages one below the other, for a pipe.</summary>
    public IEnumerable<TopLine> All(int width)
    {
        var state = new TopState();
        return new[] { Title(state), Totals(), default }
            .Concat(Nodes(state, width, int.MaxValue)).Append(default)
            .Concat(Levels(int.MaxValue)).Append(default)
            .Concat(Hot(24)).Append(default)
            .Concat(Queues(state, int.MaxValue))
            .Concat(events.Count == 0 ? [] : Events(int.MaxValue).Prepend(default))
            .Select(line => line.CutTo(width));
    }

    private TopLine Title(TopState state)
    {
        var cluster = figures.Sample.Cluster;
        var up = figures.Nodes.Count(static node => node.Status is not null);
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"gossipdb top  {figures.Sample.At:HH:mm:ss}  {up} of {figures.Nodes.Count} nodes up  {cluster.Partitions} partitions × "
            + $"{cluster.Replication}  layout {cluster.LayoutVersion}  every {interval.TotalSeconds:0.##} s");
        return new TopLine(state.IsPaused ? $"PAUSED  {text}" : text, up < figures.Nodes.Count ? Tone.Bad : Tone.Title);
    }

    private TopLine Totals()
    {
        if (figures.IsFirst) return new TopLine("rates come with the second look", Tone.Faint);
        var (reads, writes, failures) = (figures.Calls.Reads, figures.Calls.Writes, figures.Calls.FailuresPerSecond);
        return new TopLine(
            $"reads {Numbers.Rate(reads.PerSecond)}/s, p99 {Numbers.Latency(reads.P99)}  writes {Numbers.Rate(writes.PerSecond)}/s, p99 "
            + $"{Numbers.Latency(writes.P99)}  failures {Numbers.Rate(failures)}/s  lag {Lag(figures.Lag)}",
            failures > 0 ? Tone.Warning : Tone.Plain);
    }

    private static TopLine Keys(TopState state)
    {
        var pages = string.Join(' ', Enum.GetValues<TopPage>().Select(page =>
            page == state.Page ? $"[{(int)page + 1} {page}]" : $"{(int)page + 1} {page}"));
        return new TopLine($"{pages}  s sort: {state.Sort}  p {(state.IsPaused ? "go on" : "pause")}  q quit", Tone.Faint);
    }

    private IEnumerable<TopLine> Overview(TopState state, int width, int room)
    {
        List<TopLine> lines = [.. Nodes(state, width, Math.Max(6, room / 2)), default];
        lines.AddRange(Levels(Math.Clamp((room - lines.Count) / 3, 2, 9)));
        lines.Add(default);
        lines.AddRange(HotKeys(Math.Clamp((room - lines.Count) / 2, 4, 12)));
        lines.Add(default);
        lines.AddRange(Events(room - lines.Count));
        return lines;
    }

    private IEnumerable<TopLine> Nodes(TopState state, int width, int room)
    {
        var nodes = Sorted(state.Sort).ToList();
        string[] ofCalls = ["node", "<state", "reads/s", "p50", "p99", "writes/s", "p50", "p99", "fail/s", "lag"];
        string[] ofRest =
        [
            "held", "repair", "commits", .. Beside(width, "commit"), "group", "link", "clock", "cpu", "mem", .. Beside(width, "heap"), "gc",
            "queue",
        ];
        if (width >= Wide)
        {
            var all = new TextTable([.. ofCalls, .. ofRest]);
            foreach (var node in nodes)
            {
                all.Add(
                    node.Tone,
                    node.Status is null ? Down(node, ofCalls.Length + ofRest.Length) : [.. Calls(node), .. Rest(node, width)]);
            }

            return all.Lines(room);
        }

        var calls = new TextTable(ofCalls);
        var rest = new TextTable(["node", .. ofRest]);
        foreach (var node in nodes)
        {
            calls.Add(node.Tone, node.Status is null ? Down(node, ofCalls.Length) : [.. Calls(node)]);
            if (node.Status is not null) rest.Add(node.Tone, [$"{node.Node}", .. Rest(node, width)]);
        }

        var half = room == int.MaxValue ? room : room / 2;
        return calls.Lines(half).Concat(rest.Count == 0 ? [] : rest.Lines(half).Prepend(default));
    }

    private IEnumerable<NodeFigures> Sorted(TopSort by) => by switch
    {
        TopSort.Calls => figures.Nodes.OrderByDescending(static node => node.Calls.Reads.PerSecond + node.Calls.Writes.PerSecond),
        TopSort.P99 => figures.Nodes.OrderByDescending(static node => Max(node.Calls.Reads.P99, node.Calls.Writes.P99)),
        TopSort.Failures => figures.Nodes.OrderByDescending(static node => node.Calls.FailuresPerSecond),
        TopSort.Lag => figures.Nodes.OrderByDescending(static node => node.Lag ?? -1),
        TopSort.Memory => figures.Nodes.OrderByDescending(static node => node.Status?.Runtime.ResidentBytes ?? -1),
        _ => figures.Nodes.OrderBy(static node => node.Node),
    };

    private static IEnumerable<string> Calls(NodeFigures node)
    {
        var (reads, writes) = (node.Calls.Reads, node.Calls.Writes);
        return
        [
            $"{node.Node}", node.State, Rate(reads.PerSecond), Numbers.Latency(reads.Median), Numbers.Latency(reads.P99),
            Rate(writes.PerSecond), Numbers.Latency(writes.Median), Numbers.Latency(writes.P99), Rate(node.Calls.FailuresPerSecond),
            node.Lag is { } lag ? Numbers.Short(lag) : Unknown,
        ];
    }

    private static IEnumerable<string> Rest(NodeFigures node, int width)
    {
        var status = node.Status!;
        return
        [
            Bytes(status.HeldBytes),
            Bytes((long)node.RepairBytesPerSecond),
            Rate(node.CommitsPerSecond),
            .. Beside(width, Numbers.Latency(node.CommitTime)),
            node.Group > 0 ? Numbers.Short(node.Group) : Unknown,
            node.RoundTrip is { } link ? Milliseconds(link) : Unknown,
            status.ClockAhead is { } ahead ? $"{(ahead < TimeSpan.Zero ? "-" : "+")}{Milliseconds(ahead.Duration())}" : Unknown,
            Percent(node.Processors),
            Bytes(status.Runtime.ResidentBytes),
            .. Beside(width, Bytes(status.Runtime.HeapBytes)),
            Percent(node.Paused),
            Percent(node.Queues.Select(static queue => queue.Part).DefaultIfEmpty().Max()),
        ];
    }

    // What there is no room for in 80 columns.
    private static string[] Beside(int width, string cell) => width >= Medium ? [cell] : [];

    private static string[] Down(NodeFigures node, int cells)
    {
        string[] row = [.. Enumerable.Repeat("", cells)];
        (row[0], row[1]) = ($"{node.Node}", node.State);
        row[9] = node.Lag is { } lag ? Numbers.Short(lag) : Unknown;
        return row;
    }

    private IEnumerable<TopLine> Levels(int room)
    {
        if (figures.IsFirst) return [];
        if (figures.Calls.Levels.Count == 0) return [new TopLine("no client has asked for anything since the last look", Tone.Faint)];
        var table = new TextTable("<level", "<kind", "calls/s", "p50", "p99", "fail/s", "<failures");
        foreach (var level in figures.Calls.Levels.OrderByDescending(static one => one.PerSecond + one.FailuresPerSecond))
        {
            table.Add(
                level.FailuresPerSecond > 0 ? Tone.Warning : Tone.Plain,
                level.Level,
                level.IsWrite ? "writes" : "reads",
                Rate(level.PerSecond),
                Numbers.Latency(level.Median),
                Numbers.Latency(level.P99),
                Rate(level.FailuresPerSecond),
                string.Join(", ", level.Failures.Select(static one => $"{one.Key} {Rate(one.Value)}")));
        }

        return table.Lines(room);
    }

    private IEnumerable<TopLine> Hot(int room) =>
        HotKeys(Math.Max(2, (room * 2 / 3) - 1)).Append(default).Concat(HotPartitions(Math.Max(2, room - (room * 2 / 3))));

    private IEnumerable<TopLine> HotKeys(int room)
    {
        if (figures.Sample.Hot is not { } hot)
            return [new TopLine($"hot keys: {(figures.Sample.HotProblem is { Length: > 0 } problem ? problem : "unknown")}", Tone.Faint)];
        if (hot.Keys.Count == 0)
            return [new TopLine(hot.IsCounting ? "no key was asked for of late" : "hot keys are not counted", Tone.Faint)];
        var table = new TextTable("share", "calls/s", "reads/s", "writes/s", "partition", "<", "<hot key (last 1 to 2 min)");
        var view = new HotView(hot, limit: room, ByteForm.Escaped);
        foreach (var key in hot.Keys.Take(room - 1))
        {
            table.Add(
                Tone.Plain, Percent(key.Share), Rate(key.AtLeast), Rate(key.Reads), Rate(key.Writes), $"{key.Partition}",
                Bars.Beside(key.Share, hot.Keys[0].Share, BarWidth), view.NameOf(key));
        }

        return table.Lines(room);
    }

    private IEnumerable<TopLine> HotPartitions(int room)
    {
        if (figures.Sample.Hot is not { Partitions.Count: > 0 } hot) return [];
        var table = new TextTable("share", "calls/s", "reads/s", "writes/s", "partition", "<", "<owners");
        foreach (var one in hot.Partitions)
        {
            var owners = figures.Sample.Cluster.Owners;
            table.Add(
                Tone.Plain, Percent(one.Share), Rate(one.PerSecond), Rate(one.Reads), Rate(one.Writes), $"{one.Partition}",
                Bars.Beside(one.Share, hot.Partitions[0].Share, BarWidth),
                one.Partition < owners.Count ? string.Join(", ", owners[one.Partition]) : Unknown);
        }

        return table.Lines(room);
    }

    private IEnumerable<TopLine> Queues(TopState state, int room)
    {
        var table = new TextTable("node", "full", "<", "now", "at most", "<what waits");
        foreach (var node in Sorted(state.Sort))
        {
            foreach (var queue in node.Queues)
            {
                table.Add(
                    queue.Part > 0.8 ? Tone.Bad : queue.Part > 0.4 ? Tone.Warning : Tone.Plain,
                    $"{node.Node}", Percent(queue.Part), Bars.Of(queue.Part, 12), Bytes(queue.Now), Bytes(queue.Most), queue.Name);
            }

            if (node.DropsPerSecond > 0)
            {
                table.Add(
                    Tone.Warning, $"{node.Node}", "", "", $"{Rate(node.DropsPerSecond)}/s", "", "messages dropped, which gossip repairs");
            }
        }

        return table.Lines(room);
    }

    private IEnumerable<TopLine> Events(int room)
    {
        if (room < 1) yield break;
        if (events.Count == 0) yield return new TopLine("no events since top began", Tone.Faint);
        foreach (var (at, what) in events.Reverse().Take(room))
        {
            yield return new TopLine(
                $"{at.ToString("HH:mm:ss", CultureInfo.InvariantCulture)}  {what.Text}",
                what.Kind switch
                {
                    ClusterEventKind.Bad => Tone.Bad,
                    ClusterEventKind.Good => Tone.Good,
                    ClusterEventKind.Change => Tone.Warning,
                    _ => Tone.Plain,
                });
        }
    }

    private static TimeSpan Max(TimeSpan first, TimeSpan second) => first > second ? first : second;

    private static string Lag(long? changes) => changes switch
    {
        null => "unknown",
        0 => "none",
        1 => "1 change",
        { } some => $"{Numbers.Short(some)} changes",
    };

    private static string Rate(double perSecond) => perSecond < 1 ? Numbers.Rate(perSecond) : Numbers.Short(perSecond);

    private static string Bytes(long bytes) => Numbers.Size(bytes);

    private static string Percent(double share) => Numbers.Percent(share).Replace(" ", "", StringComparison.Ordinal);

    private static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture) + "ms";
}
