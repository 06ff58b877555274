namespace Gossipdb.Lab.Faults;

/// <summary>
/// Which links are meant: all between groups of nodes, both ways ("1 / 2,3"), or those from one group to another, one way ("1 -> 2,3").
/// Links within a group, and those of nodes in no group, are not.
/// </summary>
public sealed class LinkSides : IEquatable<LinkSides>
{
    /// <param name="groups">The groups; of a one-way kind the senders and the receivers.</param>
    /// <param name="isOneWay">Whether only what goes from the first group to the second is meant.</param>
    /// <exception cref="ArgumentException">There are fewer than two groups, more than two where they are one-way, an empty one, or one
    /// node is in two.</exception>
    public LinkSides(IEnumerable<NodeList> groups, bool isOneWay)
    {
        (Groups, IsOneWay) = ([.. groups], isOneWay);
        if (Groups.Count < 2) throw new ArgumentException("one group has no links to another", nameof(groups));
        if (isOneWay && Groups.Count > 2) throw new ArgumentException("one way leads from one group to one other", nameof(groups));
        if (Groups.Any(static group => group.Count == 0)) throw new ArgumentException("a group is empty", nameof(groups));
        if (Nodes.Count < Groups.Sum(static group => group.Count)) throw new ArgumentException("a node is in two groups", nameof(groups));
    }

    /// <summary>The groups; of a one-way kind the senders and the receivers.</summary>
    public IReadOnlyList<NodeList> Groups { get; }

    /// <summary>Whether only what goes from the first group to the second is meant.</summary>
    public bool IsOneWay { get; }

    /// <summary>Every node that is named.</summary>
    public NodeList Nodes => new(Groups.SelectMany(static group => group));

    /// <summary>Every direction that is meant.</summary>
    public IEnumerable<(int From, int To)> Directions =>
        from sender in Enumerable.Range(0, IsOneWay ? 1 : Groups.Count)
        from receiver in Enumerable.Range(0, Groups.Count)
        where sender != receiver
        from source in Groups[sender]
        from target in Groups[receiver]
        select (source, target);

    /// <inheritdoc/>
    public bool Equals(LinkSides? other) => other is not null && IsOneWay == other.IsOneWay && Groups.SequenceEqual(other.Groups);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LinkSides);

    /// <inheritdoc/>
    public override int GetHashCode() => Groups.Aggregate(IsOneWay ? 1 : 0, HashCode.Combine);

    /// <summary>"1 / 2,3" or "1 -> 2,3".</summary>
    public override string ToString() => string.Join(IsOneWay ? " -> " : " / ", Groups);
}
