using System.Collections.Concurrent;
using System.Diagnostics;
using Google.Protobuf;
using Gossipdb.Node.Links;
using Gossipdb.Node.Observability;
using Gossipdb.Node.Tracing;
using Gossipdb.Protocol;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Server;

/// <summary>
/// Requests that other nodes coordinate for this one, until they are answered, and those that this node coordinates for others. Any
/// thread.
/// </summary>
internal sealed class Forwarding(NodeClock clock, NodeLinks links, Admission admission)
{
    // A forwarded request outlives its own timeout by this much before it is given up: its coordinator answers by then.
    private const int GraceMs = 250;
    private readonly ConcurrentDictionary<ulong, Forwarded> _forwarded = new();
    private readonly ConcurrentDictionary<NodeId, CallerAccount> _peers = new();
    private long _last;

    private sealed record Forwarded(ServerCall Call, bool IsWrite, NodeId To, long DeadlineMs, TraceSpan? Span);

    // The answer to a request that another node forwarded here goes back over the link it came on.
    private sealed class BackToNode(Forwarding forwarding, NodeId from) : IReplySink
    {
        public CallerAccount Account { get; } = forwarding._peers.GetOrAdd(from, static _ => new CallerAccount());

        public bool IsGone => false;

        public bool TryMakeRoom(ServerCall call, long bytes)
        {
            var load = forwarding.LoadOf(from);
            if (!load.IsFullFor(bytes)) return true;
            call.Refuse(ErrorCode.Overloaded, $"{load.Waiting} bytes wait for the link to node {from} already; nothing was read");
            return false;
        }

        public void Complete(ServerCall call, Reply reply)
        {
            var answer = reply.ToByteArray();
            forwarding.Release(call);
            forwarding.Send(from, LinkFrames.ForwardReply, answer);
        }
    }

    /// <summary>Where the answer to a request of another node goes.</summary>
    public IReplySink SinkFor(NodeId from) => new BackToNode(this, from);

    /// <summary>Hands a request to another node.</summary>
    public void Forward(Request request, ServerCall call, bool isWrite, NodeId to)
    {
        if (LoadOf(to) is var load && load.IsFullFor(request.CalculateSize()))
        {
            call.Refuse(
                ErrorCode.Overloaded,
                $"{load.Waiting} bytes wait for the link to node {to} already; nothing was {(isWrite ? "applied" : "read")}");
            return;
        }

        var id = (ulong)Interlocked.Increment(ref _last);
        var forwarded = request.Clone();
        forwarded.Id = id;

        // It takes what is left, not as long again; and the setting of the node that was asked decides the level, wherever the call is
        // executed.
        forwarded.TimeoutMs = (uint)Math.Max(1, call.DeadlineMs - clock.SteadyMs);
        forwarded.Level = call.Level;
        var span = call.Trace?.Start("forward", ActivityKind.Client)?.Set("gossipdb.peer.id", to.ToString());
        if (span is not null) forwarded.Traceparent = span.Traceparent;
        _forwarded[id] = new Forwarded(call, isWrite, to, call.DeadlineMs + GraceMs, span);
        Send(to, LinkFrames.Forward, forwarded.ToByteArray(), () =>
        {
            if (_forwarded.TryRemove(id, out var unsent))
            {
                unsent.Span?.End("unsent", "the link has no room or was just lost");
                unsent.Call.Refuse(
                    ErrorCode.Unavailable,
                    $"the link to node {to} has no room or was just lost; nothing was {(isWrite ? "applied" : "read")}");
            }
        });
    }

    /// <summary>Takes the answer to a request that was forwarded.</summary>
    /// <exception cref="InvalidProtocolBufferException">It is none.</exception>
    public void TakeReply(byte[] content)
    {
        var reply = Reply.Parser.ParseFrom(content);
        if (!_forwarded.TryRemove(reply.Id, out var forwarded)) return;
        forwarded.Span?.End();
        if (!forwarded.Call.TryMakeRoom(content.Length)) return;
        reply.Id = forwarded.Call.Id;
        forwarded.Call.Complete(reply);
    }

    /// <summary>Gives up on requests whose answer did not come. Called every so often.</summary>
    public void Sweep()
    {
        if (_forwarded.IsEmpty) return;
        var now = clock.SteadyMs;
        foreach (var (id, forwarded) in _forwarded)
        {
            if (forwarded.DeadlineMs > now || !_forwarded.TryRemove(id, out _)) continue;
            forwarded.Span?.End("timeout", "it has not answered by the request's deadline");
            if (forwarded.IsWrite) forwarded.Call.Refuse(
                ErrorCode.Indeterminate,
                $"forwarded to node {forwarded.To}, which did not answer in time; the write may have been applied");
            else forwarded.Call.Refuse(ErrorCode.Timeout, $"forwarded to node {forwarded.To}, which did not answer in time");
        }
    }

    private LinkLoad LoadOf(NodeId other) => links.LoadOf(other);

    private void Release(ServerCall call) => admission.Release(call);

    private void Send(NodeId to, ulong kind, byte[] content, Action? dropped = null) => links[to].Send(kind, content, dropped);
}
