using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Counters;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Rights;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Coordination;

/// <summary>
/// Takes clients' requests and answers them. It serves owners and fallback nodes alike, over two small views: the state that it reads and
/// writes, and the nodes whose acks count.
/// <para>A request that cannot be served is refused before anything is applied. A request whose session token or staleness bound is not met
/// yet is held back. The others are executed, and their acks and answers are counted.</para>
/// </summary>
/// <param name="state">The state that it reads and writes.</param>
/// <param name="quorum">The nodes whose acks and answers count.</param>
/// <param name="rights">Brings rights of bounded counters from others; null where no rights can be had.</param>
/// <param name="settings">Limits.</param>
/// <param name="effects">The host.</param>
internal sealed class Coordinator(
    ICoordinatedState state, IQuorumView quorum, RightsTransfer? rights, ReplicaSettings settings, IReplicaEffects effects)
{
    private readonly WriteQuorums _writes = new(quorum, effects);
    private readonly ReadQuorums _reads = new(state, quorum, settings, effects);

    // Requests that wait until their token or their staleness bound is met, or until it is known whether they can be served.
    private readonly List<(ClientRequest Request, long SinceMs)> _heldBack = [];
    private readonly ByteWriter _scratch = new();

    // The event of the write that is being executed. It is lent to whoever applies it, and the next write's takes its place.
    private readonly ReplicaEvent _made = new();

    /// <summary>How many requests wait.</summary>
    public int Waiting => _writes.Count + _reads.Count + _heldBack.Count + (rights?.Waiting ?? 0);

    /// <summary>Executes a client's request, or refuses it before anything is applied.</summary>
    public void Handle(ClientRequest request, long nowMs)
    {
        if (Waiting >= settings.MaxWaiting)
        {
            Refuse(request, Outcome.Overloaded, $"{Waiting} operations wait at this {state.Name}");
        }
        else if (request.DeadlineMs <= nowMs)
        {
            Refuse(request, Outcome.Expired, "the request arrived after its deadline");
        }
        else if (state.WhyNot(request) is { } refusal)
        {
            Refuse(request, refusal);
        }
        else if (state.IsCatchingUp)
        {
            _heldBack.Add((request, nowMs));
        }
        else if (quorum.AvailableTo(request) < request.Required)
        {
            Refuse(request, Outcome.Unavailable, quorum.NotCounted(request));
        }
        else if (state.IsReady(request))
        {
            Execute(request, nowMs);
        }
        else if (state.WhyHopeless(request) is { } hopeless)
        {
            Refuse(request, hopeless);
        }
        else
        {
            _heldBack.Add((request, nowMs));
            state.AskForWhatIsMissing(request);
        }
    }

    /// <summary>Answers the writes whose W is met. Call it when somebody's clock has risen.</summary>
    public void AnswerMet() => _writes.AnswerMet();

    /// <summary>Answers the reads that waited for changes and have them now.</summary>
    public void AnswerCaughtUp() => _reads.AnswerCaughtUp();

    /// <summary>Takes an owner's answer to a read.</summary>
    public void Take(int slot, ReadAnswerMessage answer) => _reads.Take(slot, answer);

    /// <summary>Takes a fallback node's answer to a read.</summary>
    public void TakeOfFallback(NodeId from, ReadAnswerMessage answer) => _reads.TakeOfFallback(from, answer);

    /// <inheritdoc cref="ReadQuorums.IsAsked"/>
    public bool IsAsked(ulong read, NodeId fallback) => _reads.IsAsked(read, fallback);

    /// <inheritdoc cref="ReadQuorums.FallbackCaughtUp"/>
    public void FallbackCaughtUp(NodeId from) => _reads.FallbackCaughtUp(from);

    /// <inheritdoc cref="ReadQuorums.HolderChanged"/>
    public void HolderChanged(int slot) => _reads.HolderChanged(slot);

    /// <summary>
    /// Ends a batch of inputs. Executes the requests that waited for rights, for their token or for their staleness bound, and have them
    /// now.
    /// </summary>
    public void Flush(long nowMs)
    {
        while (rights?.TakeReady(nowMs) is { } entitled) Write(entitled, nowMs);
        for (var i = 0; i < _heldBack.Count; i++)
        {
            var request = _heldBack[i].Request;
            if (state.IsCatchingUp || state.WhyNot(request) is not null) continue;
            if (!state.IsReady(request))
            {
                if (state.WhyHopeless(request) is not { } hopeless) continue;
                _heldBack.RemoveAt(i--);
                Refuse(request, hopeless);
                continue;
            }

            _heldBack.RemoveAt(i--);
            if (quorum.AvailableTo(request) < request.Required) Refuse(request, Outcome.Unavailable, quorum.NotCounted(request));
            else Execute(request, nowMs);
        }
    }

    /// <summary>Lets time pass: asks more peers for slow reads, and answers what has waited past its deadline.</summary>
    public void Tick(long nowMs)
    {
        _reads.Tick(nowMs);
        _writes.AnswerExpired(nowMs);
        if (rights is { Waiting: > 0 })
        {
            var unmet = new List<(WriteRequest Request, string Reason)>();
            rights.TakeExpired(nowMs, unmet);
            foreach (var (request, reason) in unmet) Refuse(request, Outcome.InsufficientRights, reason);
        }

        if (_heldBack.Count > 0) RefuseUnready(nowMs);
    }

    /// <summary>Refuses the requests that wait to be executed. Nothing is executed here any more.</summary>
    public void RefuseHeldBack(string reason)
    {
        foreach (var (request, _) in _heldBack) Refuse(request, Outcome.NotServing, reason);
        _heldBack.Clear();
        while (rights?.TakeAny() is { } waiting) Refuse(waiting, Outcome.NotServing, reason);
    }

    private void RefuseUnready(long nowMs)
    {
        var kept = 0;
        List<ClientRequest>? expired = null;
        for (var i = 0; i < _heldBack.Count; i++)
        {
            var (request, sinceMs) = _heldBack[i];
            if (request.DeadlineMs > nowMs && !state.IsBetterElsewhere(request, nowMs - sinceMs)) _heldBack[kept++] = (request, sinceMs);
            else (expired ??= []).Add(request);
        }

        if (expired is null) return;
        _heldBack.RemoveRange(kept, _heldBack.Count - kept);
        foreach (var request in expired) Refuse(request, state.WhyNotReady(request));
    }

    private void Execute(ClientRequest request, long nowMs)
    {
        if (request is ReadRequest read) _reads.Start(read, nowMs);
        else Write((WriteRequest)request, nowMs);
    }

    private void Write(WriteRequest request, long nowMs)
    {
        if (state.WhyNotWrite() is { } refusal)
        {
            Refuse(request, refusal);
            return;
        }

        if (IsPast(request))
        {
            Refuse(request, Outcome.Expired, "the operation's deadline has passed: it is not executed any more");
            return;
        }

        quorum.WriteBegins(request);
        var context = state.NewContext(request.OperationId);
        var execution = Execution.Of(
            request, state.Keys, context, state.Clock, settings.MaxChangeBytes, _scratch, effects, _made);

        if (execution.ExecutedAs is { } dot)
        {
            // The operation was executed before, and would take effect again. So this retry waits for the acks of the event that made it. A
            // replica that has the event's dot has all that the event depends on.
            var executed = new VersionVector();
            executed.Advance(dot.Replica, dot.Sequence);
            if (request.IsFollowed) effects.Follow(request, dot, isRetry: true);
            _writes.Add(request, dot, executed, state.Id);
            if (dot.Replica != state.Id) quorum.AskForAcks();
            _writes.AnswerMet();
        }
        else if (execution.Lacking is { } insufficient)
        {
            if (rights?.TryWait(request, insufficient, nowMs) != true) Refuse(request, Outcome.InsufficientRights, insufficient.Message);
        }
        else if (execution.Made is not { } made)
        {
            Refuse(request, execution.Refusal, execution.Message);
        }
        else if (state.TryMake(made, request.Durability) is { } noRoom)
        {
            Refuse(request, noRoom);
        }
        else
        {
            if (request.IsFollowed) effects.Follow(request, made.Last, isRetry: false);
            _writes.Add(request, made.Last, state.ClockFor(made), state.Id);
            if (request is { Required: 1, Durability: Durability.Memory }) _writes.AnswerMet();
        }

        // Nobody looks at the deltas any more.
        if (_made.Changes is [{ Delta: PNCounter increment }]) context.Spare = increment;
        _made.Clear();
    }

    private bool IsPast(WriteRequest request)
    {
        if (IsPast(request.OperationId)) return true;
        for (var i = 0; i < request.Batch?.Count; i++)
            if (IsPast(request.Batch[i].Id)) return true;
        return false;
    }

    private bool IsPast(in OperationId id) => id.IsGiven && id.DeadlineUnixMs <= state.NamesPassedMs;

    private void Refuse(ClientRequest request, in Refusal refusal) => Refuse(request, refusal.Outcome, refusal.Message, refusal.Lost);

    private void Refuse(ClientRequest request, Outcome outcome, string? message, VersionVector? lost = null)
    {
        var clock = lost ?? state.Applied;
        if (request is ReadRequest read)
            effects.Reply(read, new ReadResult(outcome, null, 0, quorum.AvailableTo(request), clock, message));
        else
            effects.Reply((WriteRequest)request, new WriteResult(outcome, 0, quorum.AvailableTo(request), clock, message));
    }
}
