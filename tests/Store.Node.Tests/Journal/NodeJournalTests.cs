using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Gossipdb.Crdt.Causality;
using Gossipdb.Node.Journal;
using Gossipdb.Node.Lanes;
using Gossipdb.Replication.State;

namespace Gossipdb.Node.Tests.Journal;

public sealed class NodeJournalTests : TestKit
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly TestNode _node = new(TestSettings.Parse("gossipdb.journal.record = 1024"));
    private readonly TestProbe _log;

    public NodeJournalTests()
    {
        _log = CreateTestProbe("log");
        _node.Journal.Log = _log.Ref;
    }

    [Fact]
    public void What_nobody_waits_for_goes_to_the_log_with_the_next_tick_and_counts_as_waiting_until_then()
    {
        Append(1, bytes: 10, awaited: false);
        Append(2, bytes: 10, awaited: false);
        Assert.False(_log.HasMessages);
        Assert.Equal(20, _node.Journal.Backlog.Bytes);

        _node.Journal.Tick();

        Assert.Equal([1, 2], Told());
        _log.ExpectMsg<CommitLog.LazyTick>(Patience);
    }

    [Fact]
    public void What_somebody_waits_for_goes_at_once_and_takes_along_what_was_appended_before()
    {
        Append(1, bytes: 10, awaited: false);
        Append(2, bytes: 10, awaited: true);

        Assert.Equal([1, 2], Told());
        _node.Journal.Tick();
        _log.ExpectMsg<CommitLog.LazyTick>(Patience);
    }

    [Fact]
    public void As_much_as_a_record_holds_does_not_wait_for_the_tick()
    {
        Append(1, bytes: 1_000, awaited: false);
        Assert.False(_log.HasMessages);
        Append(2, bytes: 24, awaited: false);

        Assert.Equal([1, 2], Told());
    }

    [Fact]
    public void What_one_turn_appends_goes_as_one()
    {
        using (Turn.Begin())
        {
            Append(1, bytes: 10, awaited: true);
            Append(2, bytes: 10, awaited: true);
            Assert.False(_log.HasMessages);
        }

        Assert.Equal([1, 2], Told());
    }

    private void Append(long position, int bytes, bool awaited) => _node.Journal.Append(
        new CommitLog.Append(0, new ReplicaId(5), position, [[(byte)JournalRecordKind.Served]], bytes, awaited));

    private IEnumerable<long> Told() => _log.ExpectMsg<CommitLog.Appends>(Patience).All.Select(static append => append.Position);
}
