using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>Who took part in a call, and what its answer covers.</summary>
public sealed class Receipt
{
    private readonly Wire.Receipt? _receipt;
    private ClockToken? _token;

    // Most callers never look: what they would see is made when asked for.
    internal Receipt(Wire.Receipt? receipt) => _receipt = receipt;

    /// <summary>A receipt that says nothing: what stands in for a store in a test has one to return.</summary>
    public static Receipt None { get; } = new(null);

    /// <summary>The nodes that acked a write, or whose state a read's answer covers. The coordinator comes first.</summary>
    public IReadOnlyList<int> Nodes => field ??= _receipt is null ? [] : [.. _receipt.Nodes.Select(static node => (int)node)];

    /// <summary>The nodes that took part in place of owners that were out of reach. None of a strict call.</summary>
    public IReadOnlyList<int> StandIns => field ??= _receipt is null ? [] : [.. _receipt.StandIns.Select(static node => (int)node)];

    /// <summary>How many nodes the call needed.</summary>
    public int Required => (int)(_receipt?.Required ?? 0);

    /// <summary>
    /// The level the call was served at, named by the call or, where it named none, by the node's setting: "one", "two", "quorum", "all"
    /// or a number, with "-sloppy" behind it where stand-ins count too.
    /// Null of a read that bounds its staleness, and where the node does not say.
    /// </summary>
    public string? Level => ReplicaLevel.Text(_receipt?.Level);

    /// <summary>The partition of the key.</summary>
    public int Partition => (int)(_receipt?.Clock?.Partition ?? 0);

    /// <summary>The clock the answer was computed at: give it to <c>After</c> to see at least this.</summary>
    public ClockToken Token => _token ??= ClockToken.Of(_receipt?.Clock);

    /// <summary>The receipt in words.</summary>
    public override string ToString() => $"{Nodes.Count + StandIns.Count} of {Required} required{(Level is null ? "" : $" ({Level})")}: "
        + $"nodes {string.Join(", ", Nodes)}{(StandIns.Count == 0 ? "" : $", stand-ins {string.Join(", ", StandIns)}")}";
}
