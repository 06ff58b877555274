using System.Numerics;
using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Server;

/// <summary>Where answers go: a stream, a unary call, or the node that forwarded the request.</summary>
internal interface IReplySink
{
    /// <summary>Whose limits the call counts against.</summary>
    CallerAccount Account { get; }

    /// <summary>Whether nobody waits for the answer any more.</summary>
    bool IsGone { get; }

    /// <summary>Finds room for an answer to a read before it is built.</summary>
    /// <returns>False where there is none now: the call has been refused, or the read is made again once there is.</returns>
    bool TryMakeRoom(Call call, long bytes);

    /// <summary>Takes the answer of an admitted call. From any thread, never blocks.</summary>
    void Complete(Call call, Protocol.Reply reply);
}

/// <summary>One admitted request until it is answered.</summary>
internal sealed class Call(Gateway gateway, NodeContext node, IReplySink sink, Protocol.Request request, bool mayForward, int admittedBytes) : IDeferredAnswer
{
    /// <summary>The caller's id.</summary>
    public ulong Id => request.Id;

    /// <summary>The bytes it holds of the node's in-flight limit, its waiting answer included where that is small.</summary>
    public int AdmittedBytes { get; set; } = admittedBytes;

    /// <summary>
    /// The level it is served at, once that is known; null where it bounds its staleness instead. Shared: never to be changed.
    /// </summary>
    public Protocol.Level? Level { get; set; }

    /// <summary>The room its answer has taken of <see cref="AnswerBudget"/>, or waits for.</summary>
    public long AnswerBytes { get; set; }

    /// <summary>
    /// Until when it may take, in steady milliseconds: its timeout counts from its arrival here, whatever becomes of it then.
    /// </summary>
    public long DeadlineMs { get; } = node.Clock.SteadyMs + (request.TimeoutMs > 0 ? request.TimeoutMs : node.Settings.DefaultTimeoutMs);

    /// <summary>Whose limits it counts against.</summary>
    public CallerAccount Account => sink.Account;

    /// <summary>Finds room for the answer to a read before it is built. False: there is nothing left to do.</summary>
    public bool TryMakeRoom(long bytes) => bytes <= AnswerBudget.SmallBytes || sink.TryMakeRoom(this, bytes);

    /// <inheritdoc/>
    public void Resume()
    {
        if (sink.IsGone) gateway.Release(this);
        else if (DeadlineMs <= node.Clock.SteadyMs) Expire(holdsRoom: true);
        else gateway.ServeAgain(request, this, mayForward);
    }

    /// <inheritdoc/>
    public void Expire() => Expire(holdsRoom: false);

    private void Expire(bool holdsRoom)
    {
        if (!holdsRoom) AnswerBytes = 0;
        if (sink.IsGone) gateway.Release(this);
        else Refuse(Protocol.ErrorCode.Overloaded, $"node {node.Settings.Id} had no room for the answer in time: {gateway.Answers.Bytes} bytes of answers were not read by those who asked; the limit is {gateway.Answers.MaxBytes}");
    }

    /// <summary>Hands the answer back.</summary>
    public void Complete(Protocol.Reply reply) => sink.Complete(this, reply);

    /// <summary>Answers with an error that involved no replica.</summary>
    public void Refuse(Protocol.ErrorCode code, string message) =>
        Complete(new Protocol.Reply { Id = Id, Error = new Protocol.Error { Code = code, Message = message } });

    /// <summary>Hands the request to another owner within reach, where it has not been forwarded already: this node's replica does not serve.</summary>
    public bool TryReroute(int partition) => mayForward && gateway.TryReroute(request, this, partition);

    /// <summary>Fails this one call: something happened that nobody foresaw, and changed nothing.</summary>
    public void Fail(string where, string what, Exception unforeseen)
    {
        node.Health.CallFailed(where, what, unforeseen);
        Refuse(Protocol.ErrorCode.Internal, $"{what} failed at node {node.Settings.Id} with an error nobody foresaw ({unforeseen.GetType().Name}), and changed nothing; the node's log says where");
    }

    /// <summary>Answers a write.</summary>
    public void Answer(int partition, WriteRequest request, in WriteResult result)
    {
        try
        {
            AnswerAs(partition, request, result);
        }
        catch (Exception unforeseen)
        {
            // What was done is done: only its answer is missing.
            node.Health.CallFailed($"partition {partition}", "the answer to a write", unforeseen);
            Refuse(Protocol.ErrorCode.Indeterminate, $"the write ended as {result.Outcome} at node {node.Settings.Id}, whose answer failed with an error nobody foresaw ({unforeseen.GetType().Name})");
        }
    }

    private void AnswerAs(int partition, WriteRequest request, in WriteResult result)
    {
        if (result.Outcome == Outcome.Done)
        {
            Complete(new Protocol.Reply
            {
                Id = Id,
                Written = Written,
                Receipt = Receipt(partition, result.Clock, result.AckedSlots, request.Required, result.StandIns),
            });
            return;
        }

        if (result.Outcome == Outcome.NotServing && TryReroute(partition)) return;
        Complete(Refusal(partition, request, result.Outcome, result.AckedSlots, result.Reachable, result.Message, result.Clock, result.StandIns));
    }

    /// <summary>Who took part, this node first, and the clock; empty where there was nothing to see.</summary>
    public Protocol.Receipt Receipt(int partition, ClockView clock, ulong slots, int required, IReadOnlyList<NodeId>? standIns)
    {
        var receipt = new Protocol.Receipt { Clock = Wire.ToClock(partition, clock), Required = (uint)required, Level = Level };
        var owners = node.Placement.HoldersOf(partition);
        var self = node.Settings.Id;
        for (var pass = 0; pass < 2; pass++)
        {
            for (var slot = 0; slot < owners.Count; slot++)
                if ((slots & (1UL << slot)) != 0 && (owners[slot] == self) == (pass == 0)) receipt.Nodes.Add((uint)owners[slot].Value);
        }

        for (var i = 0; i < standIns?.Count; i++) receipt.StandIns.Add((uint)standIns[i].Value);
        return receipt;
    }

    /// <summary>The error reply of an outcome, in one sentence with its numbers.</summary>
    public Protocol.Reply Refusal(int partition, ClientRequest request, Outcome outcome, ulong slots, int reachable, string? message, ClockView clock = default, IReadOnlyList<NodeId>? standIns = null)
    {
        var owners = node.Layout.Replication;
        var acked = BitOperations.PopCount(slots) + (standIns?.Count ?? 0);
        var quorum = request is WriteRequest ? "W" : "R";
        var (code, text) = outcome switch
        {
            Outcome.Unavailable => (Protocol.ErrorCode.Unavailable,
                $"{quorum}={request.Required} of {owners} replicas needed, {reachable} within reach of node {node.Settings.Id}{(message is null ? "" : $" ({message})")}; nothing was {(quorum == "W" ? "applied" : "read")}"),
            Outcome.NotServing => (Protocol.ErrorCode.Unavailable, $"{message} (node {node.Settings.Id}); nothing was {(quorum == "W" ? "applied" : "read")}"),
            Outcome.Indeterminate => (Protocol.ErrorCode.Indeterminate,
                $"applied, but only {acked} of W={request.Required} replicas acked in time; the write may still reach all of them"),
            Outcome.TimedOut => (Protocol.ErrorCode.Timeout, $"only {acked} of R={request.Required} replicas answered in time"),
            Outcome.WrongType => (Protocol.ErrorCode.WrongType, message!),
            Outcome.Expired => (Protocol.ErrorCode.Expired, message!),
            Outcome.SessionUnavailable => (Protocol.ErrorCode.SessionUnavailable, message!),
            Outcome.SessionLost => (Protocol.ErrorCode.SessionLost, message!),
            Outcome.Stale => (Protocol.ErrorCode.Stale, message!),
            Outcome.Overloaded => (Protocol.ErrorCode.Overloaded, message!),
            Outcome.InsufficientRights => (Protocol.ErrorCode.InsufficientRights, message!),
            Outcome.InvalidArgument => (Protocol.ErrorCode.InvalidArgument, message!),
            Outcome.TooLarge => (Protocol.ErrorCode.TooLarge, $"{message}; nothing was applied"),
            Outcome.Internal => (Protocol.ErrorCode.Internal, $"{message} (node {node.Settings.Id}); nothing was {(quorum == "W" ? "applied" : "read")}"),
            _ => throw new InvalidOperationException($"no reply for {outcome}"),
        };
        var error = new Protocol.Error { Code = code, Message = text, Required = (uint)request.Required, Reachable = (uint)reachable, Acked = (uint)acked };
        if (outcome == Outcome.SessionLost) error.Lost.Add(Wire.ToClock(partition, clock).Entries);
        return new Protocol.Reply { Id = Id, Error = error };
    }

    private static readonly Protocol.Written Written = new();
}
