using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Sequences;
using Gossipdb.Replication.State;

namespace Gossipdb.Replication.Tests;

public sealed class EventTests
{
    private static readonly ReplicaId A = new(0xa1);
    private static readonly ReplicaId B = new(0xb1);

    [Fact]
    public void An_event_survives_its_encoding()
    {
        var made = Make(A, Clock((A, 4), (B, 2)), "key", "x", new OperationId(7, 9, 1234));
        var read = ReplicaEvent.Decode(made.Encoded);
        Assert.Equal((made.First, made.Count, made.Last, made.Timestamp), (read.First, read.Count, read.Last, read.Timestamp));
        Assert.Equal(made.Clock, read.Clock);
        Assert.Equal((7UL, 9UL, 1234L), (read.Operation.Client, read.Operation.Number, read.Operation.DeadlineUnixMs));
        Assert.Equal("key", read.Changes.Single().Key.ToString());
    }

    [Fact]
    public void The_bytes_of_an_event_never_change()
    {
        var made = Make(A, Clock((A, 4), (B, 2)), "key", "x", new OperationId(7, 9, 1234));
        Assert.Equal(
            "01A100000000000000050101B100000000000000020100000000000000010700000000000000" + "09A4130103" + "6B6579",
            Convert.ToHexString(made.Encoded)[..92]);
    }

    [Fact]
    public void Truncated_or_altered_bytes_are_refused()
    {
        var encoded = Make(A, Clock((B, 2)), "key", "x", new OperationId(7, 9, 1234)).Encoded;
        for (var length = 0; length < encoded.Length; length++)
            Assert.Throws<CorruptDataException>(() => ReplicaEvent.Decode(encoded[..length]));
        for (var i = 0; i < encoded.Length; i++)
        {
            var altered = (byte[])encoded.Clone();
            altered[i] ^= 0x80;
            try
            {
                ReplicaEvent.Decode(altered);
            }
            catch (CorruptDataException)
            {
                // Some flips make other valid events; none may do worse than this.
            }
        }
    }

    [Fact]
    public void An_event_is_applicable_only_right_after_its_dependencies()
    {
        var made = Make(A, Clock((A, 4), (B, 2)), "key", "x", default);
        Assert.True(made.IsApplicableAt(Clock((A, 4), (B, 2))));
        Assert.True(made.IsApplicableAt(Clock((A, 4), (B, 3))));
        Assert.False(made.IsApplicableAt(Clock((A, 3), (B, 2))));
        Assert.False(made.IsApplicableAt(Clock((A, 5), (B, 2))));
        Assert.False(made.IsApplicableAt(Clock((A, 4), (B, 1))));
    }

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
    public void The_durable_clock_follows_the_journal_and_stops_where_something_is_to_be_done_first()
    {
        var journal = new JournalProgress();
        journal.Append(new Dot(A, 1));
        journal.Append(new Dot(B, 1));
        journal.Append(new Dot(A, 2));
        var last = journal.Append(Clock((B, 9)), new SealIsDurable());
        journal.Append(new Dot(A, 3));

        Assert.Null(journal.MarkDurable(3));
        Assert.Equal(Clock((A, 2), (B, 1)), journal.Durable.Copy());
        Assert.Null(journal.MarkDurable(2));
        Assert.Equal(Clock((A, 2), (B, 1)), journal.Durable.Copy());
        Assert.Equal([new SealIsDurable()], journal.Pending);
        Assert.Equal(new SealIsDurable(), journal.MarkDurable(last + 1));
        Assert.Equal(Clock((A, 2), (B, 9)), journal.Durable.Copy());
        Assert.Empty(journal.Pending);
        Assert.Null(journal.MarkDurable(last + 1));
        Assert.Equal(Clock((A, 3), (B, 9)), journal.Durable.Copy());
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

    private static ReplicaEvent Make(ReplicaId origin, VersionVector clock, string key, string element, OperationId id)
    {
        var context = new UpdateContext(origin, clock, new HybridTimestamp(1), id);
        var delta = Crdt.Crdt.Bottom(CrdtType.Set).Mutate(new SetAdd([Bytes.FromText(element)]), context);
        return ReplicaEvent.Create(context, [new KeyChange(Bytes.FromText(key), delta, ChangeKind.Create)], new ByteWriter());
    }

    private static VersionVector Clock(params (ReplicaId Replica, long Sequence)[] entries)
    {
        var clock = new VersionVector();
        foreach (var (replica, sequence) in entries) clock.Advance(replica, sequence);
        return clock;
    }
}
