namespace Gossipdb.Replication.Contract;

/// <summary>
/// Bounds what a node may send for repair: answers to fetches, and images. All its replicas share it. So repair starves neither clients nor
/// heartbeats. What finds no room waits for a later tick.
/// </summary>
public interface IRepairBudget
{
    /// <summary>True where something may be sent now.</summary>
    bool HasRoom(long nowMs);

    /// <summary>Counts bytes that were sent. The budget may go into debt.</summary>
    void Charge(int bytes);
}

/// <summary>No limit.</summary>
internal sealed class UnlimitedRepair : IRepairBudget
{
    /// <summary>The only instance.</summary>
    public static UnlimitedRepair Instance { get; } = new();

    /// <inheritdoc/>
    public bool HasRoom(long nowMs) => true;

    /// <inheritdoc/>
    public void Charge(int bytes)
    {
    }
}
