namespace Gossipdb.Checking.Operations;

/// <summary>
/// Between what a counter must lie once all is quiet: what binds counts in full, what is in doubt may count or not, and so may what a
/// reset or a deletion could have seen.
/// </summary>
/// <param name="Least">The least.</param>
/// <param name="Most">The most.</param>
internal readonly record struct CounterBounds(long Least, long Most)
{
    /// <summary>Of all changes of a counter.</summary>
    public static CounterBounds Of(KeyHistory key, Promises promises)
    {
        var (least, most) = (0L, 0L);
        var resets = key.Changes.Where(static one => one.Act is Act.Reset or Act.Delete).ToList();
        var reset = resets.Count == 0 ? long.MinValue : resets.Max(static one => one.Latest);
        foreach (var change in key.Changes)
        {
            var amount = change.Amount;
            var isSure = promises.Binds(change) && change.Start >= reset;
            least += isSure ? amount : Math.Min(0, amount);
            most += isSure ? amount : Math.Max(0, amount);
        }

        return new CounterBounds(least, most);
    }

    /// <summary>Whether the type is a counter's.</summary>
    public static bool IsCounter(ObjectType type) => type is ObjectType.Counter or ObjectType.BoundedCounter;
}
