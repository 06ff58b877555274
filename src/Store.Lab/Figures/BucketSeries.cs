namespace Gossipdb.Lab.Figures;

/// <summary>The calls of one level and one side over time.</summary>
/// <param name="level">The level.</param>
/// <param name="side">The side; empty where the callers had none.</param>
/// <param name="grid">The buckets.</param>
internal sealed class BucketSeries(string level, string side, TimeGrid grid)
{
    /// <summary>The level.</summary>
    public string Level => level;

    /// <summary>The side; empty where the callers had none.</summary>
    public string Side => side;

    /// <summary>A tally for each bucket of the grid: a call counts where it began.</summary>
    public IReadOnlyList<CallTally> Buckets { get; } = [.. Enumerable.Range(0, grid.Count).Select(static _ => new CallTally())];

    /// <summary>All of them.</summary>
    public long Calls => Buckets.Sum(static bucket => bucket.Calls);
}
