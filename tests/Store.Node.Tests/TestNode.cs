using Gossipdb.Node.Configuration;
using Gossipdb.Node.Faults;
using Gossipdb.Node.Journal;
using Gossipdb.Node.Lanes;
using Gossipdb.Node.Links;
using Gossipdb.Node.Membership;
using Gossipdb.Node.Observability;
using Gossipdb.Node.Partitions;
using Gossipdb.Node.Security;
using Gossipdb.Node.Server;
using Gossipdb.Node.Tests.Links;
using Gossipdb.Node.Tracing;
using Gossipdb.Node.Transport;
using Gossipdb.Replication.Placement;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gossipdb.Node.Tests;

/// <summary>The parts of a node that tests put together by hand. It has no actors but those it is given.</summary>
internal sealed class TestNode
{
    private readonly PeerGreeting _greeting;

    /// <param name="settings">Its settings.</param>
    /// <param name="time">Its clock; null for the machine's.</param>
    /// <param name="log">What it logs to; null for nothing.</param>
    public TestNode(NodeSettings settings, TimeProvider? time = null, ILogger<NodeHealth>? log = null)
    {
        Settings = settings;
        Health = new NodeHealth(log ?? NullLogger<NodeHealth>.Instance, new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance));
        Certificates = NodeCertificates.Load(settings, Serilog.Core.Logger.None);
        Faults = new NodeFaults(settings, time ?? TimeProvider.System);
        Clock = new NodeClock(Faults.Clock, settings, Health);
        Addresses = new AddressBook(settings);
        Refusals = new PeerRefusals(Health);
        _greeting = new PeerGreeting(settings, Certificates, PeerSecrets.Load(settings), Roll);
        Gate = new ConnectionGate(settings, Health);
        Port = new DataPort(settings, Certificates, _greeting, Faults, Refusals, Health, Gate);
        Traces = new NodeTraces(settings);
        Links = new NodeLinks(settings, Addresses, Port);
        Journal = new NodeJournal(new JournalBacklog(settings.JournalBacklogBytes, Health), settings, new CommitFigures(new NodeMeter()));
        Environment = new PartitionEnvironment(settings, Health, Clock, Links, Journal, new NodeLanes(settings), Traces);
        Partitions = new PartitionDirectory(Environment, TestSettings.LayoutOf(settings));
        Staged = new StagedChanges(Partitions);
        Audit = new AuditLog(settings, Health, TimeProvider.System);
        Gateway = new Gateway(
            settings, Health, Clock, Partitions, Links, Journal.Backlog, new Admission(settings, Clock), new RequestRates(settings),
            new DataAudit(settings, Audit), new AccessControl(settings, null), Traces);
        var authenticator = new Authenticator(
            settings, Health, new AccountBook(settings, Health), PeerSecrets.Load(settings), null, TimeProvider.System);
        Connections = new DataConnections(settings, Health, Links, Gateway, authenticator, new Receiving(settings.Connections));
    }

    public NodeSettings Settings { get; }

    public NodeHealth Health { get; }

    public NodeTraces Traces { get; }

    public NodeCertificates Certificates { get; }

    public PeerRoll Roll { get; } = new();

    public PeerRefusals Refusals { get; }

    public ConnectionGate Gate { get; }

    /// <summary>What Akka's transport needs of it.</summary>
    public ControlSetup ControlSetup() => new(Settings, Certificates, _greeting, Faults, Roll, Refusals, Gate, Health);

    public NodeClock Clock { get; }

    public NodeFaults Faults { get; }

    public AddressBook Addresses { get; }

    public DataPort Port { get; }

    public NodeLinks Links { get; }

    public NodeJournal Journal { get; }

    public PartitionEnvironment Environment { get; }

    public PartitionDirectory Partitions { get; }

    public StagedChanges Staged { get; }

    public AuditLog Audit { get; }

    public Gateway Gateway { get; }

    public DataConnections Connections { get; }

    public Layout Layout => Partitions.Layout;

    /// <summary>A node is within reach, or no more.</summary>
    public void SetReachable(NodeId node, bool reachable) => Partitions.Placement = Partitions.Placement.With(node, reachable);

    /// <summary>A link to another node, which is within reach. What it hands on goes nowhere.</summary>
    public OtherEnd Link(NodeId other)
    {
        var link = new PeerLink(new LinkTaker().Of(this), other, Links.LoadOf(other));
        Links.Add(link);
        var end = new OtherEnd(link);
        end.Hear();
        SetReachable(other, true);
        return end;
    }
}
