using System.Diagnostics.Metrics;
using System.Globalization;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Observability;
using Gossipdb.Node.Partitions;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Telemetry;

/// <summary>
/// The node's partitions and how far the other owners are behind them. Sums and extremes over all partitions; partitions have series of
/// their own only where they are the furthest behind.
/// </summary>
internal sealed class ReplicationInstruments
{
    /// <summary>How many partitions have a series of their own at a time.</summary>
    public const int MostPartitions = 10;

    private readonly PartitionSamples _samples;

    public ReplicationInstruments(
        Meter meter, NodeSettings settings, NodeClock clock, PartitionSamples samples, FallbackLoad hints, RepairBudget repair)
    {
        _samples = samples;
        AddPartitions(meter);
        AddLag(meter, clock);
        meter.CreateObservableGauge(
            "gossipdb.hints", () => hints.HeldBytes, "By", "Bytes that the node holds as the stand-in of absent owners.");
        meter.CreateObservableGauge(
            "gossipdb.hints.partitions", () => (long)hints.Coordinating, "{partition}",
            "Partitions that the node could serve by itself as a stand-in while no owner is within reach.");
        meter.CreateObservableCounter(
            "gossipdb.repair.sent", () => repair.Total, "By",
            "Bytes of repair sent: fetched events and images, hand-overs of partitions included.");
        meter.CreateObservableGauge(
            "gossipdb.repair.limit", () => (long)settings.RepairBytesPerSecond, "By/s",
            "Bytes a second that repair may send (gossipdb.replication.repair-rate).");
    }

    /// <summary>What each other node lacks: changes of all partitions together, and the longest time of any.</summary>
    internal static SortedDictionary<NodeId, (long Changes, long BehindMs, long HeldBack)> ByPeer(IReadOnlyList<PartitionSample> samples)
    {
        var peers = new SortedDictionary<NodeId, (long Changes, long BehindMs, long HeldBack)>();
        foreach (var sample in samples)
        {
            foreach (var lag in sample.Lags)
            {
                var (changes, behindMs, heldBack) = peers.GetValueOrDefault(lag.Node);
                peers[lag.Node] = (changes + lag.Changes, Math.Max(behindMs, lag.BehindMs), heldBack);
            }

            if (sample.HeldBackBy is not { } holder) continue;
            var (lacking, sinceMs, held) = peers.GetValueOrDefault(holder);
            peers[holder] = (lacking, sinceMs, held + 1);
        }

        return peers;
    }

    /// <summary>The partitions of which another owner lacks the most, at most <see cref="MostPartitions"/>, and how many changes.</summary>
    internal static IEnumerable<(int Partition, long Changes)> Furthest(IReadOnlyList<PartitionSample> samples) => samples
        .Select(static sample => (sample.Partition, Changes: sample.Lags.Length == 0 ? 0 : sample.Lags.Max(static lag => lag.Changes)))
        .Where(static one => one.Changes > 0)
        .OrderByDescending(static one => one.Changes)
        .ThenBy(static one => one.Partition)
        .Take(MostPartitions);

    private void AddPartitions(Meter meter)
    {
        Gauge("gossipdb.partitions", static samples => samples.Length, "{partition}", "Partitions that the node holds.");
        Gauge(
            "gossipdb.partitions.not_serving", static samples => samples.LongCount(static one => !one.Serves), "{partition}",
            "Partitions that should serve and do not: the node has just started, or lost what it held.");
        Gauge(
            "gossipdb.partitions.moving", static samples => samples.LongCount(static one => one.Moves), "{partition}",
            "Partitions that come to the node or leave it, because the layout has changed.");
        Gauge(
            "gossipdb.partitions.diverged", static samples => samples.LongCount(static one => one.Diverges), "{partition}",
            "Partitions of which another owner holds another state at the same clock: memory or disk is damaged somewhere.");
        Gauge(
            "gossipdb.partitions.damaged", static samples => samples.LongCount(static one => one.IsDamaged), "{partition}",
            "Partitions whose journal is damaged and not mended yet.");
        meter.CreateObservableGauge(
            "gossipdb.partitions.unanswered", () => (long)_samples.Unanswered, "{partition}",
            "Partitions that did not say in time how they are: other metrics are without them.");
        Gauge("gossipdb.keys", static samples => samples.Sum(static one => one.Keys), "{key}", "Keys that the node's replicas hold.");
        meter.CreateObservableCounter(
            "gossipdb.keys.dropped", () => _samples.Read().Sum(static one => one.DroppedKeys), "{key}",
            "Deleted keys that the node's replicas have forgotten for good.");
        Gauge(
            "gossipdb.event_log", static samples => samples.Sum(static one => one.LogBytes), "By",
            "Bytes of events kept in memory for owners that were away.");
        Gauge(
            "gossipdb.events.parked", static samples => samples.Sum(static one => one.Parked), "{event}",
            "Events that wait for others which they depend on.");

        void Gauge(string name, Func<PartitionSample[], long> sum, string unit, string description) =>
            meter.CreateObservableGauge(name, () => sum(_samples.Read()), unit, description);
    }

    private void AddLag(Meter meter, NodeClock clock)
    {
        meter.CreateObservableGauge(
            "gossipdb.replication.lag.changes", () => OfPeers(static peer => peer.Changes), "{change}",
            "Changes here that the other node is not known to have, of all partitions that both hold.");
        meter.CreateObservableGauge(
            "gossipdb.replication.lag", () => OfPeers(static peer => peer.BehindMs / 1e3), "s",
            "For how long the oldest change here has been missing at the other node; below a gossip interval it is 0.");
        meter.CreateObservableGauge(
            "gossipdb.partition.lag.changes",
            () => Furthest(_samples.Read()).Select(static one => new Measurement<long>(
                one.Changes, new KeyValuePair<string, object?>("partition", one.Partition.ToString(CultureInfo.InvariantCulture)))),
            "{change}",
            "The partitions of which another owner lacks the most, at most 10, and how many changes it lacks.");
        meter.CreateObservableGauge(
            "gossipdb.replication.compared.age",
            () => _samples.Read().Select(one => one.ComparedMsAgo ?? clock.UptimeMs).DefaultIfEmpty().Max() / 1e3,
            "s",
            "How long ago the partition that waits the longest was found equal with every other owner's, by digests, or the node started. "
                + "A partition is compared while it is not written to.");
        meter.CreateObservableGauge(
            "gossipdb.stable_cut.age",
            () => _samples.Read().Select(static one => one.CollectionWaitsMs).DefaultIfEmpty().Max() / 1e3,
            "s",
            "For how long the partition that waits the longest has had something to collect and reached no stable cut; 0: none waits.");
        meter.CreateObservableGauge(
            "gossipdb.stable_cut.held_back.partitions", () => OfPeers(static peer => peer.HeldBack), "{partition}",
            "Partitions whose stable cut waits for the other node, which is out of reach.");
    }

    private IEnumerable<Measurement<T>> OfPeers<T>(Func<(long Changes, long BehindMs, long HeldBack), T> read)
        where T : struct
    {
        foreach (var (node, figures) in ByPeer(_samples.Read()))
            yield return new Measurement<T>(read(figures), LinkInstruments.Peer(node));
    }
}
