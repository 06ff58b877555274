using System.Collections;
using Gossipdb.Client.Admin;

namespace Gossipdb.Lab.Faults;

/// <summary>Some nodes, each once, in the order of their numbers. Two lists of the same nodes are equal.</summary>
public sealed class NodeList : IReadOnlyList<int>, IEquatable<NodeList>
{
    private readonly int[] _nodes;

    /// <param name="nodes">The nodes' numbers, in any order.</param>
    public NodeList(params IEnumerable<int> nodes) => _nodes = [.. nodes.Distinct().Order()];

    /// <inheritdoc/>
    public int Count => _nodes.Length;

    /// <inheritdoc/>
    public int this[int index] => _nodes[index];

    /// <inheritdoc/>
    public bool Equals(NodeList? other) => other is not null && _nodes.AsSpan().SequenceEqual(other._nodes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as NodeList);

    /// <inheritdoc/>
    public override int GetHashCode() => _nodes.Aggregate(_nodes.Length, HashCode.Combine);

    /// <inheritdoc/>
    public IEnumerator<int> GetEnumerator() => ((IEnumerable<int>)_nodes).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>"2,3", "2-20".</summary>
    public override string ToString() => NodeNumbers.Text(_nodes);
}
