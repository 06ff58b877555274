using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Replication.Hosting;

/// <summary>Stands between a host and its replicas in the simulator, for its checks and its deliberate faults.</summary>
internal class HostTap
{
    /// <summary>The tap of a real node: it changes nothing.</summary>
    public static readonly HostTap None = new();

    /// <summary>Whether a replica that is opened first finds out whether it is up to date.</summary>
    public virtual bool Rejoins => true;

    /// <summary>The effects that a replica is given.</summary>
    public virtual IReplicaEffects Between(IReplicaEffects host) => host;

    /// <summary>The holders of the slots that a replica is opened with.</summary>
    public virtual SlotHolder[] Table(SlotHolder[] table) => table;
}
