using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Replication.State;

/// <summary>
/// Which nodes may hold or make events of a partition beside its owners. The decider asks all of them before it decides what is stable. The
/// membership is part of the partition's state and changes at stable cuts only. So every owner follows it, and every decider knows it.
/// <para>A node goes in two steps. First it is <em>leaving</em>: once every owner has that on disk, nobody gives it anything more. When it
/// holds nothing any longer, it is <em>gone</em>.</para>
/// <para>Each node has a version that only rises: 1, 4, 7, … mean member; 2, 5, … mean leaving; 3, 6, … mean gone. Two memberships are
/// joined by the higher version of each node.</para>
/// </summary>
internal sealed class FallbackMembership
{
    private readonly (NodeId Node, long Version)[] _entries;

    private FallbackMembership((NodeId Node, long Version)[] entries) => _entries = entries;

    /// <summary>Nobody.</summary>
    public static FallbackMembership Empty { get; } = new([]);

    /// <summary>The members a partition begins with.</summary>
    public static FallbackMembership Founding(IReadOnlyList<NodeId> nodes)
    {
        var membership = Empty;
        foreach (var node in nodes) membership = membership.With(node, 1);
        return membership;
    }

    /// <summary>Every node that has to be asked: members, and nodes that are leaving.</summary>
    public IEnumerable<NodeId> Present
    {
        get
        {
            foreach (var (node, version) in _entries)
                if (version % 3 != 0) yield return node;
        }
    }

    /// <summary>Whether a node may be given something to hold.</summary>
    public bool IsMember(NodeId node) => VersionOf(node) % 3 == 1;

    /// <summary>Whether a node is leaving: it is asked until it holds nothing any more.</summary>
    public bool IsLeaving(NodeId node) => VersionOf(node) % 3 == 2;

    /// <summary>Whether exactly these nodes are members, and no node is leaving.</summary>
    public bool IsExactly(ReadOnlySpan<NodeId> designated)
    {
        var count = 0;
        foreach (var (node, version) in _entries)
        {
            if (version % 3 == 0) continue;
            if (version % 3 == 2 || !designated.Contains(node)) return false;
            count++;
        }

        return count == designated.Length;
    }

    /// <summary>The membership with this node as a member.</summary>
    public FallbackMembership Add(NodeId node) => IsMember(node) ? this : With(node, (VersionOf(node) + 2) / 3 * 3 + 1);

    /// <summary>The membership with this member leaving.</summary>
    public FallbackMembership Leave(NodeId node) => IsMember(node) ? With(node, VersionOf(node) + 1) : this;

    /// <summary>The membership with this leaving node gone.</summary>
    public FallbackMembership Remove(NodeId node) => IsLeaving(node) ? With(node, VersionOf(node) + 1) : this;

    /// <summary>The join: the higher version of each node.</summary>
    public FallbackMembership Union(FallbackMembership other)
    {
        var union = this;
        if (ReferenceEquals(this, other)) return this;
        foreach (var (node, version) in other._entries)
            if (version > union.VersionOf(node)) union = union.With(node, version);
        return union;
    }

    /// <summary>True where no node has a higher version in the other one.</summary>
    public bool Covers(FallbackMembership other) => ReferenceEquals(Union(other), this);

    /// <summary>Writes the nodes, in ascending order, with their versions.</summary>
    public void Encode(ByteWriter writer)
    {
        writer.WriteVarint((ulong)_entries.Length);
        foreach (var (node, version) in _entries)
        {
            writer.WriteVarint((ulong)node.Value);
            writer.WriteVarint((ulong)version);
        }
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="CorruptDataException">The bytes are not a fallback membership in its one canonical form.</exception>
    public static FallbackMembership Decode(ref ByteReader reader)
    {
        var entries = new (NodeId Node, long Version)[reader.ReadCount(minimumBytesEach: 2)];
        for (var i = 0; i < entries.Length; i++)
        {
            entries[i] = (new NodeId((int)reader.ReadVarint()), (long)reader.ReadVarint());
            if (entries[i].Version <= 0 || (i > 0 && entries[i].Node.CompareTo(entries[i - 1].Node) <= 0))
                throw new CorruptDataException("a fallback membership is not in ascending order of node");
        }

        return entries.Length == 0 ? Empty : new FallbackMembership(entries);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", Array.ConvertAll(_entries, static entry => $"{entry.Node}:{entry.Version}"));

    private long VersionOf(NodeId node)
    {
        foreach (var entry in _entries)
            if (entry.Node == node) return entry.Version;
        return 0;
    }

    private FallbackMembership With(NodeId node, long version)
    {
        var next = new List<(NodeId Node, long Version)>(_entries.Length + 1);
        foreach (var entry in _entries)
            if (entry.Node != node) next.Add(entry);
        next.Add((node, version));
        next.Sort(static (left, right) => left.Node.CompareTo(right.Node));
        return new FallbackMembership([.. next]);
    }
}
