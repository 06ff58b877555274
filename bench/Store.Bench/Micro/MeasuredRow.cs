namespace Gossipdb.Bench.Micro;

/// <summary>One measure of one data type: the figure, the bar it is held to, and the peer's figure of the same run.</summary>
/// <param name="Measure">What is measured, in a few words.</param>
/// <param name="Figure">What was measured.</param>
/// <param name="Unit">Of the figure and of its bar; less is better.</param>
internal sealed record MeasuredRow(string Measure, double Figure, string Unit)
{
    /// <summary>The bar: the figure is at most this.</summary>
    public double? AtMost { get; init; }

    /// <summary>Who was measured beside, and its figure in the same unit.</summary>
    public (string Name, double Figure)? Peer { get; init; }

    /// <summary>The bar: the peer's figure is at least this many times ours.</summary>
    public double? TimesPeer { get; init; }

    /// <summary>The peer's figure as a multiple of ours.</summary>
    public double? Ratio => Peer?.Figure / Figure;

    /// <summary>Whether every bar is met; null where there is none.</summary>
    public bool? Met => AtMost is null && TimesPeer is null ? null : !(Figure > AtMost) && !(Ratio < TimesPeer);
}
