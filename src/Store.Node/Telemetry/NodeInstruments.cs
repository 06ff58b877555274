using System.Diagnostics.Metrics;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Journal;
using Gossipdb.Node.Links;
using Gossipdb.Node.Observability;
using Gossipdb.Node.Partitions;
using Gossipdb.Node.Security;
using Gossipdb.Node.Server;

namespace Gossipdb.Node.Telemetry;

/// <summary>
/// All instruments of the node. Most read what is counted for <c>status</c> anyway, when somebody collects them. docs/metrics.md lists
/// them: a test holds the two together.
/// </summary>
internal sealed class NodeInstruments
{
    private readonly NodeSettings _settings;
    private readonly NodeLinks _links;
    private readonly PartitionDirectory _partitions;
    private readonly Admission _admission;
    private readonly JournalBacklog _backlog;
    private readonly Doors _doors;

    public NodeInstruments(
        NodeMeter node, NodeSettings settings, NodeHealth health, NodeClock clock, PartitionDirectory partitions,
        PartitionEnvironment environment, PartitionSamples samples, NodeLinks links, NodeJournal journal, Node.Journal.JournalDamage damage,
        Gateway gateway, Doors doors, DataConnections clients, PeerRefusals refusals, NodeCertificates certificates)
    {
        (_settings, _links, _partitions, _doors) = (settings, links, partitions, doors);
        (_admission, _backlog) = (gateway.Admission, journal.Backlog);
        var meter = node.Meter;
        Calls = new CallInstruments(meter, gateway.Calls);
        _ = new ReplicationInstruments(meter, settings, clock, samples, environment.FallbackLoad, environment.RepairBudget);
        _ = new JournalInstruments(meter, settings, journal, damage);
        _ = new LinkInstruments(meter, links, partitions);
        AddHealth(meter, health, clock, certificates);
        AddQueues(meter);
        AddDoors(meter, clients, refusals);
    }

    /// <summary>What clients have asked.</summary>
    public CallInstruments Calls { get; }

    private static void AddHealth(Meter meter, NodeHealth health, NodeClock clock, NodeCertificates certificates)
    {
        meter.CreateObservableGauge("gossipdb.uptime", () => clock.UptimeMs / 1e3, "s", "How long the node has been running.");
        meter.CreateObservableGauge(
            "gossipdb.ready", () => health.IsReady ? 1L : 0, description: "1 where the node is ready (/health/ready), else 0.");
        meter.CreateObservableGauge(
            "gossipdb.refusing_writes", () => health.RefusesWrites ? 1L : 0,
            description: "1 where the journal has failed and the node refuses writes, else 0.");
        meter.CreateObservableGauge(
            "gossipdb.clock.offset",
            () => OrNone(clock.ClusterTime.IsKnown ? clock.OffsetMs / 1e3 : null),
            "s",
            "How far this machine's clock is ahead of the cluster's time; negative where it is behind. Absent while that is not known.");
        meter.CreateObservableGauge(
            "gossipdb.clock.uncertainty",
            () => OrNone(clock.ClusterTime is { IsKnown: true } time ? time.UncertaintyMs / 1e3 : null),
            "s",
            "How far the cluster's time, as the node knows it, may be off.");
        meter.CreateObservableGauge(
            "gossipdb.certificate.end.time",
            () => (certificates.IsOn ? certificates.Current.All : []).Select(static one => new Measurement<long>(
                new DateTimeOffset(one.Certificate.NotAfter).ToUnixTimeSeconds(), new KeyValuePair<string, object?>("setting", one.Key))),
            "s",
            "When a certificate of the node ends, in Unix time.");
        meter.CreateObservableGauge(
            "gossipdb.thread_pool.threads", static () => (long)ThreadPool.ThreadCount, "{thread}", "Threads of .NET's thread pool.");
        meter.CreateObservableGauge(
            "gossipdb.thread_pool.waiting", static () => ThreadPool.PendingWorkItemCount, "{item}",
            "Work that waits for a thread of .NET's thread pool: much of it for long means that the node wants more cores.");
    }

    private void AddQueues(Meter meter)
    {
        meter.CreateObservableGauge(
            "gossipdb.queue", () => EachQueue(static (now, _) => now), "By", "Bytes that wait in a queue of the node.");
        meter.CreateObservableGauge(
            "gossipdb.queue.limit", () => EachQueue(static (_, limit) => limit), "By", "The most bytes that the queue may hold.");
    }

    private void AddDoors(Meter meter, DataConnections clients, PeerRefusals refusals)
    {
        meter.CreateObservableGauge(
            "gossipdb.connections", () => (long)_doors.Status().Connections, "{connection}", "Connections to all ports of the node.");
        meter.CreateObservableGauge(
            "gossipdb.connections.limit", () => (long)_doors.Status().MaxConnections, "{connection}",
            "The most connections that the node takes (gossipdb.limits.connections).");
        meter.CreateObservableCounter(
            "gossipdb.connections.refused", Refused, "{connection}",
            "Connections that were hung up on: all were taken, their address had all it may have, they did not say in time what they are "
                + "for, or a frame did not come in time.");
        meter.CreateObservableGauge(
            "gossipdb.clients", () => (long)clients.Clients, "{client}", "Connections of clients to the data port.");
        meter.CreateObservableGauge(
            "gossipdb.clients.limit", () => (long)_settings.MaxFrameClients, "{client}",
            "The most connections of clients to the data port (gossipdb.limits.clients).");
        meter.CreateObservableCounter(
            "gossipdb.requests.refused", () => _doors.Status().RefusedRequests, "{request}",
            "Requests past the requests a second that a user or an address may make.");
        meter.CreateObservableGauge(
            "gossipdb.reads.waiting", () => _admission.Answers.Deferred, "{read}",
            "Reads that wait until answers before them have been read by those who asked.");
        meter.CreateObservableCounter(
            "gossipdb.slow_readers.ended", () => _admission.Answers.Ended, "{call}", "Calls ended because their client did not read.");
        meter.CreateObservableCounter(
            "gossipdb.peers.refused", () => (long)refusals.Count, "{caller}", "Callers that wanted to be taken for nodes and were not.");
        meter.CreateObservableCounter(
            "gossipdb.audit.lines.lost", () => _doors.Status().LostAuditLines, "{line}",
            "Lines of the audit log that could not be written.");
    }

    private IEnumerable<Measurement<long>> EachQueue(Func<long, long, long> choose)
    {
        yield return Of("requests", _admission.InFlightBytes, _settings.MaxInFlightBytes);
        yield return Of("answers", _admission.Answers.Bytes, _admission.Answers.MaxBytes);
        yield return Of("journal", _backlog.Bytes, _backlog.MaxBytes);
        var doors = _doors.Status();
        yield return Of("receiving", doors.ReceivingBytes, doors.MaxReceivingBytes);
        foreach (var link in LinkInstruments.Of(_links, _partitions))
        {
            yield return new(choose(link.WaitingBytes, link.MaxWaitingBytes), Queue("link"), LinkInstruments.Peer(link.Node));
            yield return new(choose(link.UnconfirmedBytes, link.WindowBytes), Queue("window"), LinkInstruments.Peer(link.Node));
        }

        Measurement<long> Of(string queue, long now, long limit) => new(choose(now, limit), Queue(queue));
    }

    private IEnumerable<Measurement<long>> Refused()
    {
        var doors = _doors.Status();
        yield return new(doors.RefusedInAll, Reason("all_taken"));
        yield return new(doors.RefusedOfAddress, Reason("address"));
        yield return new(doors.Silent, Reason("silent"));
        yield return new(doors.SlowFrames, Reason("slow_frame"));
    }

    private static KeyValuePair<string, object?> Queue(string name) => new("queue", name);

    private static KeyValuePair<string, object?> Reason(string name) => new("reason", name);

    private static IEnumerable<Measurement<double>> OrNone(double? value) => value is { } known ? [new Measurement<double>(known)] : [];
}
