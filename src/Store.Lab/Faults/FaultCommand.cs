using Gossipdb.LocalCluster;

namespace Gossipdb.Lab.Faults;

/// <summary>
/// Something to break or to mend, in the words that the shell and scenario files share: "cut 1 / 2,3". <see cref="ToString"/> gives the
/// words back: to read them again gives an equal command.
/// </summary>
public abstract record FaultCommand
{
    // The kinds are those below: what carries commands out knows them all.
    private protected FaultCommand()
    {
    }

    /// <summary>The first word: "cut".</summary>
    public abstract string Word { get; }

    /// <summary>What there is to know of the word.</summary>
    public FaultWord About => FaultWords.Find(Word)!;

    /// <summary>Reads one command.</summary>
    /// <param name="text">The words.</param>
    /// <param name="scope">Which nodes there are, and names of groups of them; null where nothing is known of them.</param>
    /// <exception cref="FaultFormatException">The words make no sense; it says which word does not, and where.</exception>
    public static FaultCommand Parse(string text, FaultScope? scope = null) => FaultParser.Parse(text, scope ?? FaultScope.Unknown);

    /// <summary>The words.</summary>
    public sealed override string ToString() => string.Join(' ', ((string[])[Word, .. Arguments]).Where(static word => word.Length > 0));

    /// <summary>The words behind the first.</summary>
    private protected abstract IEnumerable<string> Arguments { get; }
}

/// <summary>
/// Nothing passes on some links. A cut both ways draws the partition of the network anew: it takes the place of all cuts before, one-way
/// cuts too. A one-way cut is added to what is cut already.
/// </summary>
/// <param name="Sides">Which links.</param>
/// <param name="Flapping">When the cut comes and goes; null where it stays.</param>
public sealed record CutCommand(LinkSides Sides, Flapping? Flapping = null) : FaultCommand
{
    /// <inheritdoc/>
    public override string Word => "cut";

    private protected override IEnumerable<string> Arguments => [Sides.ToString(), Flapping?.ToString() ?? ""];
}

/// <summary>
/// Some links are bad. It takes the place of what was said of the same direction of the same links by such a command before; other links
/// stay as they are.
/// </summary>
/// <param name="Sides">Which links.</param>
public sealed record LinkCommand(LinkSides Sides) : FaultCommand
{
    /// <inheritdoc/>
    public override string Word => "link";

    /// <summary>How much later everything arrives, in each direction that is meant.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>By how much the delay varies both ways; no more than the delay.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>The share of packets that are lost and sent again, 0 to 1.</summary>
    public double Loss { get; init; }

    /// <summary>How much passes, in bytes a second; null without limit.</summary>
    public long? BytesPerSecond { get; init; }

    /// <summary>When all this comes and goes; null where it stays.</summary>
    public Flapping? Flapping { get; init; }

    private protected override IEnumerable<string> Arguments =>
    [
        Sides.ToString(),
        Delay > TimeSpan.Zero ? $"--delay {Amounts.Text(Delay)}" : "",
        Jitter > TimeSpan.Zero ? $"--jitter {Amounts.Text(Jitter)}" : "",
        Loss > 0 ? $"--loss {Amounts.PercentText(Loss)}" : "",
        BytesPerSecond is { } rate ? $"--rate {Amounts.RateText(rate)}" : "",
        Flapping?.ToString() ?? "",
    ];
}

/// <summary>Mends some links, or everything: links, clocks and disks; what is paused goes on, and what is down is started.</summary>
/// <param name="Sides">Which links; null for everything.</param>
public sealed record HealCommand(LinkSides? Sides = null) : FaultCommand
{
    /// <inheritdoc/>
    public override string Word => "heal";

    private protected override IEnumerable<string> Arguments => [Sides?.ToString() ?? ""];
}

/// <summary>Something is done to nodes' processes, or to the files of nodes that are down.</summary>
/// <param name="Order">What.</param>
/// <param name="Nodes">To whom, at the same time.</param>
/// <param name="Directory">Where the copy of the files is, for those that need one; null for the others.</param>
public sealed record ProcessCommand(NodeOrder Order, NodeList Nodes, string? Directory = null) : FaultCommand
{
    /// <inheritdoc/>
    public override string Word => Order.ToString().ToLowerInvariant();

    private protected override IEnumerable<string> Arguments =>
        [Nodes.ToString(), Directory is null ? "" : $"{OptionOf(Order)} {FaultTokens.Quoted(Directory)}"];

    /// <summary>"--to" or "--from"; null for orders that need no copy.</summary>
    internal static string? OptionOf(NodeOrder order) => order switch
    {
        NodeOrder.Save => "--to",
        NodeOrder.Restore => "--from",
        _ => null,
    };
}

/// <summary>Nodes' wall clocks are wrong, from now on as it says here and no other way.</summary>
/// <param name="Nodes">Whose.</param>
/// <param name="Offset">How far they are ahead now; negative where they are behind.</param>
/// <param name="DriftPerSecond">How much they gain in a second; negative where they lose.</param>
public sealed record ClockCommand(NodeList Nodes, TimeSpan Offset, TimeSpan DriftPerSecond = default) : FaultCommand
{
    /// <inheritdoc/>
    public override string Word => "clock";

    /// <summary>Whether the clocks are right again.</summary>
    public bool IsRight => Offset == TimeSpan.Zero && DriftPerSecond == TimeSpan.Zero;

    private protected override IEnumerable<string> Arguments =>
    [
        Nodes.ToString(),
        IsRight ? "right" : Offset == TimeSpan.Zero ? "" : Amounts.SignedText(Offset),
        DriftPerSecond == TimeSpan.Zero ? "" : $"--drift {Amounts.Text(DriftPerSecond)}/s",
    ];
}

/// <summary>Nodes' disks are bad, from now on as it says here and no other way.</summary>
/// <param name="Nodes">Whose.</param>
/// <param name="Full">Whether they have no room.</param>
/// <param name="Slow">How much longer each flush takes.</param>
public sealed record DiskCommand(NodeList Nodes, bool Full, TimeSpan Slow) : FaultCommand
{
    /// <inheritdoc/>
    public override string Word => "disk";

    /// <summary>Whether the disks are good again.</summary>
    public bool IsOk => !Full && Slow == TimeSpan.Zero;

    private protected override IEnumerable<string> Arguments =>
    [
        Nodes.ToString(),
        IsOk ? "ok" : "",
        Full ? "--full" : "",
        Slow > TimeSpan.Zero ? $"--slow {Amounts.Text(Slow)}" : "",
    ];
}

/// <summary>One more node is started and becomes part of the cluster.</summary>
/// <param name="Zone">Its zone; empty for none.</param>
/// <param name="Capacity">How much it is to hold, in proportion to the others.</param>
public sealed record AddCommand(string Zone = "", int Capacity = 1) : FaultCommand
{
    /// <inheritdoc/>
    public override string Word => "add";

    private protected override IEnumerable<string> Arguments =>
        [Zone.Length > 0 ? $"--zone {FaultTokens.Quoted(Zone)}" : "", Capacity != 1 ? $"--capacity {Amounts.Text(Capacity)}" : ""];
}

/// <summary>A node leaves the layout: what it holds moves to others.</summary>
/// <param name="Node">The node.</param>
public sealed record RemoveCommand(int Node) : FaultCommand
{
    /// <inheritdoc/>
    public override string Word => "remove";

    /// <summary>It is lost for good: others take its slots without it.</summary>
    public bool Force { get; init; }

    /// <summary>With <see cref="Force"/>: even where too few owners are left to know all that a majority had acked.</summary>
    public bool AcceptLoss { get; init; }

    private protected override IEnumerable<string> Arguments =>
        [Amounts.Text(Node), Force ? "--force" : "", AcceptLoss ? "--accept-loss" : ""];
}

/// <summary>A new node, which is started where it does not run yet, takes the place of another.</summary>
/// <param name="Node">Who goes.</param>
/// <param name="By">Who comes.</param>
public sealed record ReplaceCommand(int Node, int By) : FaultCommand
{
    /// <inheritdoc/>
    public override string Word => "replace";

    /// <inheritdoc cref="RemoveCommand.Force"/>
    public bool Force { get; init; }

    /// <inheritdoc cref="RemoveCommand.AcceptLoss"/>
    public bool AcceptLoss { get; init; }

    private protected override IEnumerable<string> Arguments =>
        [Amounts.Text(Node), Amounts.Text(By), Force ? "--force" : "", AcceptLoss ? "--accept-loss" : ""];
}
