using System.Buffers.Binary;
using System.IO.Hashing;

namespace Gossipdb.Replication.Placement;

/// <summary>
/// Which nodes are to hold what. It is an immutable value, the same on every node. It is intent: hand-over decides which node holds a slot
/// (<see cref="SlotHolder"/>).
/// </summary>
public sealed class Layout
{
    private readonly Member[] _members;
    private readonly NodeId[][] _owners;

    // Made when first asked for. If two threads both make one, they make the same.
    private readonly NodeId[]?[] _fallbacks;

    private Layout(long version, int partitions, int replication, Member[] members, NodeId[][] owners, LostNode[] lost)
    {
        Lost = lost;
        Version = version;
        Partitions = partitions;
        Replication = replication;
        _members = members;
        _owners = owners;
        _fallbacks = new NodeId[]?[owners.Length];
        Nodes = Array.ConvertAll(members, static member => member.Id);
    }

    /// <summary>Rises with every change of the layout. Version 1 is the one that a cluster was founded with.</summary>
    public long Version { get; }

    /// <summary>P, fixed for the life of the cluster.</summary>
    public int Partitions { get; }

    /// <summary>N, the number of replicas of each partition; fixed for the life of the cluster.</summary>
    public int Replication { get; }

    /// <summary>The nodes that were declared lost for good, in ascending order. They stay lost in every later version.</summary>
    public IReadOnlyList<LostNode> Lost { get; }

    /// <summary>Every node, in ascending order.</summary>
    public IReadOnlyList<NodeId> Nodes { get; }

    /// <summary>Every node with what is known of it, in ascending order.</summary>
    public IReadOnlyList<Member> Members => _members;

    /// <summary>The layout that a cluster begins with. N is cut to the number of nodes where it is larger.</summary>
    /// <exception cref="ArgumentException">No nodes, a node twice, fewer than one partition or replica.</exception>
    public static Layout Found(int partitions, int replication, IReadOnlyList<Member> members)
    {
        if (partitions < 1) throw new ArgumentException("a layout needs at least one partition");
        if (replication < 1) throw new ArgumentException("a layout needs at least one replica");
        var sorted = Sorted(members);
        replication = Math.Min(replication, sorted.Length);
        return new Layout(1, partitions, replication, sorted, Assignment.Compute(null, sorted, partitions, replication), []);
    }

    /// <summary>The next version, with other members. As few slots move as an even assignment allows.</summary>
    /// <param name="members">All members.</param>
    /// <param name="lost">Nodes that are lost for good, besides those that already were; null where there are none.</param>
    /// <exception cref="ArgumentException">A node twice, a node that is lost, or fewer nodes with a capacity than replicas.</exception>
    public Layout With(IReadOnlyList<Member> members, IReadOnlyList<LostNode>? lost = null)
    {
        var sorted = Sorted(members);
        var all = Union(Lost, lost ?? []);
        RefuseLost(sorted, all);
        return new Layout(Version + 1, Partitions, Replication, sorted, Assignment.Compute(_owners, sorted, Partitions, Replication), all);
    }

    /// <summary>
    /// The same version with more lost nodes. A node that was once declared lost stays so, whichever of two layouts of one version becomes
    /// everybody's.
    /// </summary>
    public Layout WithLost(IReadOnlyList<LostNode> lost) => new(Version, Partitions, Replication, _members, _owners, Union(Lost, lost));

    /// <summary>True where a node was declared lost.</summary>
    public bool IsLost(NodeId node)
    {
        foreach (var lost in Lost)
            if (lost.Node == node) return true;
        return false;
    }

    /// <summary>A layout as it was stored.</summary>
    /// <exception cref="ArgumentException">It contradicts itself.</exception>
    public static Layout Restore(
        long version, int replication, IReadOnlyList<Member> members, NodeId[][] owners, IReadOnlyList<LostNode>? lost = null)
    {
        var sorted = Sorted(members);
        if (version < 1) throw new ArgumentException($"a layout has no version {version}");
        if (owners.Length == 0) throw new ArgumentException("a layout needs at least one partition");
        for (var partition = 0; partition < owners.Length; partition++)
        {
            if (owners[partition].Length != replication)
                throw new ArgumentException($"partition {partition} has {owners[partition].Length} owners, not {replication}");
            if (owners[partition].Distinct().Count() != replication)
                throw new ArgumentException($"partition {partition} has an owner twice");
            foreach (var owner in owners[partition])
                if (Array.FindIndex(sorted, member => member.Id == owner) < 0)
                    throw new ArgumentException($"partition {partition} has owner {owner}, which is not a member");
        }

        return new Layout(version, owners.Length, replication, sorted, owners, Union([], lost ?? []));
    }

    /// <summary>The preference list of a partition: its owners, the preferred coordinator first.</summary>
    public IReadOnlyList<NodeId> Owners(int partition) => _owners[partition];

    /// <summary>
    /// The nodes that may be fallback nodes of a partition: every other member, in an order of the partition's own. Members without a
    /// capacity come last. The order goes by a hash of partition and node (rendezvous hashing; Thaler, Ravishankar 1998). So when a member
    /// comes or goes the others stay in order, and each is first equally often.
    /// </summary>
    public IReadOnlyList<NodeId> StandIns(int partition) => _fallbacks[partition] ??=
    [
        .. _members.Where(member => !Owns(member.Id, partition))
            .OrderBy(static member => member.Capacity == 0).ThenBy(member => Rank(partition, member.Id)).ThenBy(static member => member.Id)
            .Select(static member => member.Id),
    ];

    /// <summary>The member of that id, or null.</summary>
    public Member? Find(NodeId node) => Array.Find(_members, member => member.Id == node);

    /// <summary>True where the node is to own the partition.</summary>
    public bool Owns(NodeId node, int partition) => Array.IndexOf(_owners[partition], node) >= 0;

    /// <summary>How many slots a node is to hold.</summary>
    public int SlotsOf(NodeId node) => _owners.Sum(owners => owners.Contains(node) ? 1 : 0);

    /// <summary>How many slots have to move from node to node between another layout and this one.</summary>
    public int MovesFrom(Layout other)
    {
        var moves = 0;
        for (var partition = 0; partition < Partitions; partition++)
            foreach (var owner in _owners[partition])
                if (!other.Owns(owner, partition)) moves++;
        return moves;
    }

    /// <summary>True where both place every partition on the same nodes.</summary>
    public bool PlacesLike(Layout other)
    {
        if (Partitions != other.Partitions || Replication != other.Replication || !Nodes.SequenceEqual(other.Nodes)) return false;
        for (var partition = 0; partition < Partitions; partition++)
            if (!_owners[partition].AsSpan().SequenceEqual(other._owners[partition])) return false;
        return true;
    }

    /// <summary>True where both place every partition on the same nodes and say the same of each node.</summary>
    public bool IsSame(Layout other) =>
        Version == other.Version && PlacesLike(other) && _members.AsSpan().SequenceEqual(other._members) && Lost.SequenceEqual(other.Lost);

    private static LostNode[] Union(IReadOnlyList<LostNode> some, IReadOnlyList<LostNode> others) =>
        [.. some
            .Concat(others)
            .GroupBy(static lost => lost.Node, static (node, said) => new LostNode(node, said.Any(static lost => lost.AcceptsLoss)))
            .OrderBy(static lost => lost.Node)];

    private static void RefuseLost(Member[] members, LostNode[] lost)
    {
        foreach (var one in lost)
            if (Array.Exists(members, member => member.Id == one.Node))
                throw new ArgumentException($"node {one.Node} was declared lost, and its number is never used again");
    }

    private static ulong Rank(int partition, NodeId node)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, partition);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], node.Value);
        return XxHash3.HashToUInt64(bytes);
    }

    private static Member[] Sorted(IReadOnlyList<Member> members)
    {
        if (members.Count == 0) throw new ArgumentException("a layout needs at least one node");
        var sorted = members.OrderBy(static member => member.Id).ToArray();
        for (var i = 1; i < sorted.Length; i++)
            if (sorted[i].Id == sorted[i - 1].Id) throw new ArgumentException($"node {sorted[i].Id} is listed twice");
        return sorted;
    }
}
