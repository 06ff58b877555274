namespace Gossipdb.Client;

/// <summary>Which nodes are to hold what, and what is staged to be so next.</summary>
public sealed record ClusterLayout
{
    /// <summary>Rises by one with every change that is applied.</summary>
    public long Version { get; init; }

    /// <summary>How many partitions the key space has.</summary>
    public int Partitions { get; init; }

    /// <summary>How many owners each partition has (N): so many slots it has.</summary>
    public int Replication { get; init; }

    /// <summary>The members.</summary>
    public IReadOnlyList<LayoutMember> Members { get; init; } = [];

    /// <summary>What the members would be once the staged changes are applied; null where none are staged.</summary>
    public IReadOnlyList<LayoutMember>? Staged { get; init; }

    /// <summary>How many slots would move then, of partitions times N.</summary>
    public int StagedMoves { get; init; }

    /// <summary>The nodes that were declared lost for good. Their numbers are never used again.</summary>
    public IReadOnlyList<LostMember> Lost { get; init; } = [];

    /// <summary>The nodes that the staged changes declare lost, besides those.</summary>
    public IReadOnlyList<LostMember> StagedLost { get; init; } = [];
}

/// <summary>A node that was declared lost for good: others take its slots without it, and nobody listens to it any more.</summary>
/// <param name="Id">The node's id.</param>
/// <param name="AcceptsLoss">Whether its slots may be taken though a majority of a partition's owners is lost, and with it writes that a
/// majority had acked.</param>
public sealed record LostMember(int Id, bool AcceptsLoss);

/// <summary>A node of a layout.</summary>
public sealed record LayoutMember
{
    /// <summary>The node's id.</summary>
    public required int Id { get; init; }

    /// <summary>Where the other nodes reach it.</summary>
    public string PeerHost { get; init; } = "";

    /// <summary>The port of that.</summary>
    public int PeerPort { get; init; }

    /// <summary>Where clients reach it.</summary>
    public string ClientEndpoint { get; init; } = "";

    /// <summary>How much it is to hold, in proportion to the others; 0: nothing.</summary>
    public int Capacity { get; init; } = 1;

    /// <summary>What it fails together with: the owners of a partition are spread over zones.</summary>
    public string Zone { get; init; } = "";

    /// <summary>How many slots it is to hold. Of a change: ignored.</summary>
    public int Slots { get; init; }
}
