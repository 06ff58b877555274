using System.Globalization;

namespace Gossipdb.Node;

/// <summary>How many of a partition's N owners a call needs, before N is known.</summary>
public readonly record struct ConsistencyLevel(int Count, bool IsQuorum = false, bool IsAll = false)
{
    /// <summary>A majority of the owners.</summary>
    public static ConsistencyLevel Quorum => new(0, IsQuorum: true);

    /// <summary>Every owner.</summary>
    public static ConsistencyLevel All => new(0, IsAll: true);

    /// <summary>The number of owners, where a partition has <paramref name="replication"/> of them.</summary>
    public int Resolve(int replication) => IsAll ? replication : IsQuorum ? (replication / 2) + 1 : Count;

    /// <summary>Reads <c>one</c>, <c>two</c>, <c>quorum</c>, <c>all</c> or a number of at least 1.</summary>
    public static bool TryParse(string text, out ConsistencyLevel level)
    {
        level = text.ToLowerInvariant() switch
        {
            "one" => new ConsistencyLevel(1),
            "two" => new ConsistencyLevel(2),
            "quorum" => Quorum,
            "all" => All,
            _ when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) => new ConsistencyLevel(count),
            _ => default,
        };
        return level.IsQuorum || level.IsAll || level.Count >= 1;
    }
}
