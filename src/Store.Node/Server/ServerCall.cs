using Gossipdb.Node.Partitions;
using Gossipdb.Node.Tracing;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Server;

/// <summary>One admitted request until it is answered.</summary>
internal sealed class ServerCall(Gateway gateway, IReplySink sink, Protocol.Request request, bool mayForward, int admittedBytes)
    : IDeferredAnswer
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

    /// <summary>Its trace; null where it is not traced.</summary>
    public TracedCall? Trace { get; init; }

    private readonly long _arrivedUs = gateway.Clock.SteadyUs;

    /// <summary>
    /// Until when it may take, in steady milliseconds: its timeout counts from its arrival here, whatever becomes of it then.
    /// </summary>
    public long DeadlineMs => (_arrivedUs / 1_000) + (request.TimeoutMs > 0 ? request.TimeoutMs : gateway.Settings.DefaultTimeoutMs);

    /// <summary>Whose limits it counts against.</summary>
    public CallerAccount Account => sink.Account;

    /// <summary>Finds room for the answer to a read before it is built. False: there is nothing left to do.</summary>
    public bool TryMakeRoom(long bytes) => bytes <= AnswerBudget.SmallBytes || sink.TryMakeRoom(this, bytes);

    /// <inheritdoc/>
    public void Resume()
    {
        if (sink.IsGone) Abandon();
        else if (DeadlineMs <= gateway.Clock.SteadyMs) Expire(holdsRoom: true);
        else gateway.ServeAgain(request, this, mayForward);
    }

    /// <inheritdoc/>
    public void Expire() => Expire(holdsRoom: false);

    private void Expire(bool holdsRoom)
    {
        if (!holdsRoom) AnswerBytes = 0;
        if (sink.IsGone) Abandon();
        else Refuse(
            Protocol.ErrorCode.Overloaded,
            $"node {gateway.Settings.Id} had no room for the answer in time: {gateway.Admission.Answers.Bytes} bytes of answers were not "
            + $"read by those who asked; the limit is {gateway.Admission.Answers.MaxBytes}");
    }

    /// <summary>What answers are made with.</summary>
    public Replies Replies => gateway.Replies;

    /// <summary>Hands the answer back.</summary>
    public void Complete(Protocol.Reply reply)
    {
        if (mayForward)
        {
            gateway.Audit.Answered(request, reply, sink.Caller);
            gateway.Calls.Answered(request, Level, reply, gateway.Clock.SteadyUs - _arrivedUs);
        }

        if (Trace is not null) CallSpans.Answered(Trace.Span, Level, reply);
        sink.Complete(this, reply);
    }

    // Nobody waits for it any more.
    private void Abandon()
    {
        Trace?.Span.End("cancelled", "the caller has gone");
        gateway.Admission.Release(this);
    }

    /// <summary>Answers with an error that involved no replica.</summary>
    public void Refuse(Protocol.ErrorCode code, string message) =>
        Complete(new Protocol.Reply { Id = Id, Error = new Protocol.Error { Code = code, Message = message } });

    /// <summary>
    /// Hands the request to another owner within reach, where it has not been forwarded already: this node's replica does not serve.
    /// </summary>
    public bool TryReroute(int partition) => mayForward && gateway.TryReroute(request, this, partition);

    /// <summary>Fails this one call: something happened that nobody foresaw, and changed nothing.</summary>
    public void Fail(string where, string what, Exception unforeseen)
    {
        gateway.Health.CallFailed(where, what, unforeseen);
        Refuse(Protocol.ErrorCode.Internal, $"{what} failed at node {gateway.Settings.Id} with an error nobody foresaw "
            + $"({unforeseen.GetType().Name}), and changed nothing; the node's log says where");
    }

    /// <summary>The part it was sent to has ended: hands the request to another owner, or refuses it.</summary>
    public void PartEnded(ClientRequest core)
    {
        var key = core is ReadRequest { Keys: [var first, ..] } ? first : core.Key;
        var isScan = core is ReadRequest { Scan: not null };
        if (!isScan && TryReroute(Partitioner.PartitionOf(key.Span, gateway.Settings.Partitions))) return;
        Refuse(
            Protocol.ErrorCode.Unavailable,
            core is WriteRequest ? $"{PartitionDirectory.Ended}; nothing was applied" : PartitionDirectory.Ended);
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
            gateway.Health.CallFailed($"partition {partition}", "the answer to a write", unforeseen);
            Refuse(Protocol.ErrorCode.Indeterminate, $"the write ended as {result.Outcome} at node {gateway.Settings.Id}, whose answer "
                + $"failed with an error nobody foresaw ({unforeseen.GetType().Name})");
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
                Receipt = gateway.Replies.Receipt(Level, partition, result.Clock, result.AckedSlots, request.Required, result.StandIns),
            });
            return;
        }

        if (result.Outcome == Outcome.NotServing && TryReroute(partition)) return;
        Complete(gateway.Replies.Refusal(Id, partition, request, result));
    }

    private static readonly Protocol.Written Written = new();
}
