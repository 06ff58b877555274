using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;

namespace Gossipdb.Replication.Coordination;

/// <summary>
/// The writes a coordinator has made and not yet answered. Acks are cumulative, so within one class (durability, W, strict or sloppy)
/// writes are met in the order of their sequence: an ack looks only at the head of each class.
/// </summary>
internal sealed class WriteQuorums(IQuorumView quorum, IReplicaEffects effects)
{
    private sealed class Waiting(WriteRequest request, Dot dot, VersionVector clock)
    {
        public WriteRequest Request { get; } = request;
        public Dot Dot { get; } = dot;
        public VersionVector Clock { get; } = clock;
    }

    private Queue<Waiting>[] _classes = [];

    // Retries of an operation another coordinator executed wait for that coordinator's event.
    private readonly List<Waiting> _foreign = [];

    // Nothing that waits has an earlier deadline.
    private long _earliestMs = long.MaxValue;

    /// <summary>How many writes wait.</summary>
    public int Count { get; private set; }

    /// <summary>How many writes are kept, answered ones included: none of those is kept behind one that waits on.</summary>
    internal int Kept
    {
        get
        {
            var kept = _foreign.Count;
            foreach (var queue in _classes) kept += queue.Count;
            return kept;
        }
    }

    /// <summary>Waits for the acks of a write this replica made, or found already made, at <paramref name="dot"/>.</summary>
    /// <param name="request">The write.</param>
    /// <param name="dot">A dot of the event that made it.</param>
    /// <param name="clock">What to answer with: a clock that covers the write and no more than survives where the write does.</param>
    /// <param name="self">This replica.</param>
    public void Add(WriteRequest request, Dot dot, VersionVector clock, ReplicaId self)
    {
        var waiting = new Waiting(request, dot, clock);
        Count++;
        _earliestMs = Math.Min(_earliestMs, request.DeadlineMs);
        if (dot.Replica == self) ClassOf(request).Enqueue(waiting);
        else _foreign.Add(waiting);
    }

    /// <summary>Answers every write whose W and durability are met.</summary>
    public void AnswerMet()
    {
        if (Count == 0) return;
        foreach (var queue in _classes)
        {
            while (queue.TryPeek(out var head) && TryAnswer(head)) queue.Dequeue();
        }

        for (var i = _foreign.Count - 1; i >= 0; i--)
            if (TryAnswer(_foreign[i])) _foreign.RemoveAt(i);
    }

    /// <summary>
    /// Answers what has waited past its deadline, and lets go of it wherever it stands. One pass over all that waits, where something is
    /// due at all.
    /// </summary>
    public void AnswerExpired(long nowMs)
    {
        if (Count == 0 || nowMs < _earliestMs) return;
        _earliestMs = long.MaxValue;
        foreach (var queue in _classes)
        {
            // Once around: the order stays.
            for (var left = queue.Count; left > 0; left--)
            {
                var waiting = queue.Dequeue();
                if (!TryExpire(waiting, nowMs)) queue.Enqueue(waiting);
            }
        }

        for (var i = _foreign.Count - 1; i >= 0; i--)
            if (TryExpire(_foreign[i], nowMs)) _foreign.RemoveAt(i);
    }

    private bool TryExpire(Waiting waiting, long nowMs)
    {
        if (waiting.Request.DeadlineMs > nowMs)
        {
            _earliestMs = Math.Min(_earliestMs, waiting.Request.DeadlineMs);
            return false;
        }

        Answer(waiting, Outcome.Indeterminate, quorum.AcksOf(waiting.Request, waiting.Dot));
        return true;
    }

    private bool TryAnswer(Waiting waiting)
    {
        var acks = quorum.AcksOf(waiting.Request, waiting.Dot);
        if (acks.Count < waiting.Request.Required) return false;
        Answer(waiting, Outcome.Done, acks);
        return true;
    }

    private void Answer(Waiting waiting, Outcome outcome, Acks acks)
    {
        Count--;
        effects.Reply(
            waiting.Request,
            new WriteResult(
                outcome, acks.Slots, quorum.ReachableFor(waiting.Request), waiting.Clock, StandIns: quorum.NodesOf(acks.Fallbacks)));
    }

    private Queue<Waiting> ClassOf(WriteRequest request)
    {
        var index = ((request.Required - 1) * 4) + ((int)request.Durability * 2) + (request.Sloppy ? 1 : 0);
        if (index >= _classes.Length) AddClasses(index + 1);
        return _classes[index];
    }

    private void AddClasses(int count)
    {
        var known = _classes.Length;
        Array.Resize(ref _classes, count);
        for (var i = known; i < count; i++) _classes[i] = new Queue<Waiting>();
    }
}
