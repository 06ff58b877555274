namespace Gossipdb.Lab.Charts;

/// <summary>A line of a chart.</summary>
/// <param name="Name">What it shows.</param>
/// <param name="Style">The classes it is drawn with.</param>
/// <param name="Values">A value for each place along the chart; null where there is none, and the line is broken.</param>
internal sealed record Line(string Name, string Style, IReadOnlyList<double?> Values);
