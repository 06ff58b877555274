using System.Globalization;

namespace Gossipdb.Node.Configuration;

/// <summary>How many of a partition's N owners a call needs, before N is known, and whether stand-ins of absent ones count too.</summary>
internal readonly record struct ConsistencyLevel(int Count, bool IsQuorum = false, bool IsAll = false, bool IsSloppy = false)
{
    /// <summary>A majority of the owners.</summary>
    public static ConsistencyLevel Quorum => new(0, IsQuorum: true);

    /// <summary>Every owner.</summary>
    public static ConsistencyLevel All => new(0, IsAll: true);

    /// <summary>The number of owners, where a partition has <paramref name="replication"/> of them.</summary>
    public int Resolve(int replication) => IsAll ? replication : IsQuorum ? (replication / 2) + 1 : Count;

    /// <summary>
    /// Reads <c>one</c>, <c>two</c>, <c>quorum</c>, <c>all</c> or a number of at least 1, each perhaps with <c>-sloppy</c> behind it.
    /// </summary>
    public static bool TryParse(string text, out ConsistencyLevel level)
    {
        const string Suffix = "-sloppy";
        var isSloppy = text.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase);
        if (isSloppy) text = text[..^Suffix.Length];
        level = text.ToLowerInvariant() switch
        {
            "one" => new ConsistencyLevel(1),
            "two" => new ConsistencyLevel(2),
            "quorum" => Quorum,
            "all" => All,
            _ when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) => new ConsistencyLevel(count),
            _ => default,
        };
        level = level with { IsSloppy = isSloppy };
        return level.IsQuorum || level.IsAll || level.Count >= 1;
    }
}
