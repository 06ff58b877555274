namespace Gossipdb.Node.Configuration;

/// <summary>What is there for experiments.</summary>
/// <param name="FaultInjection">Whether the node can be told faults.</param>
/// <param name="ControlFile">The file that says where orders to the processes of the local cluster are taken; null for nowhere.</param>
/// <param name="LinkBytes">What may be under way in a link that a fault delays.</param>
/// <param name="ClockOffset">How far the node's wall clock is ahead, always.</param>
internal sealed record LabSettings(bool FaultInjection, string? ControlFile, long LinkBytes, TimeSpan ClockOffset);
