using Gossipdb.Cli.Commands;
using Gossipdb.Client;

namespace Gossipdb.Cli.Top;

/// <summary>A queue against its limit.</summary>
internal readonly record struct QueueFigure(string Name, long Now, long Most)
{
    /// <summary>How full it is: 0 to 1, and above where the limit is soft.</summary>
    public double Part => Most > 0 ? (double)Now / Most : 0;
}

/// <summary>How a node is and what it did between two looks.</summary>
internal sealed record NodeFigures
{
    public required int Node { get; init; }

    /// <summary>ready, starting, no writes, down; "new" with it where it was started since the look before.</summary>
    public required string State { get; init; }

    public required Tone Tone { get; init; }

    /// <summary>Null where it does not answer.</summary>
    public NodeStatus? Status { get; init; }

    public CallActivity Calls { get; init; } = new();

    /// <summary>Changes that some node has applied and it has not; null where that is not known.</summary>
    public long? Lag { get; init; }

    /// <summary>Processors it keeps busy.</summary>
    public double Processors { get; init; }

    /// <summary>Part of the time that collections held it up.</summary>
    public double Paused { get; init; }

    public double CommitsPerSecond { get; init; }

    /// <summary>How long a commit took; zero where there was none.</summary>
    public TimeSpan CommitTime { get; init; }

    /// <summary>Events a commit; 0 where there was none.</summary>
    public double Group { get; init; }

    public double RepairBytesPerSecond { get; init; }

    public double DropsPerSecond { get; init; }

    /// <summary>The slowest of its links, there and back.</summary>
    public TimeSpan? RoundTrip { get; init; }

    public IReadOnlyList<QueueFigure> Queues { get; init; } = [];
}

/// <summary>What happened between two looks.</summary>
internal sealed record TopFigures(
    TopSample Sample, IReadOnlyList<NodeFigures> Nodes, CallActivity Calls, IReadOnlyList<ClusterEvent> Events)
{
    /// <param name="before">The look before; null at the first one, of which no rates can be told.</param>
    /// <param name="now">The look now.</param>
    public static TopFigures Between(TopSample? before, TopSample now)
    {
        var report = new StatusReport(now.Cluster, now.Nodes, withDigests: false);
        return new TopFigures(
            now,
            [.. now.Nodes.Select(answer => Of(answer.Node, before?.Of(answer.Node), answer.Value, report.LagOf(answer.Node)))],
            CallActivity.Between(now.Nodes.Select(answer => (before?.Of(answer.Node), answer.Value))),
            ClusterEvent.Between(before?.ByNode, now.ByNode))
        {
            IsFirst = before is null,
        };
    }

    /// <summary>Whether it is the first look, of which no rates can be told.</summary>
    public bool IsFirst { get; private init; }

    /// <summary>The most that any node lacks; null where none is known to lack anything.</summary>
    public long? Lag => Nodes.Max(static node => node.Lag);

    private static NodeFigures Of(int node, NodeStatus? before, NodeStatus? now, long? lag)
    {
        if (now is null) return new NodeFigures { Node = node, State = "down", Tone = Tone.Bad, Lag = lag };
        var isNew = before is not null && !now.IsSameProcessAs(before);
        var (state, tone) = now switch
        {
            { RefusingWrites: true } => ("no writes", Tone.Bad),
            { Ready: false } => ("starting", Tone.Warning),
            _ when isNew => ("restarted", Tone.Warning),
            _ => ("ready", Tone.Plain),
        };
        var figures = new NodeFigures
        {
            Node = node,
            State = state,
            Tone = tone,
            Status = now,
            Calls = CallActivity.Between((before, now)),
            Lag = lag,
            RoundTrip = now.Peers.Max(static peer => peer.RoundTrip),
            Queues = [.. QueuesOf(now)],
        };
        if (before is null) return figures;

        // What a new process has counted is all of late.
        var old = isNew ? new NodeStatus() : before;
        var seconds = (now.Uptime - old.Uptime).TotalSeconds;
        if (seconds <= 0) return figures;
        var commits = now.Commits.Commits - old.Commits.Commits;
        return figures with
        {
            Processors = (now.Runtime.ProcessorTime - old.Runtime.ProcessorTime).TotalSeconds / seconds,
            Paused = (now.Runtime.Paused - old.Runtime.Paused).TotalSeconds / seconds,
            CommitsPerSecond = Math.Max(0, commits / seconds),
            CommitTime = commits > 0 ? (now.Commits.Time - old.Commits.Time) / commits : TimeSpan.Zero,
            Group = commits > 0 ? (double)(now.Commits.Events - old.Commits.Events) / commits : 0,
            RepairBytesPerSecond = Math.Max(0, (now.RepairBytesSent - old.RepairBytesSent) / seconds),
            DropsPerSecond = Math.Max(0, (DropsOf(now) - DropsOf(old)) / seconds),
        };
    }

    private static long DropsOf(NodeStatus status) => status.Peers.Sum(static peer => peer.MessagesDropped);

    private static IEnumerable<QueueFigure> QueuesOf(NodeStatus status)
    {
        yield return new("requests being served", status.InFlightBytes, status.MaxInFlightBytes);
        yield return new("answers not read yet", status.UnreadAnswerBytes, status.MaxUnreadAnswerBytes);
        yield return new("changes not in the journal yet", status.Journal.WaitingBytes, status.Journal.MaxWaitingBytes);
        foreach (var peer in status.Peers)
        {
            yield return new($"waiting for the link to node {peer.Node}", peer.WaitingBytes, peer.MaxWaitingBytes);
            yield return new($"under way to node {peer.Node}", peer.UnconfirmedBytes, peer.WindowBytes);
        }
    }
}
