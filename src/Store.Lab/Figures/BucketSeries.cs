using Gossipdb.Checking.History;

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

    /// <summary>
    /// How many calls that were not answered in the end had begun before each bucket and went on in it: their callers were kept waiting.
    /// </summary>
    public int[] Waiting { get; } = new int[grid.Count];

    /// <summary>
    /// The share of a bucket's calls that were answered, 0 to 1, where those that waited in vain count in every bucket they waited in; null
    /// where nobody called.
    /// </summary>
    public double? ShareOf(int bucket)
    {
        var calls = Buckets[bucket].Calls + Waiting[bucket];
        return calls == 0 ? null : Buckets[bucket].Answered / (double)calls;
    }

    /// <summary>
    /// The same for all buckets. Callers that call seldom leave some empty: such a one, less than a second from calls on both sides of it,
    /// has what was before it.
    /// </summary>
    public IReadOnlyList<double?> Shares()
    {
        var shares = Enumerable.Range(0, grid.Count).Select(ShareOf).ToArray();
        var last = -1;
        for (var index = 0; index < shares.Length; index++)
        {
            if (shares[index] is null) continue;
            if (last >= 0 && (index - last - 1) * grid.Width < 1_000_000) shares.AsSpan(last + 1, index - last - 1).Fill(shares[last]);
            last = index;
        }

        return shares;
    }

    /// <summary>Counts a call.</summary>
    public void Add(CallRecord call)
    {
        var first = grid.IndexOf(call.Start);
        Buckets[first].Add(call);
        if (call.WasAnswered || call.End is not { } end) return;
        for (var bucket = first + 1; bucket <= grid.IndexOf(end); bucket++) Waiting[bucket]++;
    }
}
