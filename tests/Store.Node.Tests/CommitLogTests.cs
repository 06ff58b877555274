using System.Collections.Immutable;
using Akka.Actor;
using Akka.Persistence;
using Akka.Persistence.Journal;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Gossipdb.Node.Actors;
using Gossipdb.Node.Journal;

namespace Gossipdb.Node.Tests;

public sealed class CommitLogTests : TestKit
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly NodeContext _node = TestSettings.ContextOf(TestSettings.Parse("gossipdb.cluster.partitions = 2\ngossipdb.journal.outstanding = 4"));
    private readonly TestProbe[] _partitions;

    public CommitLogTests()
        : base("""
            akka.persistence.journal.plugin = "gossipdb-test.journal"
            akka.persistence.snapshot-store.plugin = "akka.persistence.no-snapshot-store"
            gossipdb-test.journal.recovery-event-timeout = 3s
            gossipdb-test.journal.replay-filter.mode = off
            gossipdb-test.journal.class = "Gossipdb.Node.Tests.CommitLogTests+HeldJournal, Gossipdb.Node.Tests"
            """)
    {
        HeldJournal.Reset();
        _partitions = [CreateTestProbe("partition-0"), CreateTestProbe("partition-1")];
        for (var partition = 0; partition < 2; partition++) _node.Partitions[partition] = _partitions[partition].Ref;
    }

    [Fact]
    public async Task What_waits_while_a_record_is_written_is_committed_together_and_confirmed_in_order()
    {
        var log = Start();

        log.Tell(Append(0, 1));
        Assert.Equal([1], HeldJournal.NextWrite());
        log.Tell(Append(1, 1));
        log.Tell(Append(0, 2));
        log.Tell(Append(0, 3));
        HeldJournal.Finish(null);
        ExpectPersisted(0, 1);

        Assert.Equal(3, HeldJournal.NextWrite().Sum());
        HeldJournal.Finish(null);
        ExpectPersisted(1, 1);
        ExpectPersisted(0, 2);
        ExpectPersisted(0, 3);
        var status = await log.Ask<Protocol.JournalStatus>(CommitLog.StatusQuery.Instance, Patience);
        Assert.Equal((4, "journal.db"), (status.Events, status.Path));
        Assert.InRange(status.Commits, 2, 3);
    }

    [Fact]
    public async Task What_was_given_to_the_journal_waits_until_it_is_written_and_status_says_how_much()
    {
        var log = Start();
        var bytes = (int)_node.JournalBacklog.MaxBytes / 2;
        _node.JournalBacklog.Add(bytes);
        log.Tell(Append(0, 1) with { Bytes = bytes });
        HeldJournal.NextWrite();
        _node.JournalBacklog.Add(bytes);
        log.Tell(Append(0, 2) with { Bytes = bytes });
        Assert.True(_node.JournalBacklog.IsFullFor(1));
        var status = await log.Ask<Protocol.JournalStatus>(CommitLog.StatusQuery.Instance, Patience);
        Assert.Equal((2L * bytes, 2L * bytes), (status.WaitingBytes, status.MaxWaitingBytes));

        HeldJournal.Finish(null);
        ExpectPersisted(0, 1);
        Assert.False(_node.JournalBacklog.IsFullFor(1));
        HeldJournal.NextWrite();
        HeldJournal.Finish(null);
        ExpectPersisted(0, 2);
        status = await log.Ask<Protocol.JournalStatus>(CommitLog.StatusQuery.Instance, Patience);
        Assert.Equal((0, 2L * bytes), (status.WaitingBytes, status.HighestWaitingBytes));
    }

    [Fact]
    public void Nothing_is_written_past_a_record_that_failed_and_the_node_refuses_writes()
    {
        var log = Start();
        Watch(log);

        log.Tell(Append(0, 1));
        Assert.Equal([1], HeldJournal.NextWrite());
        log.Tell(Append(0, 2));
        Assert.False(_node.Health.RefusesWrites);
        HeldJournal.Finish(new IOException("the disk is full"));

        ExpectTerminated(log, Patience);
        Assert.True(_node.Health.RefusesWrites);
        Assert.Contains("the disk is full", _node.Health.Trouble, StringComparison.Ordinal);
        Assert.Equal(1, HeldJournal.Writes);

        // The next life finds the journal without a hole, and goes on from there.
        var next = Start();
        next.Tell(Append(0, 7));
        Assert.Equal([1], HeldJournal.NextWrite());
        HeldJournal.Finish(null);
        ExpectPersisted(0, 7);
    }

    [Fact]
    public void The_events_of_every_partition_come_back_in_order()
    {
        var log = Start();
        log.Tell(Append(1, 2, [[1, 1], [1, 2]]));
        HeldJournal.NextWrite();
        HeldJournal.Finish(null);
        ExpectPersisted(1, 2);
        Watch(log);
        Sys.Stop(log);
        ExpectTerminated(log, Patience);

        Sys.ActorOf(Props.Create(() => new CommitLog(_node, "journal.db")));

        Assert.Equal([1, 1], _partitions[1].ExpectMsg<PartitionActor.Recovered>(Patience).Encoded);
        Assert.Equal([1, 2], _partitions[1].ExpectMsg<PartitionActor.Recovered>(Patience).Encoded);
        _partitions[1].ExpectMsg<PartitionActor.RecoveryDone>(Patience);
        _partitions[0].ExpectMsg<PartitionActor.RecoveryDone>(Patience);
    }

    [Fact]
    public async Task A_journal_that_is_read_slowly_is_read_to_its_end_and_says_how_far_it_is()
    {
        var log = Start();
        for (var i = 1; i <= 5; i++)
        {
            log.Tell(Append(1, i, [[1, .. new byte[999_999]]]));
            HeldJournal.NextWrite();
            HeldJournal.Finish(null);
            ExpectPersisted(1, i);
        }

        Watch(log);
        Sys.Stop(log);
        ExpectTerminated(log, Patience);

        // Each record takes half as long as nothing at all may come, and all of them far longer than that.
        HeldJournal.ReadPause = TimeSpan.FromMilliseconds(1_500);
        _node.IsJournalRead = false;
        var health = _node.Health;
        var texts = new HashSet<string>();
        Sys.ActorOf(Props.Create(() => new CommitLog(_node, "journal.db")));
        await Hosting.Poll.UntilAsync(() =>
        {
            texts.Add(health.Trouble);
            return Task.FromResult(_node.IsJournalRead || health.Fatal is not null);
        }, TimeSpan.FromSeconds(120), "the journal is read");
        Assert.Null(health.Fatal);
        Assert.Contains(texts, static text => text.StartsWith("starting: reading the journal (2 records, 2.0 of about ", StringComparison.Ordinal));
    }

    [Fact]
    public void Little_of_the_journal_is_read_before_the_first_of_it_is_seen()
    {
        var sql = AkkaConfiguration.Create(TestSettings.Parse("gossipdb.journal.read-patience = 90s")).GetConfig("akka.persistence.journal.sql");

        Assert.InRange(sql.GetInt("replay-batch-size"), 1, 16);
        Assert.Equal("off", sql.GetString("replay-filter.mode"));
        Assert.Equal(TimeSpan.FromSeconds(90), sql.GetTimeSpan("recovery-event-timeout"));
    }

    [Fact]
    public void A_journal_of_which_nothing_comes_any_more_ends_the_node()
    {
        var log = Start();
        log.Tell(Append(1, 1));
        HeldJournal.NextWrite();
        HeldJournal.Finish(null);
        ExpectPersisted(1, 1);
        Watch(log);
        Sys.Stop(log);
        ExpectTerminated(log, Patience);

        HeldJournal.ReadPause = TimeSpan.FromHours(1);
        var next = Sys.ActorOf(Props.Create(() => new CommitLog(_node, "journal.db")));
        Watch(next);
        ExpectTerminated(next, TimeSpan.FromSeconds(60));
        Assert.StartsWith("the journal journal.db cannot be read", _node.Health.Fatal, StringComparison.Ordinal);
    }

    private static CommitLog.Append Append(int partition, long position, IReadOnlyList<byte[]>? events = null) =>
        new(partition, position, events ?? [[1]], (events ?? [[1]]).Sum(static one => one.Length), Awaited: true);

    private IActorRef Start()
    {
        var log = Sys.ActorOf(Props.Create(() => new CommitLog(_node, "journal.db")));
        foreach (var partition in _partitions) partition.FishForMessage(message => message is PartitionActor.RecoveryDone, Patience);
        return log;
    }

    private void ExpectPersisted(int partition, long position) =>
        Assert.Equal(new PartitionActor.Persisted(position), _partitions[partition].ExpectMsg<PartitionActor.Persisted>(Patience));

    /// <summary>A journal in memory whose writes wait until the test says how they end.</summary>
    public sealed class HeldJournal : MemoryJournal
    {
        private static readonly SemaphoreSlim Started = new(0);
        private static readonly SemaphoreSlim Ended = new(0);
        private static volatile int[] _events = [];
        private static volatile Exception? _failure;
        private static volatile int _writes;

        /// <summary>How many writes were begun.</summary>
        public static int Writes => _writes;

        /// <summary>How long each record takes to be read.</summary>
        public static TimeSpan ReadPause { get; set; }

        public static void Reset()
        {
            ReadPause = TimeSpan.Zero;
            while (Started.Wait(0)) { }
            while (Ended.Wait(0)) { }
            _writes = 0;
        }

        /// <summary>Waits for a write to begin: how many events each of its records holds.</summary>
        public static int[] NextWrite()
        {
            Assert.True(Started.Wait(Patience), "no write began");
            return _events;
        }

        public static void Finish(Exception? failure)
        {
            _failure = failure;
            Ended.Release();
        }

        public override Task ReplayMessagesAsync(
            IActorContext context, string persistenceId, long fromSequenceNr, long toSequenceNr, long max, Action<IPersistentRepresentation> recoveryCallback)
        {
            var pause = ReadPause;
            var records = new List<IPersistentRepresentation>();
            base.ReplayMessagesAsync(context, persistenceId, fromSequenceNr, toSequenceNr, max, records.Add).GetAwaiter().GetResult();
            return Task.Run(async () =>
            {
                foreach (var record in records)
                {
                    if (pause > TimeSpan.Zero) await Task.Delay(pause);
                    recoveryCallback(record);
                }
            });
        }

        protected override async Task<IImmutableList<Exception?>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken)
        {
            var writes = messages.ToList();
            Interlocked.Increment(ref _writes);
            _events = [.. writes.SelectMany(write => (IEnumerable<IPersistentRepresentation>)write.Payload).Select(record => JournalRecord.Decode((byte[])record.Payload).Count)];
            Started.Release();
            await Ended.WaitAsync(Patience, cancellationToken);
            if (_failure is { } failure) throw failure;
            return await base.WriteMessagesAsync(writes, cancellationToken);
        }
    }
}

internal static class ProbeExtensions
{
    /// <summary>What a probe has received and nobody has looked at.</summary>
    public static List<object> Messages(this TestProbe probe) => probe.HasMessages ? [.. probe.ReceiveWhile<object>(TimeSpan.Zero, message => message)] : [];
}
