using Akka.Actor.Setup;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Faults;
using Gossipdb.Node.Observability;
using Gossipdb.Node.Security;

namespace Gossipdb.Node.Transport;

/// <summary>Gives <see cref="ControlTransport"/>, which Akka makes of its configuration alone, what it needs of its node.</summary>
internal sealed class ControlSetup(
    NodeSettings settings, NodeCertificates certificates, PeerGreeting greeting, NodeFaults faults, PeerRoll roll, PeerRefusals refusals,
    ConnectionGate gate, NodeHealth health) : Setup
{
    public NodeSettings Settings => settings;

    public NodeCertificates Certificates => certificates;

    public PeerGreeting Greeting => greeting;

    public NodeFaults Faults => faults;

    public PeerRoll Roll => roll;

    public PeerRefusals Refusals => refusals;

    public ConnectionGate Gate => gate;

    public NodeHealth Health => health;
}
