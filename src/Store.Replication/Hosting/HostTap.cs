using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Replication.Hosting;

/// <summary>Stands between a host and its replicas in the simulator, for its checks and its deliberate faults.</summary>
internal class HostTap
{
    /// <summary>Of a node.</summary>
    public static readonly HostTap None = new();

    /// <summary>Whether a replica that is opened finds out first whether it is up to date.</summary>
    public virtual bool Rejoins => true;

    /// <summary>What a replica wants done.</summary>
    public virtual IReplicaEffects Between(IReplicaEffects host) => host;

    /// <summary>Who holds the slots, as a replica that is opened believes.</summary>
    public virtual SlotHolder[] Table(SlotHolder[] table) => table;
}
