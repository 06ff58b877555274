namespace Gossipdb.LocalCluster;

/// <summary>Why a local cluster cannot be started, as far as whoever starts it can choose otherwise.</summary>
public enum LocalClusterProblem
{
    /// <summary>None of the others: no other choice helps.</summary>
    Other,

    /// <summary>A port is in use.</summary>
    PortInUse,

    /// <summary>The data directory is in use by another cluster.</summary>
    DirectoryInUse,

    /// <summary>The data directory cannot be used, or belongs to somebody else.</summary>
    DirectoryUnusable,

    /// <summary>The data directory was made for a cluster of another shape.</summary>
    OtherShape,
}
