using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Handoff;
using Gossipdb.Replication.Membership;

namespace Gossipdb.Replication.Coordination;

/// <summary>
/// The writes a coordinator has made and not yet answered. Acks are cumulative, so within one class (durability, W, strict or sloppy) writes are met in the
/// order of their sequence: an ack looks only at the head of each class.
/// </summary>
internal sealed class WriteQuorums(PeerKnowledge peers, FallbackKnowledge fallbacks, VersionVector applied, VersionVector durable)
{
    private sealed class Waiting(WriteRequest request, Dot dot, VersionVector clock)
    {
        public WriteRequest Request { get; } = request;
        public Dot Dot { get; } = dot;
        public VersionVector Clock { get; } = clock;
    }

    private readonly Queue<Waiting>[] _classes = CreateClasses(peers.Slots.Length);

    // Retries of an operation another coordinator executed wait for that coordinator's event.
    private readonly List<Waiting> _foreign = [];

    // Nothing that waits has an earlier deadline.
    private long _earliestMs = long.MaxValue;

    /// <summary>How many writes wait.</summary>
    public int Count { get; private set; }

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
        if (dot.Replica == self) _classes[ClassOf(request)].Enqueue(waiting);
        else _foreign.Add(waiting);
    }

    /// <summary>Answers every write whose W and durability are met.</summary>
    public void AnswerMet(IReplicaEffects effects)
    {
        foreach (var queue in _classes)
        {
            while (queue.TryPeek(out var head) && TryAnswer(head, effects)) queue.Dequeue();
        }

        for (var i = _foreign.Count - 1; i >= 0; i--)
            if (TryAnswer(_foreign[i], effects)) _foreign.RemoveAt(i);
    }

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

    /// <summary>
    /// Answers what has waited past its deadline, and lets go of it wherever it stands. One pass over all that waits, where something is
    /// due at all.
    /// </summary>
    public void AnswerExpired(long nowMs, IReplicaEffects effects)
    {
        if (Count == 0 || nowMs < _earliestMs) return;
        _earliestMs = long.MaxValue;
        foreach (var queue in _classes)
        {
            // Once around: the order stays.
            for (var left = queue.Count; left > 0; left--)
            {
                var waiting = queue.Dequeue();
                if (!TryExpire(waiting, nowMs, effects)) queue.Enqueue(waiting);
            }
        }

        for (var i = _foreign.Count - 1; i >= 0; i--)
            if (TryExpire(_foreign[i], nowMs, effects)) _foreign.RemoveAt(i);
    }

    private bool TryExpire(Waiting waiting, long nowMs, IReplicaEffects effects)
    {
        if (waiting.Request.DeadlineMs > nowMs)
        {
            _earliestMs = Math.Min(_earliestMs, waiting.Request.DeadlineMs);
            return false;
        }

        var acked = AckedSlots(waiting);
        Answer(waiting, Outcome.Indeterminate, acked, StandingIn(waiting, acked), effects);
        return true;
    }

    private bool TryAnswer(Waiting waiting, IReplicaEffects effects)
    {
        var acked = AckedSlots(waiting);
        var standingIn = StandingIn(waiting, acked);
        if (System.Numerics.BitOperations.PopCount(acked) + System.Numerics.BitOperations.PopCount(standingIn) < waiting.Request.Required) return false;
        Answer(waiting, Outcome.Done, acked, standingIn, effects);
        return true;
    }

    private void Answer(Waiting waiting, Outcome outcome, ulong acked, ulong standingIn, IReplicaEffects effects)
    {
        Count--;
        effects.Reply(waiting.Request, new WriteResult(outcome, acked, peers.ReachableCount, waiting.Clock, StandIns: fallbacks.NodesOf(standingIn)));
    }

    // Rule 3: a replica counts only when its clock of the durability asked for covers the write.
    private ulong AckedSlots(Waiting waiting)
    {
        ulong acked = 0;
        for (var i = 0; i < peers.Slots.Length; i++)
        {
            var slot = peers.Slots[i];
            var own = i == peers.OwnSlot;
            var clock = waiting.Request.Durability == Durability.Memory ? (own ? applied : slot.Applied) : (own ? durable : slot.Durable);
            if (clock.Contains(waiting.Dot)) acked |= 1UL << i;
        }

        return acked;
    }

    // A stand-in's ack means "held durably for the owner", whatever the durability asked for. It counts beside some owner's, never alone: an answer always names who made the write.
    private ulong StandingIn(Waiting waiting, ulong acked) => waiting.Request.Sloppy && acked != 0 ? fallbacks.HoldersOf(waiting.Dot, acked) : 0;

    private static int ClassOf(WriteRequest request) => ((request.Required - 1) * 4) + ((int)request.Durability * 2) + (request.Sloppy ? 1 : 0);

    private static Queue<Waiting>[] CreateClasses(int owners)
    {
        var classes = new Queue<Waiting>[owners * 4];
        for (var i = 0; i < classes.Length; i++) classes[i] = new Queue<Waiting>();
        return classes;
    }
}
