using System.Globalization;
using Gossipdb.LocalCluster;

namespace Gossipdb.Lab.Faults;

/// <summary>Every kind of fault: its words, how they are read, what they do, and what must be there for it.</summary>
public static class FaultWords
{
    private const string Groups = "NODES / NODES";

    private static readonly FaultOption[] FlappingOptions =
    [
        new("--every", "TIME", "It comes and goes, and begins so often: 2s"),
        new("--for", "TIME", "How long it is there each time: 500ms"),
    ];

    private static readonly FaultOption[] ForceOptions =
    [
        new("--force", null, "The node is lost for good: others take its slots without it, and its number is never used again"),
        new("--accept-loss", null, "With --force: even where too few owners are left to know all that a majority had acked"),
    ];

    /// <summary>All of them, in the order in which help texts list them.</summary>
    public static IReadOnlyList<FaultWord> All { get; } =
    [
        new(
            "cut",
            Groups,
            "Cut the network between groups of nodes, both ways (1 / 2,3) or one way (1 -> 2)",
            FaultNeeds.FaultInjection,
            "cut 1 / 2,3")
        {
            Options = FlappingOptions,
            Read = static syntax => new CutCommand(syntax.TakeSides(), syntax.TakeFlapping()),
        },
        new(
            "link",
            Groups,
            "Make links between groups of nodes slow, lossy or narrow, both ways or one way",
            FaultNeeds.FaultInjection,
            "link 1 / 2 --delay 80ms")
        {
            Options =
            [
                new("--delay", "TIME", "Everything arrives so much later, each way: 80ms"),
                new("--jitter", "TIME", "The delay varies so much, both ways: 20ms"),
                new("--loss", "PERCENT", "So many packets are lost and sent again: 2%"),
                new("--rate", "RATE", "So much passes, in bytes a second: 1mb"),
                .. FlappingOptions,
            ],
            Read = ReadLink,
        },
        new(
            "kill",
            "NODES",
            "End nodes at once, as kill -9 does; they stay down until 'start'",
            FaultNeeds.Processes,
            "kill 2")
        {
            Read = static syntax => new ProcessCommand(NodeOrder.Kill, syntax.TakeNodes()),
        },
        new(
            "pause",
            "NODES",
            "Let nodes stand still, as SIGSTOP does: their connections stay open, and nothing answers",
            FaultNeeds.Processes,
            "pause 2")
        {
            Read = static syntax => new ProcessCommand(NodeOrder.Pause, syntax.TakeNodes()),
        },
        new(
            "resume",
            "NODES",
            "Let paused nodes go on",
            FaultNeeds.Processes,
            "resume 2")
        {
            Read = static syntax => new ProcessCommand(NodeOrder.Resume, syntax.TakeNodes()),
        },
        new(
            "stop",
            "NODES",
            "Stop nodes in order; they stay down until 'start'",
            FaultNeeds.Processes,
            "stop 2")
        {
            Read = static syntax => new ProcessCommand(NodeOrder.Stop, syntax.TakeNodes()),
        },
        new(
            "start",
            "NODES",
            "Start nodes that are down",
            FaultNeeds.Processes,
            "start 2")
        {
            Read = static syntax => new ProcessCommand(NodeOrder.Start, syntax.TakeNodes()),
        },
        new(
            "wipe",
            "NODES",
            "Empty the data directories of nodes that are down",
            FaultNeeds.Processes,
            "wipe 2")
        {
            Read = static syntax => new ProcessCommand(NodeOrder.Wipe, syntax.TakeNodes()),
        },
        new(
            "save",
            "NODE",
            "Copy the data directory of a node that is down",
            FaultNeeds.Processes,
            "save 2 --to copies/2")
        {
            Options = [new("--to", "DIR", "Where to; it must not be there yet")],
            Read = static syntax => ReadCopy(syntax, NodeOrder.Save),
        },
        new(
            "restore",
            "NODE",
            "Put a copy that 'save' made in place of the data directory of a node that is down",
            FaultNeeds.Processes,
            "restore 2 --from copies/2")
        {
            Options = [new("--from", "DIR", "Where the copy is")],
            Read = static syntax => ReadCopy(syntax, NodeOrder.Restore),
        },
        new(
            "clock",
            "NODES",
            "Set nodes' clocks wrong: ahead (+30s), behind (-5s), drifting; or right again",
            FaultNeeds.FaultInjection,
            "clock 2 +30s")
        {
            Options = [new("--drift", "TIME/s", "How much they gain in a second, or lose: 1ms/s, -50us/s")],
            Settings = ["right"],
            Read = ReadClock,
        },
        new(
            "disk",
            "NODES",
            "Make nodes' disks full or slow; or ok again",
            FaultNeeds.FaultInjection,
            "disk 2 --slow 50ms")
        {
            Options =
            [
                new("--full", null, "There is no room: the journal cannot be written"),
                new("--slow", "TIME", "Each flush takes so much longer: 50ms"),
            ],
            Settings = ["ok"],
            Read = ReadDisk,
        },
        new(
            "add",
            "",
            "Start one more node and make it part of the cluster",
            FaultNeeds.Processes,
            "add --zone a")
        {
            Options = [new("--zone", "ZONE", "Its zone"), new("--capacity", "N", "How much it is to hold, in proportion to the others")],
            Read = static syntax => new AddCommand(
                syntax.Option("--zone", static text => text) ?? "",
                syntax.Has("--capacity") ? syntax.Option("--capacity", Capacity) : 1),
        },
        new(
            "remove",
            "NODE",
            "Take a node out of the layout: what it holds moves to others",
            FaultNeeds.Layout,
            "remove 2")
        {
            Options = ForceOptions,
            Read = static syntax => new RemoveCommand(syntax.TakeKnownNode())
            {
                Force = syntax.Has("--force"),
                AcceptLoss = TakeAcceptLoss(syntax),
            },
        },
        new(
            "replace",
            "NODE NEW",
            "Let a new node, which is started where it does not run yet, take another one's place",
            FaultNeeds.Layout,
            "replace 3 5")
        {
            Options = ForceOptions,
            Read = static syntax => new ReplaceCommand(syntax.TakeKnownNode(), syntax.TakeNode())
            {
                Force = syntax.Has("--force"),
                AcceptLoss = TakeAcceptLoss(syntax),
            },
        },
        new(
            "heal",
            $"[{Groups}]",
            "Mend everything, or the links between groups of nodes",
            FaultNeeds.FaultInjection,
            "heal")
        {
            Read = static syntax => new HealCommand(syntax.IsAtEnd ? null : syntax.TakeSides()),
        },
    ];

    /// <summary>The kind with a first word; null where there is none.</summary>
    public static FaultWord? Find(string word) => All.FirstOrDefault(one => one.Word == word);

    /// <summary>A word as a text of faults has it: in quotes where it needs them.</summary>
    public static string Quoted(string word) => FaultTokens.Quoted(word);

    internal static string Names => string.Join(", ", All.Select(static one => one.Word));

    private static LinkCommand ReadLink(FaultSyntax syntax)
    {
        var link = new LinkCommand(syntax.TakeSides())
        {
            Delay = syntax.Option("--delay", static text => Within(text, Amounts.Time(text), FaultLimits.LongestDelay)),
            Jitter = syntax.Option("--jitter", static text => Within(text, Amounts.Time(text), FaultLimits.LongestDelay)),
            Loss = syntax.Option("--loss", Loss),
            BytesPerSecond = syntax.Has("--rate") ? syntax.Option("--rate", Rate) : null,
            Flapping = syntax.TakeFlapping(),
        };
        if (link.Jitter > link.Delay) throw syntax.WrongOption("--jitter", "it is more than --delay, from which it may take away too");
        return link is { Delay.Ticks: 0, Loss: 0, BytesPerSecond: null }
            ? throw syntax.Missing("'link' needs --delay, --loss or --rate, as in: link 1 / 2 --delay 80ms")
            : link;
    }

    private static ProcessCommand ReadCopy(FaultSyntax syntax, NodeOrder order)
    {
        var option = ProcessCommand.OptionOf(order)!;
        var node = syntax.TakeKnownNode();
        return syntax.Option(option, static text => text) is { Length: > 0 } directory
            ? new ProcessCommand(order, new NodeList(node), directory)
            : throw syntax.Missing($"'{syntax.About.Word}' needs {option} DIR, as in: {syntax.About.Example}");
    }

    private static ClockCommand ReadClock(FaultSyntax syntax)
    {
        var nodes = syntax.TakeNodes();
        var drift = syntax.Option("--drift", static text => Drift(text, Amounts.Drift(text)));
        if (syntax.IsAtEnd)
            return syntax.Has("--drift")
                ? new ClockCommand(nodes, TimeSpan.Zero, drift)
                : throw syntax.Missing("'clock' needs +30s, -5s, --drift or 'right', as in: clock 2 +30s");
        if (syntax.Peek() is { Text: "right" } right)
        {
            syntax.Take("right", static text => text);
            if (syntax.Has("--drift")) throw syntax.Wrong(right, "a clock that is right does not drift");
            return new ClockCommand(nodes, TimeSpan.Zero);
        }

        return new ClockCommand(nodes, syntax.Take("how far", static text => Offset(text, Amounts.Time(text))), drift);
    }

    private static DiskCommand ReadDisk(FaultSyntax syntax)
    {
        var nodes = syntax.TakeNodes();
        var isOk = syntax.Peek() is { Text: "ok" };
        if (isOk) syntax.Take("ok", static text => text);
        var slow = syntax.Option("--slow", static text => Within(text, Amounts.Time(text), FaultLimits.LongestFlush));
        var disk = new DiskCommand(nodes, syntax.Has("--full"), slow);
        syntax.End();
        if (isOk && !disk.IsOk) throw syntax.Missing("a disk that is ok is neither --full nor --slow");
        return disk.IsOk && !isOk ? throw syntax.Missing("'disk' needs --full, --slow TIME or 'ok', as in: disk 2 --slow 50ms") : disk;
    }

    private static TimeSpan Within(string text, TimeSpan time, TimeSpan longest) => time > TimeSpan.Zero && time <= longest
        ? time
        : throw new FormatException($"'{text}' is not more than nothing and at most {Amounts.Text(longest)}");

    private static TimeSpan Offset(string text, TimeSpan offset) => offset.Ticks % TimeSpan.TicksPerMillisecond == 0
        ? offset
        : throw new FormatException($"'{text}' is not in whole milliseconds");

    private static TimeSpan Drift(string text, TimeSpan drift) => drift != TimeSpan.Zero && drift.Duration() <= FaultLimits.FastestDrift
        ? drift
        : throw new FormatException($"'{text}' is no drift of at most {Amounts.Text(FaultLimits.FastestDrift)}/s, either way");

    private static double Loss(string text) => Amounts.Percent(text) is > 0 and < 1 and var loss
        ? loss
        : throw new FormatException($"'{text}' is not more than 0% and less than 100%; to lose everything is a cut");

    private static long? Rate(string text) => Amounts.Rate(text) is >= FaultLimits.LeastRate and var rate
        ? rate
        : throw new FormatException(
            $"'{text}' is less than {Amounts.RateText(FaultLimits.LeastRate)} a second; to let nothing pass is a cut");

    private static int Capacity(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var capacity) && capacity is >= 0 and <= 1_000_000
            ? capacity
            : throw new FormatException($"'{text}' is not a whole number from 0 to 1000000");

    private static bool TakeAcceptLoss(FaultSyntax syntax) => syntax.Has("--accept-loss") && !syntax.Has("--force")
        ? throw syntax.WrongOption("--accept-loss", "it goes with --force: loss is accepted of a node that is lost for good")
        : syntax.Has("--accept-loss");
}
