using System.Globalization;
using Gossipdb.Cli.Output;
using Gossipdb.Client;
using Gossipdb.Lab.Faults;

namespace Gossipdb.Cli.Commands;

/// <summary>The status as tables for people.</summary>
internal static class StatusTables
{
    public static void Print(Terminal terminal, StatusReport report)
    {
        terminal.Line($"{report.Cluster.Nodes.Count} nodes, {report.Cluster.Partitions} partitions, {report.Cluster.Replication} replicas "
            + $"of each, layout version {report.Cluster.LayoutVersion}");
        PrintNodes(terminal, report);
        PrintReachability(terminal, report);
        foreach (var node in report.Live)
            foreach (var fault in node.Faults.Touching(node.Node).InWords()) terminal.Line($"node {node.Node}: {fault}, for an experiment");
        PrintOwnership(terminal, report);
        PrintJournals(terminal, report);
        IntegrityTables.Print(terminal, report);
        PrintQueues(terminal, report);
        PrintEncryption(terminal, report);
        PrintDoors(terminal, report);
        foreach (var node in report.Live.Where(static node => node.Trouble.Length > 0)) terminal.Line($"node {node.Node}: {node.Trouble}");
        foreach (var node in report.Live.Where(static node => node.Unanswered.Count > 0))
            terminal.Line($"node {node.Node}: no answer from {string.Join(", ", node.Unanswered)}: what is shown is without them");
        foreach (var answer in report.Answers.Where(static answer => answer.Problem is not null))
            terminal.Line($"node {answer.Node}: {answer.Problem!.Message}");
        foreach (var node in report.Live.Where(static node => node.HeldBytes > 0))
        {
            terminal.Line($"node {node.Node} stands in: it holds {Number(node.HeldChanges)} changes ({Number(node.HeldBytes)} B) "
                + "until every owner has them on disk");
        }

        PrintReplicasInTrouble(terminal, report);
        PrintMoves(terminal, report);
        foreach (var waiting in report.Live
            .SelectMany(static node => node.Partitions)
            .Where(static partition => partition.CollectionWaitsFor is not null)
            .GroupBy(static partition => partition.CollectionWaitsFor))
        {
            terminal.Line($"collection waits for node {waiting.Key}, which is out of reach, for "
                + $"{Duration(waiting.Max(static partition => partition.CollectionWaits) ?? default)}: "
                + $"{Number(waiting.Select(static partition => partition.Partition).Distinct().Count())} partitions keep what was deleted "
                + "until it is back");
        }

        PrintConflicts(terminal, report.Conflicts);
        if (report.WithDigests) PrintDigests(terminal, report);
    }

    private static void PrintNodes(Terminal terminal, StatusReport report)
    {
        var table = Tables.New(
            "node", "endpoint", "process", "up for", "state", "keys", "parked", "behind by", "in flight", "clock", "cut from");
        foreach (var answer in report.Answers)
        {
            var endpoint = report.Cluster.Nodes.First(node => node.Id == answer.Node).Endpoint;
            var lag = report.LagOf(answer.Node) is { } changes
                ? changes == 0 ? "nothing" : changes == 1 ? "1 change" : $"{Number(changes)} changes"
                : "unknown";
            if (answer.Value is not { } node)
            {
                table.AddTextRow($"{answer.Node}", endpoint, "", "", "no answer", "", "", lag, "", "", "");
                continue;
            }

            table.AddTextRow(
                $"{node.Node}",
                endpoint,
                $"{node.ProcessId}",
                Duration(node.Uptime),
                node.RefusingWrites ? "refusing writes" : node.Ready ? "ready" : "not ready",
                Number(node.Partitions.Sum(static partition => partition.Keys)),
                Number(node.Partitions.Sum(static partition => partition.Parked)),
                lag,
                $"{Number(node.InFlightBytes)} B",
                Clock(node.ClockAhead, node.ClockUncertainty),
                string.Join(", ", node.Cuts));
        }

        terminal.Render(table);
    }

    private static void PrintEncryption(Terminal terminal, StatusReport report)
    {
        if (report.Live.All(static node => node.Certificates.Count == 0))
        {
            terminal.Line("nodes speak plain (gossipdb.tls)");
            return;
        }

        foreach (var node in report.Live)
        {
            terminal.Line(node.Certificates.Count == 0
                ? $"node {node.Node} speaks plain (gossipdb.tls), unlike others"
                : $"node {node.Node} speaks TLS; its certificate ends on {Day(node.Certificates[0].Ends)}, the authority's on "
                    + $"{Day(node.Certificates.Max(static one => one.Ends))}");
        }
    }

    private static string Day(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static void PrintReachability(Terminal terminal, StatusReport report)
    {
        if (report.Answers.Count < 2) return;
        var table = Tables.New(["who hears whom", .. report.Answers.Select(static answer => $"node {answer.Node}")]);
        foreach (var node in report.Live)
            table.AddTextRow(report.Answers.Select(answer => Heard(node, answer.Node)).Prepend($"node {node.Node} hears"));
        terminal.Render(table);
    }

    private static string Heard(NodeStatus from, int to)
    {
        if (from.Node == to) return "–";
        if (from.Peers.FirstOrDefault(peer => peer.Node == to) is not { } peer) return "no link";
        var cut = from.Cuts.Contains(to) ? " (cut)" : "";
        if (peer.Reachable) return (peer.RefusingWrites ? "yes, it refuses writes" : "yes") + cut;
        return (peer.LastHeardAgo is { } ago ? $"no, for {Duration(ago)}" : "never") + cut;
    }

    private static void PrintOwnership(Terminal terminal, StatusReport report)
    {
        var table = Tables.New("owners", "partitions", "which");
        foreach (var (owners, count, partitions) in report.Ownership) table.AddTextRow($"nodes {owners}", Number(count), partitions);
        terminal.Render(table);
    }

    private static void PrintReplicasInTrouble(Terminal terminal, StatusReport report)
    {
        foreach (var node in report.Live)
        {
            foreach (var reason in node.Partitions.Where(static partition => partition.NotServing.Length > 0).GroupBy(static partition =>
                partition.NotServing))
            {
                terminal.Line($"node {node.Node}: {Number(reason.Count())} partitions do not serve: {reason.Key}");
            }

            foreach (var partition in node.Partitions.Where(static partition => partition.Contradicting.Count > 0))
                terminal.Line($"node {node.Node}: partition {partition.Partition} holds another state than node "
                    + $"{string.Join(", ", partition.Contradicting)} at the same clock: memory or disk is damaged");
            foreach (var partition in node.Partitions.Where(static partition => partition.Contradiction.Length > 0))
                terminal.Line(
                    $"node {node.Node}: partition {partition.Partition}: {partition.Contradiction}: a journal was copied or edited");
        }
    }

    private static void PrintMoves(Terminal terminal, StatusReport report)
    {
        var moving = report.Live.SelectMany(static node => node.Partitions.Where(static partition => partition.Moving.Length > 0)
            .Select(partition => (Node: node, Partition: partition))).ToList();
        if (moving.Count == 0) return;
        var table = Tables.New("moving", "partitions", "what becomes of them", "slices so far");
        foreach (var group in moving.GroupBy(static one => (one.Node.Node, one.Partition.Moving)))
            table.AddTextRow(
                $"node {group.Key.Node}",
                Number(group.Count()),
                group.Key.Moving,
                Number(group.Sum(static one => one.Partition.TransferredSlices)));
        terminal.Render(table);
        terminal.Line("repair and hand-over send "
            + $"{string.Join(", ", report.Live.Select(static node => $"{Number(node.RepairBytesPerSecond)} B/s (node {node.Node})"))}");
    }

    private static void PrintJournals(Terminal terminal, StatusReport report)
    {
        var table = Tables.New(
            "node", "journal", "group commits", "events", "a commit takes", "events in one", "bytes", "event log in memory");
        foreach (var node in report.Live)
        {
            table.AddTextRow(
                $"{node.Node}",
                node.Journal.Path,
                Number(node.Journal.Commits),
                Number(node.Journal.Events),
                CommitTime(node.Commits),
                node.Commits.Commits == 0
                    ? "" : string.Create(CultureInfo.InvariantCulture, $"{(double)node.Commits.Events / node.Commits.Commits:0.#}"),
                Number(node.Journal.Bytes),
                $"{Number(node.Partitions.Sum(static partition => partition.LogBytes))} B");
        }

        terminal.Render(table);
        foreach (var node in report.Live)
        {
            if (node.Journal.HeldBack is { } held)
                terminal.Line($"node {node.Node}: the journal cannot be cut: "
                    + $"{(held.IsStandIn ? "what is held for absent owners of " : "")}partition {held.Partition} keeps what it holds "
                    + $"there: {held.Because}");
        }
    }

    private static string CommitTime(CommitCounts commits) => commits.Commits == 0
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $"{commits.Time.TotalMilliseconds / commits.Commits:0.00} ms")
            + (commits.Longest == default
                ? "" : string.Create(CultureInfo.InvariantCulture, $", lately up to {commits.Longest.TotalMilliseconds:0.0} ms"));

    private static void PrintQueues(Terminal terminal, StatusReport report)
    {
        var table = Tables.New("node", "waits for", "now", "at most", "also");
        foreach (var node in report.Live)
        {
            Row(
                "requests served",
                node.InFlightBytes,
                node.MaxInFlightBytes,
                $"{Number(node.FrameClients)} of {Number(node.MaxFrameClients)} clients on data port {node.Cluster.DataPort}");
            Row(
                "clients to read answers",
                node.UnreadAnswerBytes,
                node.MaxUnreadAnswerBytes,
                $"{Number(node.ReadsWithoutRoom)} reads without room, {Number(node.EndedSlowReaders)} slow readers ended");
            Row(
                "the journal",
                node.Journal.WaitingBytes,
                node.Journal.MaxWaitingBytes,
                $"highest {Number(node.Journal.HighestWaitingBytes)} B");
            if (node.Traces is { } traces)
            {
                table.AddTextRow(
                    $"{node.Node}", "traced spans to end", Number(traces.Spans), Number(traces.MaxSpans),
                    $"{Number(traces.Untraced)} requests not traced");
            }

            foreach (var peer in node.Peers)
            {
                Row($"the link to node {peer.Node}", peer.WaitingBytes, peer.MaxWaitingBytes,
                    $"{Number(peer.UnconfirmedBytes)} of {Number(peer.WindowBytes)} B under way, {Number(peer.UnhandledBytes)} B received "
                    + $"and not handled, {Number(peer.MessagesDropped)} messages dropped");
                if (peer.DelayedBytes > 0)
                    Row($"the fault of the link to node {peer.Node}", peer.DelayedBytes, peer.MaxDelayedBytes, "for an experiment");
            }

            void Row(string what, long now, long most, string also) =>
                table.AddTextRow($"{node.Node}", what, $"{Number(now)} B", $"{Number(most)} B", also);
        }

        terminal.Render(table);
    }

    private static void PrintDoors(Terminal terminal, StatusReport report)
    {
        var table = Tables.New("node", "connections", "not known yet", "large frames begun", "hung up on, or refused, since the start");
        foreach (var node in report.Live)
        {
            var doors = node.Doors;
            (long Count, string What)[] refused =
            [
                (doors.RefusedInAll, "with all connections taken"),
                (doors.RefusedOfAddress, $"past {Number(doors.MaxOfAddress)} of an address"),
                (doors.Silent, "that said nothing"),
                (doors.SlowFrames, "too slow to send"),
                (doors.RefusedRequests, "requests past a rate"),
                (node.RefusedPeers, $"not taken for nodes (the last: {node.LastRefusedPeer})"),
                (doors.LostAuditLines, "lines of the audit log lost"),
            ];
            var told = refused.Where(static one => one.Count > 0).Select(static one => $"{Number(one.Count)} {one.What}");
            table.AddTextRow(
                $"{node.Node}",
                $"{Number(doors.Connections)} of {Number(doors.MaxConnections)}",
                Number(doors.Unknown),
                $"{Number(doors.ReceivingBytes)} of {Number(doors.MaxReceivingBytes)} B",
                string.Join(", ", told) is { Length: > 0 } words ? words : "none");
        }

        terminal.Render(table);
    }

    private static void PrintConflicts(Terminal terminal, IReadOnlyList<string> conflicts)
    {
        if (conflicts.Count == 0) return;
        terminal.Line("keys, and fields of maps (KEY / FIELD), that hold more than one type; 'gossipdb inspect KEY' shows all of them:");
        foreach (var key in conflicts) terminal.Line($"  {key}");
    }

    private static void PrintDigests(Terminal terminal, StatusReport report)
    {
        var differing = report.Differing;
        terminal.Line(differing.Count == 0
            ? $"digests: the replicas of all {report.Cluster.Partitions} partitions hold equal states"
            : $"digests: the replicas of {differing.Count} of {report.Cluster.Partitions} partitions differ: "
                + $"{string.Join(", ", differing)}");
    }

    // Of the cluster's time, or of another clock.
    private static string Clock(TimeSpan? ahead, TimeSpan uncertainty) =>
        ahead is { } off ? $"{(off < TimeSpan.Zero ? "-" : "+")}{Number((long)off.Duration().TotalMilliseconds)} ms ± "
            + $"{Number((long)uncertainty.TotalMilliseconds)}" : "unknown";

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Duration(TimeSpan time) => time switch
    {
        { TotalSeconds: < 1 } => $"{time.TotalMilliseconds:0} ms",
        { TotalMinutes: < 1 } => $"{time.TotalSeconds:0} s",
        { TotalHours: < 1 } => $"{time.Minutes} min {time.Seconds} s",
        _ => $"{(int)time.TotalHours} h {time.Minutes} min",
    };
}
