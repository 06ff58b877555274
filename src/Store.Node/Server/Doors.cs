using Gossipdb.Node.Security;
using Gossipdb.Node.Transport;
using Gossipdb.Protocol;

namespace Gossipdb.Node.Server;

/// <summary>Who is at the node's ports, for operators.</summary>
internal sealed class Doors(ConnectionGate gate, Receiving receiving, RequestRates rates, AuditLog audit)
{
    /// <summary>How it is now.</summary>
    public DoorStatus Status() => new()
    {
        Connections = gate.Open,
        MaxConnections = gate.Max,
        Unknown = gate.Unknown,
        MaxOfAddress = gate.MaxPerAddress,
        RefusedInAll = gate.RefusedInAll,
        RefusedOfAddress = gate.RefusedOfAddress,
        Silent = gate.Silent,
        SlowFrames = receiving.Slow,
        ReceivingBytes = receiving.Bytes,
        MaxReceivingBytes = receiving.MaxBytes,
        RefusedRequests = rates.Refused,
        LostAuditLines = audit.Lost,
    };
}
