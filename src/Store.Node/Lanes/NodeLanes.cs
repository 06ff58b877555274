using Gossipdb.Node.Configuration;

namespace Gossipdb.Node.Lanes;

/// <summary>The lanes of a node. Partitions share them in turn.</summary>
internal sealed class NodeLanes
{
    private readonly Lane[] _lanes;

    public NodeLanes(NodeSettings settings)
    {
        _lanes = new Lane[settings.Lanes];
        for (var i = 0; i < _lanes.Length; i++) _lanes[i] = new Lane();
    }

    /// <summary>How many there are.</summary>
    public int Count => _lanes.Length;

    /// <summary>All of them.</summary>
    public IReadOnlyList<Lane> All => _lanes;

    /// <summary>The number of the lane of a partition and of its fallback.</summary>
    public int IndexOf(int partition) => partition % _lanes.Length;

    /// <summary>The lane of a partition and of its fallback.</summary>
    public Lane Of(int partition) => _lanes[IndexOf(partition)];
}
