using System.Collections.Concurrent;
using Gossipdb.Node.Links;
using Gossipdb.Node.Tracing;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Wire;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gossipdb.Node.Tests.Links;

/// <summary>Takes what the links of a node hand on, in place of the node.</summary>
internal sealed class LinkTaker
{
    /// <summary>What was told of links.</summary>
    public ConcurrentQueue<LinkState> States { get; } = new();

    /// <summary>What came for partitions.</summary>
    public ConcurrentQueue<(int Partition, NodeId From, PeerMessage Message)> Delivered { get; } = new();

    /// <summary>What of that is traced.</summary>
    public ConcurrentQueue<IReadOnlyList<TraceMark>> Marks { get; } = new();

    /// <summary>What came for the gateway.</summary>
    public ConcurrentQueue<(ulong Kind, byte[] Content, NodeId From)> Frames { get; } = new();

    /// <summary>Takes what is told of users and roles; null where that goes to the gateway, too.</summary>
    public Action<byte[], NodeId>? AccountsTold { get; set; }

    /// <summary>The nodes that were declared lost.</summary>
    public ConcurrentDictionary<NodeId, bool> Lost { get; } = new();

    /// <summary>Done while a message for a partition is handled.</summary>
    public Action? Handling { get; set; }

    /// <summary>What the links of a node need.</summary>
    public LinkEnvironment Of(TestNode node) => new()
    {
        Settings = node.Settings,
        Clock = node.Clock,
        Faults = node.Faults,
        Health = node.Health,
        Tell = States.Enqueue,
        IsMember = static () => false,
        IsLost = Lost.ContainsKey,
        MayConfirm = () => !node.Journal.Backlog.HoldsPeersBack,
        Deliver = (partition, from, message, marks) =>
        {
            Handling?.Invoke();
            Delivered.Enqueue((partition, from, message));
            if (marks is not null) Marks.Enqueue(marks);
        },
        TakeFrame = (kind, content, from) =>
        {
            if (kind == LinkFrames.Accounts && AccountsTold is { } told) told(content, from);
            else Frames.Enqueue((kind, content, from));
        },
        Logger = NullLogger.Instance,
    };
}
