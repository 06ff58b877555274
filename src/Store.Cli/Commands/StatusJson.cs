using System.Globalization;
using System.Text.Json.Nodes;
using Gossipdb.Cli.Connecting;
using Gossipdb.Cli.Output;
using Gossipdb.Client;
using Gossipdb.Lab.Faults;

namespace Gossipdb.Cli.Commands;

/// <summary>The status as one document for programs.</summary>
internal static class StatusJson
{
    public static JsonObject Document(StatusReport report)
    {
        var document = new JsonObject
        {
            ["partitions"] = report.Cluster.Partitions,
            ["replication"] = report.Cluster.Replication,
            ["layoutVersion"] = report.Cluster.LayoutVersion,
            ["nodes"] = Array(report.Answers, answer => Node(report, answer)),
            ["owners"] = Array(report.Cluster.Owners, static owners => ValueOutput.Json(owners)),
            ["conflicts"] = ValueOutput.Json(report.Conflicts),
        };
        if (report.WithDigests) document["differingPartitions"] = ValueOutput.Json(report.Differing);
        return document;
    }

    private static JsonObject Node(StatusReport report, NodeAnswer<NodeStatus> answer)
    {
        var document = new JsonObject
        {
            ["node"] = answer.Node,
            ["endpoint"] = report.Cluster.Nodes.First(node => node.Id == answer.Node).Endpoint,
            ["behindBy"] = report.LagOf(answer.Node),
        };
        if (answer.Value is not { } node)
        {
            document["problem"] = answer.Problem?.Message;
            return document;
        }

        document["process"] = node.ProcessId;
        document["version"] = node.Version;
        document["uptimeMs"] = (long)node.Uptime.TotalMilliseconds;
        document["ready"] = node.Ready;
        document["refusingWrites"] = node.RefusingWrites;
        document["trouble"] = node.Trouble;
        document["cuts"] = ValueOutput.Json(node.Cuts);
        document["faultInjection"] = node.FaultInjection;
        document["faults"] = Array(node.Faults.Touching(node.Node).InWords(), static fault => JsonValue.Create(fault.ToString()));
        document["certificates"] = Array(node.Certificates, static one => new JsonObject
        {
            ["setting"] = one.Setting,
            ["subject"] = one.Subject,
            ["ends"] = one.Ends.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        });
        document["inFlightBytes"] = node.InFlightBytes;
        document["maxInFlightBytes"] = node.MaxInFlightBytes;
        document["unreadAnswerBytes"] = node.UnreadAnswerBytes;
        document["maxUnreadAnswerBytes"] = node.MaxUnreadAnswerBytes;
        if (node.Traces is { } traces)
        {
            document["traces"] = new JsonObject
            {
                ["spans"] = traces.Spans,
                ["maxSpans"] = traces.MaxSpans,
                ["untraced"] = traces.Untraced,
            };
        }

        document["readsWithoutRoom"] = node.ReadsWithoutRoom;
        document["endedSlowReaders"] = node.EndedSlowReaders;
        document["dataPort"] = node.Cluster.DataPort;
        document["frameClients"] = node.FrameClients;
        document["maxFrameClients"] = node.MaxFrameClients;
        document["repairBytesSent"] = node.RepairBytesSent;
        document["repairBytesPerSecond"] = node.RepairBytesPerSecond;
        document["heldBytes"] = node.HeldBytes;
        document["heldChanges"] = node.HeldChanges;
        document["standsInFor"] = node.StandsInFor;
        document["unanswered"] = ValueOutput.Json(node.Unanswered);
        document["clockAheadMs"] = (long?)node.ClockAhead?.TotalMilliseconds;
        document["clockUncertaintyMs"] = (long)node.ClockUncertainty.TotalMilliseconds;
        document["doors"] = Doors(node.Doors);
        document["refusedPeers"] = node.RefusedPeers;
        document["lastRefusedPeer"] = node.LastRefusedPeer;
        document["peersKnownBy"] = node.PeersKnownBy;
        document["commits"] = new JsonObject
        {
            ["commits"] = node.Commits.Commits,
            ["events"] = node.Commits.Events,
            ["bytes"] = node.Commits.Bytes,
            ["ms"] = node.Commits.Time.TotalMilliseconds,
            ["longestMs"] = node.Commits.Longest.TotalMilliseconds,
        };
        document["peers"] = Array(node.Peers, Peer);
        document["journal"] = new JsonObject
        {
            ["path"] = node.Journal.Path,
            ["commits"] = node.Journal.Commits,
            ["events"] = node.Journal.Events,
            ["bytes"] = node.Journal.Bytes,
            ["waitingBytes"] = node.Journal.WaitingBytes,
            ["maxWaitingBytes"] = node.Journal.MaxWaitingBytes,
            ["highestWaitingBytes"] = node.Journal.HighestWaitingBytes,
            ["heldBack"] = node.Journal.HeldBack is { } held
                ? new JsonObject { ["partition"] = held.Partition, ["isStandIn"] = held.IsStandIn, ["because"] = held.Because }
                : null,
            ["damage"] = node.Journal.Damage is { } damage
                ? new JsonObject { ["found"] = damage.Found, ["first"] = Array(damage.First, static what => JsonValue.Create(what)) }
                : null,
            ["scrub"] = new JsonObject
            {
                ["lastEnd"] = node.Journal.Scrub.LastEnd?.ToString("O", CultureInfo.InvariantCulture),
                ["lastRecords"] = node.Journal.Scrub.LastRecords,
                ["lastBytes"] = node.Journal.Scrub.LastBytes,
                ["bytes"] = node.Journal.Scrub.Bytes,
                ["found"] = node.Journal.Scrub.Found,
            },
        };
        document["replicas"] = Array(node.Partitions, Partition);
        return document;
    }

    private static JsonObject Doors(DoorStatus doors) => new()
    {
        ["connections"] = doors.Connections,
        ["maxConnections"] = doors.MaxConnections,
        ["unknown"] = doors.Unknown,
        ["maxOfAddress"] = doors.MaxOfAddress,
        ["refusedInAll"] = doors.RefusedInAll,
        ["refusedOfAddress"] = doors.RefusedOfAddress,
        ["silent"] = doors.Silent,
        ["slowFrames"] = doors.SlowFrames,
        ["receivingBytes"] = doors.ReceivingBytes,
        ["maxReceivingBytes"] = doors.MaxReceivingBytes,
        ["refusedRequests"] = doors.RefusedRequests,
        ["lostAuditLines"] = doors.LostAuditLines,
    };

    private static JsonObject Peer(PeerStatus peer) => new()
    {
        ["node"] = peer.Node,
        ["reachable"] = peer.Reachable,
        ["lastHeardMsAgo"] = peer.LastHeardAgo?.TotalMilliseconds,
        ["bytesSent"] = peer.BytesSent,
        ["bytesReceived"] = peer.BytesReceived,
        ["messagesDropped"] = peer.MessagesDropped,
        ["refusingWrites"] = peer.RefusingWrites,
        ["clockAheadMs"] = (long?)peer.ClockAhead?.TotalMilliseconds,
        ["clockUncertaintyMs"] = (long)peer.ClockUncertainty.TotalMilliseconds,
        ["waitingBytes"] = peer.WaitingBytes,
        ["maxWaitingBytes"] = peer.MaxWaitingBytes,
        ["unconfirmedBytes"] = peer.UnconfirmedBytes,
        ["windowBytes"] = peer.WindowBytes,
        ["unhandledBytes"] = peer.UnhandledBytes,
        ["delayedBytes"] = peer.DelayedBytes,
        ["maxDelayedBytes"] = peer.MaxDelayedBytes,
    };

    private static JsonObject Partition(PartitionStatus partition) => new()
    {
        ["partition"] = partition.Partition,
        ["replica"] = partition.Replica.ToString("x16", CultureInfo.InvariantCulture),
        ["keys"] = partition.Keys,
        ["logBytes"] = partition.LogBytes,
        ["parked"] = partition.Parked,
        ["notServing"] = partition.NotServing,
        ["collectionWaitsFor"] = partition.CollectionWaitsFor,
        ["collectionWaitsMs"] = (long?)partition.CollectionWaits?.TotalMilliseconds,
        ["droppedKeys"] = partition.DroppedKeys,
        ["retiredReplicas"] = partition.RetiredReplicas,
        ["moving"] = partition.Moving,
        ["transferredSlices"] = partition.TransferredSlices,
        ["repairGivenUp"] = partition.IsRepairGivenUp,
        ["slots"] = Array(
            partition.Slots, static slot => new JsonObject { ["node"] = slot.Node, ["epoch"] = slot.Epoch, ["held"] = slot.Held }),
        ["contradiction"] = partition.Contradiction,
        ["contradicting"] = ValueOutput.Json(partition.Contradicting),
        ["damage"] = partition.Damage is { } damage
            ? new JsonObject
            {
                ["what"] = damage.What,
                ["waiting"] = damage.Waiting,
                ["applied"] = damage.Applied,
                ["lost"] = damage.Lost,
            }
            : null,
        ["comparedMsAgo"] = (long?)partition.ComparedAgo?.TotalMilliseconds,
        ["digest"] = partition.Digest.IsEmpty ? null : Convert.ToHexStringLower(partition.Digest.Span),
        ["lags"] = Array(
            partition.Lags,
            static lag => new JsonObject
            {
                ["node"] = lag.Node,
                ["missingChanges"] = lag.MissingChanges,
                ["behindMs"] = (long)lag.Behind.TotalMilliseconds,
            }),
    };

    private static JsonArray Array<T>(IEnumerable<T> items, Func<T, JsonNode> convert) => [.. items.Select(convert)];
}
