namespace Gossipdb.Node.Faults;

/// <summary>What of the faults in force concerns this node, brought about. Any thread.</summary>
internal sealed class NodeFaults
{
    private volatile FaultSet _told = FaultSet.None;

    /// <summary>The faults in force.</summary>
    public FaultSet Current => _told;

    /// <summary>These are in force from here on, and no others.</summary>
    public void Set(FaultSet faults) => _told = faults;
}
