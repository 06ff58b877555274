namespace Gossipdb.Client.Admin;

/// <summary>How often a key occurred, between two bounds.</summary>
/// <param name="Key">The key.</param>
/// <param name="Partition">Its partition.</param>
/// <param name="AtMost">So often at most.</param>
/// <param name="Reads">So many reads at least.</param>
/// <param name="Writes">So many writes at least.</param>
internal readonly record struct KeyTally<TKey>(TKey Key, int Partition, double AtMost, double Reads, double Writes)
    where TKey : notnull
{
    /// <summary>So often at least.</summary>
    public double AtLeast => Reads + Writes;
}

/// <summary>What one counter of frequent keys says.</summary>
/// <param name="Keys">The keys it lists.</param>
/// <param name="UnlistedAtMost">No other key occurred there more often.</param>
/// <param name="OfPartition">How often the keys of a partition occurred there, all together.</param>
internal sealed record Tallies<TKey>(IReadOnlyCollection<KeyTally<TKey>> Keys, double UnlistedAtMost, Func<int, double> OfPartition)
    where TKey : notnull;

/// <summary>
/// Adds what several counters of frequent keys say, such that bounds stay bounds (Agrawal, Cormode, Huang, Phillips, Wei, Yi 2012,
/// "Mergeable Summaries"): a key that one of them does not list may have occurred there as often as any it does not list, though not more
/// often than all of its partition. The node and the client compile it each for itself.
/// </summary>
internal static class TallyMerge
{
    /// <summary>The keys that any of them lists, the one that occurred most often for certain first.</summary>
    public static List<KeyTally<TKey>> Of<TKey>(IReadOnlyList<Tallies<TKey>> all)
        where TKey : notnull
    {
        var merged = new Dictionary<TKey, KeyTally<TKey>>();
        var listed = all.Select(static one => one.Keys.ToDictionary(static key => key.Key)).ToList();
        foreach (var (key, partition, _, _, _) in all.SelectMany(static one => one.Keys))
        {
            if (merged.ContainsKey(key)) continue;
            var sum = new KeyTally<TKey>(key, partition, 0, 0, 0);
            for (var i = 0; i < all.Count; i++)
            {
                sum = listed[i].TryGetValue(key, out var there)
                    ? sum with { AtMost = sum.AtMost + there.AtMost, Reads = sum.Reads + there.Reads, Writes = sum.Writes + there.Writes }
                    : sum with { AtMost = sum.AtMost + Math.Min(all[i].UnlistedAtMost, all[i].OfPartition(partition)) };
            }

            merged[key] = sum;
        }

        return [.. merged.Values.OrderByDescending(static key => key.AtLeast).ThenByDescending(static key => key.AtMost)];
    }
}
