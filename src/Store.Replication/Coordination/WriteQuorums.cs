using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;

namespace Gossipdb.Replication.Coordination;

/// <summary>
/// The writes that a coordinator has made and not answered yet. A class is all writes of one durability, one W, and strict or sloppy. Acks
/// are cumulative, so within a class writes are met in the order of their sequences. So an ack looks only at the head of each class.
/// </summary>
internal sealed class WriteQuorums(IQuorumView quorum, IReplicaEffects effects)
{
    // The clock to answer with is what the write saw of others, together with its own dot.
    private readonly record struct Waiting(WriteRequest Request, Dot Dot, VersionVector Seen);

    private Queue<Waiting>[] _classes = [];

    // Retries of an operation that another coordinator executed. They wait for acks of that coordinator's event.
    private readonly List<Waiting> _foreign = [];

    // What the last write saw. Writes between which nothing of others was applied share one clock. It is never changed.
    private VersionVector _seen = new();

    // The clock of the answer that is being given. It is lent to the host during the call.
    private readonly VersionVector _answer = new();

    // No waiting write has an earlier deadline.
    private long _earliestMs = long.MaxValue;

    /// <summary>How many writes wait.</summary>
    public int Count { get; private set; }

    /// <summary>How many writes are kept. No answered write is kept behind one that still waits.</summary>
    internal int Kept
    {
        get
        {
            var kept = _foreign.Count;
            foreach (var queue in _classes) kept += queue.Count;
            return kept;
        }
    }

    /// <summary>
    /// Waits for the acks of a write at <paramref name="dot"/>. This replica made the write, or found that it was made already.
    /// </summary>
    /// <param name="request">The write.</param>
    /// <param name="dot">A dot of the event that made it.</param>
    /// <param name="clock">
    /// The clock to answer with: it covers the write, and nothing that could be lost while the write is not. It is lent for the call, and
    /// has <paramref name="dot"/> as the last of that replica.
    /// </param>
    /// <param name="self">This replica's id.</param>
    public void Add(WriteRequest request, Dot dot, ClockView clock, ReplicaId self)
    {
        if (!_seen.EqualsApartFrom(dot.Replica, clock) || _seen[dot.Replica] > dot.Sequence) _seen = clock.Copy();
        var waiting = new Waiting(request, dot, _seen);
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
    /// Answers the writes that have waited past their deadline, and drops them wherever they stand in line. It passes over all waiting
    /// writes, and only where one is due.
    /// </summary>
    public void AnswerExpired(long nowMs)
    {
        if (Count == 0 || nowMs < _earliestMs) return;
        _earliestMs = long.MaxValue;
        foreach (var queue in _classes)
        {
            // Once around: the order of the rest stays.
            for (var left = queue.Count; left > 0; left--)
            {
                var waiting = queue.Dequeue();
                if (!TryExpire(waiting, nowMs)) queue.Enqueue(waiting);
            }
        }

        for (var i = _foreign.Count - 1; i >= 0; i--)
            if (TryExpire(_foreign[i], nowMs)) _foreign.RemoveAt(i);
    }

    private bool TryExpire(in Waiting waiting, long nowMs)
    {
        if (waiting.Request.DeadlineMs > nowMs)
        {
            _earliestMs = Math.Min(_earliestMs, waiting.Request.DeadlineMs);
            return false;
        }

        Answer(waiting, Outcome.Indeterminate, quorum.AcksOf(waiting.Request, waiting.Dot));
        return true;
    }

    private bool TryAnswer(in Waiting waiting)
    {
        var acks = quorum.AcksOf(waiting.Request, waiting.Dot);
        if (acks.Count < waiting.Request.Required) return false;
        Answer(waiting, Outcome.Done, acks);
        return true;
    }

    private void Answer(in Waiting waiting, Outcome outcome, Acks acks)
    {
        Count--;
        _answer.Set(waiting.Seen);
        _answer.Advance(waiting.Dot.Replica, waiting.Dot.Sequence);
        effects.Reply(
            waiting.Request,
            new WriteResult(
                outcome, acks.Slots, quorum.ReachableFor(waiting.Request), _answer, StandIns: quorum.NodesOf(acks.Fallbacks)));
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
