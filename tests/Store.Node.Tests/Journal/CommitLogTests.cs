using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Gossipdb.Crdt.Causality;
using Gossipdb.Node.Journal;
using Gossipdb.Node.Partitions;
using Gossipdb.Replication.Hosting;
using Gossipdb.Replication.State;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gossipdb.Node.Tests.Journal;

public sealed class CommitLogTests : TestKit
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly TestNode _node = new(TestSettings.Parse("gossipdb.cluster.partitions = 2\ngossipdb.journal.outstanding = "
        + "4\ngossipdb.journal.recovery-page = 2\ngossipdb.journal.read-patience = 3s"));
    private static readonly byte[] Served = [(byte)JournalRecordKind.Served];
    private static readonly byte[] Dropped = [(byte)JournalRecordKind.Dropped];
    private static readonly ReplicaId Incarnation = new(5);
    private readonly ManualResetEventSlim _journalRead = new();
    private readonly ManualResetEventSlim _passRead = new();
    private readonly TestProbe[] _partitions;
    private JournalDamage _damage = null!;

    public CommitLogTests()
        : base("""
            akka.persistence.journal.plugin = "gossipdb-test.journal"
            akka.persistence.snapshot-store.plugin = "akka.persistence.no-snapshot-store"
            gossipdb-test.journal.replay-filter.mode = off
            gossipdb-test.journal.class = "Gossipdb.Node.Tests.Journal.HeldJournal, Gossipdb.Node.Tests"
            """)
    {
        HeldJournal.Reset();
        _partitions = [CreateTestProbe("partition-0"), CreateTestProbe("partition-1")];
    }

    [Fact]
    public async Task What_waits_while_a_record_is_written_is_committed_together_and_confirmed_in_order()
    {
        var log = Start();

        Give(log, Append(0, 1));
        Assert.Equal([1], HeldJournal.NextWrite());
        Give(log, Append(1, 1), Append(0, 2));
        Give(log, Append(0, 3));
        HeldJournal.Finish(null);
        ExpectPersisted(0, 1);

        Assert.Equal(3, HeldJournal.NextWrite().Sum());
        HeldJournal.Finish(null);
        ExpectPersisted(1, 1);
        ExpectPersisted(0, 3);
        var status = await log.Ask<JournalStatus>(CommitLog.StatusQuery.Instance, Patience);
        Assert.Equal((4, PathOf(_node)), (status.Events, status.Path));
        Assert.InRange(status.Commits, 2, 3);
    }

    [Fact]
    public async Task What_was_given_to_the_journal_waits_until_it_is_written_and_status_says_how_much()
    {
        var log = Start();
        var bytes = (int)_node.Journal.Backlog.MaxBytes / 2;
        _node.Journal.Backlog.Add(bytes);
        Give(log, Append(0, 1) with { Bytes = bytes });
        HeldJournal.NextWrite();
        _node.Journal.Backlog.Add(bytes);
        Give(log, Append(0, 2) with { Bytes = bytes });
        Assert.True(_node.Journal.Backlog.IsFullFor(1));
        var status = await log.Ask<JournalStatus>(CommitLog.StatusQuery.Instance, Patience);
        Assert.Equal((2L * bytes, 2L * bytes), (status.WaitingBytes, status.MaxWaitingBytes));

        HeldJournal.Finish(null);
        ExpectPersisted(0, 1);
        Assert.False(_node.Journal.Backlog.IsFullFor(1));
        HeldJournal.NextWrite();
        HeldJournal.Finish(null);
        ExpectPersisted(0, 2);
        status = await log.Ask<JournalStatus>(CommitLog.StatusQuery.Instance, Patience);
        Assert.Equal((0, 2L * bytes), (status.WaitingBytes, status.HighestWaitingBytes));
    }

    [Fact]
    public void What_nobody_waits_for_is_committed_without_a_tick_where_it_fills_records()
    {
        var log = Start(new TestNode(TestSettings.Parse("gossipdb.cluster.partitions = 2\ngossipdb.journal.record = 64KiB")));
        byte[] half = [Served[0], .. new byte[40_000]];

        for (var position = 1; position <= 5; position++) Give(log, Append(0, position, [half]) with { Awaited = false });
        for (var position = 1; position <= 4; position++)
        {
            Assert.Equal([1], HeldJournal.NextWrite());
            HeldJournal.Finish(null);
            ExpectPersisted(0, position);
        }

        // The last one is less than a record.
        log.Tell(CommitLog.LazyTick.Instance);
        Assert.Equal([1], HeldJournal.NextWrite());
        HeldJournal.Finish(null);
        ExpectPersisted(0, 5);
    }

    [Fact]
    public async Task No_image_is_begun_while_as_much_waits_as_may()
    {
        var log = Start();
        var backlog = _node.Journal.Backlog;
        backlog.Add(1 + (int)backlog.MaxBytes);
        Commit(log, Append(0, 1));
        log.Tell(CommitLog.SnapshotAll.Instance);
        log.Tell(CommitLog.LazyTick.Instance);
        await log.Ask<JournalStatus>(CommitLog.StatusQuery.Instance, Patience);
        Assert.False(_partitions[0].HasMessages);

        backlog.Done(1);
        log.Tell(CommitLog.LazyTick.Instance);
        Assert.IsType<ImageWanted>(_partitions[0].ReceiveOne(Patience));
    }

    [Fact]
    public void Nothing_is_written_past_a_record_that_failed_and_the_node_refuses_writes()
    {
        var log = Start();
        Watch(log);

        Give(log, Append(0, 1));
        Assert.Equal([1], HeldJournal.NextWrite());
        Give(log, Append(0, 2));
        Assert.False(_node.Health.RefusesWrites);
        HeldJournal.Finish(new IOException("the disk is full"));

        ExpectTerminated(log, Patience);
        Assert.True(_node.Health.RefusesWrites);
        Assert.Contains("the disk is full", _node.Health.Trouble, StringComparison.Ordinal);
        Assert.Equal(1, HeldJournal.Writes);

        // The next life finds the journal without a hole, and goes on from there.
        var next = Restart(out _);
        Give(next, Append(0, 7));
        Assert.Equal([1], HeldJournal.NextWrite());
        HeldJournal.Finish(null);
        ExpectPersisted(0, 7);
    }

    [Fact]
    public async Task The_records_of_every_partition_and_stand_in_come_back_in_order_a_page_at_a_time()
    {
        var log = Start();
        Commit(log, Append(0, 1, [Served, Dropped]));
        Commit(log, Append(1, 1, [Served, Dropped, Served]));
        for (var position = 2; position < 8; position++) Commit(log, Append(1, position, [Served]));
        Commit(log, Append(2, 1, [Dropped]));
        Commit(log, Append(0, 2, [Served]));
        Stop(log);

        var next = Restart(out var node);

        Assert.True(node.Partitions.Hosts.Partitions[0].IsKept);
        Assert.True(node.Partitions.Hosts.Partitions[1].IsKept);
        Assert.NotNull(node.Partitions.Hosts.Fallbacks[0].FallbackReplica);
        Assert.Null(node.Partitions.Hosts.Fallbacks[1].FallbackReplica);
        Assert.True(HeldJournal.Replayed.Count >= 5, $"{HeldJournal.Replayed.Count} pages");
        Assert.All(HeldJournal.Replayed, static records => Assert.InRange(records, 1, 2));

        // What the first ones held was dropped, and cut off.
        Assert.InRange((await next.Ask<JournalStatus>(CommitLog.StatusQuery.Instance, Patience)).Events, 8, 13);
    }

    [Fact]
    public async Task A_partition_whose_pass_has_ended_appends_while_the_other_is_still_read()
    {
        var log = Start();
        Commit(log, Append(1, 1));
        Commit(log, Append(0, 1, [Served, Served]));
        Stop(log);

        // A file this long is worth two passes: one for each partition.
        using var directory = new TemporaryDirectory();
        var node = new TestNode(TestSettings.Parse(
            $"gossipdb.node.data-dir = \"{directory.Path}\"\ngossipdb.cluster.partitions = 2\ngossipdb.journal.recovery-page = 2"));
        using (var file = File.Create(PathOf(node))) file.SetLength(2 * RecoveryPasses.BytesOfAPass);
        _journalRead.Reset();
        _passRead.Reset();
        log = Open(node);
        Assert.True(_passRead.Wait(Patience), "the first pass does not end");
        Assert.NotNull(node.Partitions.Hosts.Partitions[0].Replica);
        Assert.Null(node.Partitions.Hosts.Partitions[1].Replica);

        Commit(log, Append(0, 2));
        Assert.Contains("pass 2 of 2", node.Health.Trouble, StringComparison.Ordinal);
        Assert.Contains("1 of 2 partitions are back", node.Health.Trouble, StringComparison.Ordinal);
        Assert.Null(node.Partitions.Hosts.Partitions[1].Replica);

        HeldJournal.MayReplay.Set();
        Assert.True(_journalRead.Wait(Patience), "the second pass does not end");
        Assert.NotNull(node.Partitions.Hosts.Partitions[1].Replica);

        // What was appended meanwhile was not read back: three entries and that one.
        Assert.Equal(4, (await log.Ask<JournalStatus>(CommitLog.StatusQuery.Instance, Patience)).Events);
    }

    [Theory]
    [InlineData(0, 0xFF, "partition 0, of kind 255")]
    [InlineData(1, (byte)JournalRecordKind.Held, "partition 1, of kind Held")]
    [InlineData(3, (byte)JournalRecordKind.Served, "the stand-in of partition 1, of kind Served")]
    [InlineData(9, (byte)JournalRecordKind.Served, "there are 2 partitions")]
    public async Task A_record_that_nobody_takes_ends_the_node(int journal, byte kind, string named)
    {
        var log = Start(new TestNode(TestSettings.Parse("gossipdb.cluster.partitions = 8")));
        Give(log, new CommitLog.Append(journal, Incarnation, 1, [[kind]], 1, Awaited: true));
        HeldJournal.NextWrite();
        HeldJournal.Finish(null);
        await Poll.UntilAsync(
            async () => (await log.Ask<JournalStatus>(CommitLog.StatusQuery.Instance, Patience)).Commits == 1, "the record is written");
        Stop(log);
        _journalRead.Reset();

        var node = NewNode();
        Open(node);

        await Poll.UntilAsync(() => Task.FromResult(node.Health.Fatal is not null), "the node ends");
        Assert.Contains(named, node.Health.Fatal, StringComparison.Ordinal);
        Assert.Contains($"record 1 of the journal {PathOf(node)}", node.Health.Fatal, StringComparison.Ordinal);
        Assert.False(_journalRead.IsSet);
        Assert.False(node.Health.IsReady);
    }

    [Fact]
    public async Task While_the_journal_is_read_its_status_is_told_and_nothing_is_open()
    {
        var log = Start();
        Commit(log, Append(0, 1, [Served]));
        Stop(log);
        HeldJournal.MayReplay.Reset();
        _journalRead.Reset();
        var node = NewNode();
        var next = Open(node);

        var status = await next.Ask<JournalStatus>(CommitLog.StatusQuery.Instance, Patience);

        Assert.Equal(0, status.Events);
        Assert.False(_journalRead.IsSet);
        HeldJournal.MayReplay.Set();
        Assert.True(_journalRead.Wait(Patience));
    }

    [Fact]
    public async Task A_journal_that_is_read_slowly_is_read_to_its_end_and_says_how_far_it_is()
    {
        var log = Start();
        for (var i = 1; i <= 5; i++) Commit(log, Append(1, i));
        Stop(log);

        // Each record takes half as long as nothing at all may come, and all of them far longer than that.
        HeldJournal.ReadPause = TimeSpan.FromMilliseconds(1_500);
        _journalRead.Reset();
        var node = NewNode();
        var texts = new HashSet<string>();
        Open(node);
        await Poll.UntilAsync(() =>
        {
            texts.Add(node.Health.Trouble);
            return Task.FromResult(_journalRead.IsSet || node.Health.Fatal is not null);
        }, TimeSpan.FromSeconds(120), "the journal is read");
        Assert.Null(node.Health.Fatal);
        Assert.Contains(
            texts, static text => text.StartsWith("starting: reading the journal (pass 1 of 1: 2 records, ", StringComparison.Ordinal));
    }

    [Fact]
    public void Little_of_the_journal_is_read_before_the_first_of_it_is_seen()
    {
        var sql = ConfigurationFactory.ParseString(JournalDatabase.Of(
            TestSettings.Parse("gossipdb.journal.read-patience = 90s")).AkkaConfiguration()).GetConfig("akka.persistence.journal.sql");

        Assert.InRange(sql.GetInt("replay-batch-size"), 1, 32);
        Assert.Equal("off", sql.GetString("replay-filter.mode"));
        Assert.Equal(TimeSpan.FromSeconds(90), sql.GetTimeSpan("recovery-event-timeout"));
    }

    [Fact]
    public async Task A_journal_of_which_nothing_comes_any_more_ends_the_node()
    {
        var log = Start();
        Commit(log, Append(1, 1));
        Stop(log);

        HeldJournal.ReadPause = TimeSpan.FromHours(1);
        var node = NewNode();
        Open(node);
        await Poll.UntilAsync(() => Task.FromResult(node.Health.Fatal is not null), TimeSpan.FromSeconds(60), "the node ends");
        Assert.StartsWith($"the journal {PathOf(node)} cannot be read", node.Health.Fatal, StringComparison.Ordinal);
        Assert.Contains("gossipdb.journal.read-patience", node.Health.Fatal, StringComparison.Ordinal);
    }

    private static CommitLog.Append Append(int partition, long position, IReadOnlyList<byte[]>? events = null) =>
        new(partition, Incarnation, position, events ?? [Served], (events ?? [Served]).Sum(static one => one.Length), Awaited: true);

    private static void Give(IActorRef log, params CommitLog.Append[] appends) => log.Tell(new CommitLog.Appends(appends));

    private void Commit(IActorRef log, CommitLog.Append append)
    {
        Give(log, append);
        HeldJournal.NextWrite();
        HeldJournal.Finish(null);
        if (append.Journal < 2) ExpectPersisted(append.Journal, append.Position);
    }

    private void Stop(IActorRef log)
    {
        Watch(log);
        Sys.Stop(log);
        ExpectTerminated(log, Patience);
    }

    private static string PathOf(TestNode node) => SqliteDatabase.PathIn(node.Settings.DataDirectory);

    private IActorRef Open(TestNode node)
    {
        var owners = new Owners(node.Partitions, _partitions, _journalRead, _passRead);
        var database = JournalDatabase.Of(node.Settings);
        var damage = _damage = new JournalDamage(NullLogger<JournalDamage>.Instance);
        return Sys.ActorOf(Props.Create(() =>
            new CommitLog(node.Settings, node.Health, node.Journal.Backlog, node.Journal.Commits, damage, owners, database)));
    }

    private IActorRef Start() => Start(_node);

    private IActorRef Restart(out TestNode node)
    {
        HeldJournal.Replayed.Clear();
        return Start(node = NewNode());
    }

    // What is recovered goes to hosts that have recovered nothing.
    private TestNode NewNode() => new TestNode(_node.Settings);

    private IActorRef Start(TestNode node)
    {
        _journalRead.Reset();
        var log = Open(node);
        Assert.True(_journalRead.Wait(Patience), "the journal was not read to its end");
        return log;
    }

    private void ExpectPersisted(int partition, long position) =>
        Assert.Equal(
            new Persisted(Incarnation, position),
            _partitions[partition].FishForMessage(static message => message is Persisted, Patience));

    private sealed record Persisted(ReplicaId Incarnation, long Position);

    private sealed record ImageWanted;

    // What is recovered goes to the hosts of a node, what is told to probes.
    private sealed class Owners(
        PartitionDirectory hosts, TestProbe[] partitions, ManualResetEventSlim journalRead, ManualResetEventSlim passRead) : IJournalOwners
    {
        public void Recover(int journal, byte[] record) => hosts.Recover(journal, record);

        public void RecoverDamage(int journal, string what) => hosts.RecoverDamage(journal, what);

        public void Recovered(int first, int end)
        {
            if (end == hosts.Count)
            {
                journalRead.Set();
                return;
            }

            // Nothing of the next pass is read before the test allows it.
            HeldJournal.MayReplay.Reset();
            passRead.Set();
        }

        public string NameOf(int journal) => hosts.NameOf(journal);

        public void Persisted(int journal, ReplicaId incarnation, long position) => Tell(journal, new Persisted(incarnation, position));

        public void WriteImage(int journal) => Tell(journal, new ImageWanted());

        private void Tell(int journal, object message)
        {
            if (journal < partitions.Length) partitions[journal].Ref.Tell(message);
        }

        public void TellAll(object message)
        {
            foreach (var partition in partitions) partition.Ref.Tell(message);
        }
    }
}
