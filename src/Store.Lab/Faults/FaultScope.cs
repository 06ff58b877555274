namespace Gossipdb.Lab.Faults;

/// <summary>What the words of faults may speak of: which nodes there are, and what groups of them are called.</summary>
public sealed record FaultScope
{
    /// <summary>Nothing is known: any number may be a node, and no group has a name.</summary>
    public static FaultScope Unknown { get; } = new();

    /// <summary>The nodes there are; null where that is not known, or nodes come and go.</summary>
    public IReadOnlyCollection<int>? Nodes { get; init; }

    /// <summary>
    /// Names of groups of nodes, by their kind: with "zone" → ("a" → 1, 2) one may write "kill zone a" and "cut zone a / zone b".
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, NodeList>> Groups { get; init; } =
        new Dictionary<string, IReadOnlyDictionary<string, NodeList>>();
}
