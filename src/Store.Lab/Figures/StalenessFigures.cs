using Gossipdb.Checking.Checks;
using Gossipdb.Checking.Operations;

namespace Gossipdb.Lab.Figures;

/// <summary>How old what reads returned was, at one level.</summary>
/// <param name="Level">The level of the reads.</param>
/// <param name="Reads">How many reads it could be told of.</param>
/// <param name="Stale">How many lacked a write that had been acked before they began.</param>
/// <param name="P50Ms">Half of the stale ones were no older than so many milliseconds; null where none was stale.</param>
/// <param name="P99Ms">Of a hundred stale ones 99 were no older.</param>
/// <param name="MostMs">The oldest.</param>
/// <param name="MostVersions">The most acked writes that one lacked.</param>
internal sealed record StalenessFigures(
    string Level, long Reads, long Stale, double? P50Ms, double? P99Ms, double? MostMs, int MostVersions)
{
    /// <summary>The share of reads that were stale, 0 to 1.</summary>
    public double Share => Reads == 0 ? 0 : Stale / (double)Reads;

    /// <summary>Measures a history, from the weakest level on.</summary>
    public static IReadOnlyList<StalenessFigures> Of(RecordedHistory history, CancellationToken stop = default)
    {
        var levels = new Dictionary<string, (Latencies Ages, long Reads, int Versions)>(StringComparer.Ordinal);
        foreach (var one in StalenessCheck.Measure(history, stop))
        {
            var level = one.Read.Level?.Name ?? CallGroup.Unnamed;
            var (ages, reads, versions) = levels.GetValueOrDefault(level, (new Latencies(), 0, 0));
            if (one.Versions > 0) ages.Add(one.Age);
            levels[level] = (ages, reads + 1, Math.Max(versions, one.Versions));
        }

        return
        [
            .. levels.OrderBy(static pair => CallGroup.Rank(pair.Key)).ThenBy(static pair => pair.Key, StringComparer.Ordinal)
                .Select(static pair => new StalenessFigures(
                    pair.Key,
                    pair.Value.Reads,
                    pair.Value.Ages.Count,
                    pair.Value.Ages.Percentile(0.5),
                    pair.Value.Ages.Percentile(0.99),
                    pair.Value.Ages.Percentile(1),
                    pair.Value.Versions)),
        ];
    }
}
