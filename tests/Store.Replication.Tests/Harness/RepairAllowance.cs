using Gossipdb.Replication.Contract;

namespace Gossipdb.Replication.Tests.Harness;

/// <summary>A repair budget that has room while the test says so.</summary>
internal sealed class RepairAllowance : IRepairBudget
{
    public bool IsOpen { get; set; } = true;

    public long Charged { get; private set; }

    public bool HasRoom(long nowMs) => IsOpen;

    public void Charge(int bytes) => Charged += bytes;
}
