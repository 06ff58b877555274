using Gossipdb.Client;
using Gossipdb.LocalCluster;

namespace Gossipdb.Lab.Faults;

/// <summary>The cluster that faults are brought about in.</summary>
public interface IFaultTarget
{
    /// <summary>The nodes there are, whether they run or not.</summary>
    IReadOnlyList<int> Nodes { get; }

    /// <summary>Who has started the nodes' processes; null where that is nobody on this machine.</summary>
    INodeControl? Processes { get; }

    /// <summary>Why <see cref="Processes"/> is null, as whoever orders something of them is told.</summary>
    string WhyNoProcesses { get; }

    /// <summary>Which faults a node knows to be in force.</summary>
    /// <exception cref="GossipdbException">It does not answer.</exception>
    Task<FaultSet> FaultsAsync(int node, CancellationToken stop);

    /// <summary>Tells a node which faults are in force.</summary>
    /// <exception cref="GossipdbException">It does not answer, or does not allow it.</exception>
    Task SetFaultsAsync(int node, FaultSet faults, CancellationToken stop);

    /// <summary>Changes the layout, through any node: what is done is staged and applied.</summary>
    /// <param name="stage">Stages the change.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="GossipdbException">No node answers, or the change is refused.</exception>
    Task ChangeLayoutAsync(Func<GossipdbAdmin, Task<ClusterLayout>> stage, CancellationToken stop);
}
