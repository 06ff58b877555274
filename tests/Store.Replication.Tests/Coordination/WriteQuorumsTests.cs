using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Coordination;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Tests.Harness;

namespace Gossipdb.Replication.Tests.Coordination;

public sealed class WriteQuorumsTests
{
    private static readonly ReplicaId Self = new(7);

    [Fact]
    public void Nothing_that_was_answered_is_kept_behind_a_write_that_waits_on()
    {
        var effects = new RecordingEffects();
        var writes = new WriteQuorums(new OwnAcks(new VersionVector()), effects);
        var random = new Random(1);
        var alive = new List<(long Deadline, long Sequence)>();
        long sequence = 0;
        for (long now = 0; now < 10_000; now += 100)
        {
            for (var i = 0; i < 20; i++)
            {
                // Every twentieth lives long, and stands before the others.
                var deadline = now + (i == 0 ? 8_000 : random.Next(100, 1_000));
                alive.Add((deadline, ++sequence));
                writes.Add(
                    Write(deadline, required: 1 + random.Next(3)),
                    new Dot(random.Next(5) == 0 ? new ReplicaId(8) : Self, sequence),
                    new VersionVector(),
                    Self);
            }

            effects.Writes.Clear();
            writes.AnswerExpired(now);
            Assert.Equal(alive.RemoveAll(write => write.Deadline <= now), effects.Writes.Count);
            Assert.All(effects.Writes, static written => Assert.Equal(Outcome.Indeterminate, written.Outcome));
            Assert.Equal((alive.Count, alive.Count), (writes.Count, writes.Kept));
        }
    }

    [Fact]
    public void What_waits_on_is_still_answered_in_order()
    {
        var effects = new RecordingEffects();
        var applied = new VersionVector();
        var writes = new WriteQuorums(new OwnAcks(applied), effects);
        for (var i = 1; i <= 6; i++)
            writes.Add(Write(deadlineMs: i % 2 == 0 ? 50 : 1_000, required: 1), new Dot(Self, i), new VersionVector(), Self);
        writes.AnswerExpired(100);
        Assert.Equal(3, effects.Writes.Count);
        applied.Advance(Self, 3);
        writes.AnswerMet();
        Assert.Equal(2, effects.Writes.Count(static written => written.Outcome == Outcome.Done));
        applied.Advance(Self, 5);
        writes.AnswerMet();
        Assert.Equal((0, 0, 3), (writes.Count, writes.Kept, effects.Writes.Count(static written => written.Outcome == Outcome.Done)));
    }

    private static WriteRequest Write(long deadlineMs, int required) =>
        new() { Key = Trio.Key("k"), Operation = new CounterIncrement(1), Required = required, DeadlineMs = deadlineMs };

    // Acks of slot 0 alone, as far as a clock goes.
    private sealed class OwnAcks(VersionVector clock) : IQuorumView
    {
        public ulong OwnSlot => 1;

        public NodeId? OwnFallback => null;

        public int AvailableTo(ClientRequest request) => 3;

        public string? NotCounted(ClientRequest request) => null;

        public int ReachableFor(ClientRequest request) => 3;

        public Acks AcksOf(WriteRequest request, Dot dot) => new(clock.Contains(dot) ? 1UL : 0, 0);

        public NodeId[]? NodesOf(ulong fallbacks) => null;

        public void WriteBegins(WriteRequest request) => throw new NotSupportedException();

        public void AskForAcks() => throw new NotSupportedException();

        public void Ask(PendingRead read, int howMany, ulong silent, long nowMs) => throw new NotSupportedException();
    }
}
