using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.State;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;

namespace Gossipdb.Replication.Tests.State;

public sealed class EventLogTests
{
    [Fact]
    public void Missing_events_come_in_causal_order_and_in_bounded_pieces()
    {
        var log = new EventLog();
        var clock = new VersionVector();
        var order = new List<ReplicaEvent>();
        for (var i = 0; i < 40; i++)
        {
            var made = Make(i % 3 == 0 ? A : B, clock, "key", $"e{i}", default);
            clock.Advance(made.Origin, made.Last.Sequence);
            log.Append(made);
            order.Add(made);
        }

        var behind = Clock((A, 5), (B, 11));
        var rounds = 0;
        for (var more = true; more; rounds++)
        {
            var missing = new List<byte[]>();
            more = log.CollectMissing(behind, 300, missing);
            Assert.True(missing.Count == 1 || missing.Sum(encoded => encoded.Length) <= 300);
            foreach (var encoded in missing)
            {
                var next = ReplicaEvent.Decode(encoded);
                Assert.True(next.IsApplicableAt(behind), $"{next.Last} came too early at {behind}");
                behind.Advance(next.Origin, next.Last.Sequence);
            }
        }

        Assert.Equal(clock, behind);
        Assert.True(rounds > 2);
    }

    [Fact]
    public void Past_its_bytes_the_log_forgets_the_oldest_events_and_says_how_far_back_it_reaches()
    {
        var clock = new VersionVector();
        var events = new List<ReplicaEvent>();
        for (var i = 0; i < 20; i++)
        {
            var made = Make(i % 3 == 0 ? A : B, clock, "key", $"e{i}", default);
            clock.Advance(made.Origin, made.Last.Sequence);
            events.Add(made);
        }

        var log = new EventLog(events.TakeLast(5).Sum(made => made.Encoded.Length));
        var before = new VersionVector();
        foreach (var made in events) log.Append(made);
        foreach (var made in events.SkipLast(5)) before.Advance(made.Origin, made.Last.Sequence);
        Assert.Equal(5, log.Count);
        Assert.True(log.ReachesBackTo(before));
        Assert.False(log.ReachesBackTo(VersionVector.Minimum(before, Clock((A, 1), (B, 99)))));

        var sent = new List<byte[]>();
        Assert.False(log.CollectMissing(before, int.MaxValue, sent));
        Assert.Equal(events.TakeLast(5).Select(made => made.Encoded), sent);
        log.StartAt(clock);
        Assert.False(log.ReachesBackTo(before));
        Assert.True(log.ReachesBackTo(clock));
    }

    /// <summary>The log uses its arrays again. No event that is held may be overwritten, and what was handed out stays as it is.</summary>
    [Fact]
    public void Events_of_all_sizes_stay_as_they_are_until_they_are_forgotten()
    {
        var log = new EventLog(maxBytes: 150_000);
        var clock = new VersionVector();
        var held = new Queue<byte[]>();
        var handedOut = new List<(byte[] Bytes, byte[] Expected)>();
        for (var i = 0; i < 10_000; i++)
        {
            var length = i % 11 == 0 ? 2_000 + (i % 1_000) : i % 7 * 150;
            var made = Make(i % 3 == 0 ? A : B, clock, "key", new string((char)('a' + (i % 26)), length), default);
            clock.Advance(made.Origin, made.Last.Sequence);
            log.Append(made);
            held.Enqueue([.. made.Encoded]);
            while (held.Count > log.Count) held.Dequeue();
            if (i % 1_000 != 0) continue;
            var sent = new List<byte[]>();
            log.CollectMissing(log.Forgotten, int.MaxValue, sent);
            Assert.Equal(held, sent);
            Assert.Equal(held.Sum(static encoded => (long)encoded.Length), log.Bytes);
            handedOut.Add((sent[^1], held.Last()));
        }

        Assert.True(log.Count < 1_000);
        Assert.All(handedOut, static sent => Assert.Equal(sent.Expected, sent.Bytes));
    }

    /// <summary>A full log goes on without new arrays: otherwise every event would cost its bytes twice.</summary>
    [Fact]
    public void A_full_log_allocates_nothing()
    {
        var log = new EventLog(maxBytes: 1_000_000);
        var clock = new VersionVector();
        var events = new List<ReplicaEvent>();
        for (var i = 0; i < 10_000; i++)
        {
            var made = Make(A, clock, "key", $"a value of some length, as values are: {i}", default);
            clock.Advance(A, made.Last.Sequence);
            events.Add(made);
        }

        foreach (var made in events) log.Append(made);
        foreach (var made in events) log.Append(made);
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var made in events) log.Append(made);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
