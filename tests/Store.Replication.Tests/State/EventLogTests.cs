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
}
