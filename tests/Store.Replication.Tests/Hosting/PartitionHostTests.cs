using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Hosting;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Tests.Hosting;

public sealed class PartitionHostTests
{
    private static readonly NodeId Self = new(1);
    private static readonly PartitionLayout Owner = new([Self], null, [], IsFirst: true);
    private static readonly PartitionLayout Stranger = new([new(2)], null, [], IsFirst: true);
    private readonly RecordingShell _shell = new();

    [Fact]
    public void Nothing_is_decided_before_the_journal_has_been_read()
    {
        var host = Start(Stranger);
        host.SetLayout(Owner, Trio.Now);
        host.Handle(new(2), new SlotsMessage(new ReplicaId(7), [Sealed()], AnswerWanted: false), Trio.Now);
        host.Handle(Write("k"), Trio.Now);
        Assert.Equal((HostState.Reading, null, Outcome.NotServing), (host.State, host.Replica, _shell.Outcomes.Single()));

        host.RecoveryEnded(Owner, Trio.Now);
        Assert.Equal(HostState.Open, host.State);
        Assert.Throws<InvalidOperationException>(() => host.Recover([(byte)JournalRecordKind.Served]));
    }

    [Fact]
    public void What_the_journal_holds_is_kept_whatever_the_layout_says_and_what_was_dropped_is_not()
    {
        var kept = Start(Stranger);
        kept.Recover([(byte)JournalRecordKind.Served]);
        kept.RecoveryEnded(Stranger, Trio.Now);
        Assert.Equal(HostState.Open, kept.State);

        var dropped = Start(Stranger);
        dropped.Recover([(byte)JournalRecordKind.Served]);
        dropped.Recover([(byte)JournalRecordKind.Dropped]);
        dropped.RecoveryEnded(Stranger, Trio.Now);
        Assert.Equal(HostState.Closed, dropped.State);
    }

    [Fact]
    public void Where_it_has_no_part_a_slot_that_was_sealed_for_the_node_gives_it_one()
    {
        var host = Start(Stranger);
        host.RecoveryEnded(Stranger, Trio.Now);
        var held = new SlotHolder(new(2), 1, IsHeld: true, new(2));
        host.Handle(new(2), new SlotsMessage(new ReplicaId(7), [held], AnswerWanted: false), Trio.Now);
        Assert.Equal(HostState.Closed, host.State);
        host.Handle(new(2), new SlotsMessage(new ReplicaId(7), [Sealed()], AnswerWanted: false), Trio.Now);
        Assert.Equal(HostState.Open, host.State);
    }

    [Fact]
    public void Where_it_has_no_part_a_slot_that_others_know_the_node_to_hold_gives_it_one_to_hand_over()
    {
        var host = Start(Stranger with { IsFirst = false });
        host.RecoveryEnded(Stranger with { IsFirst = false }, Trio.Now);
        var forgotten = new SlotHolder(Self, 1, IsHeld: true, Self);
        host.Handle(new(2), new SlotsMessage(new ReplicaId(7), [forgotten], AnswerWanted: false), Trio.Now);
        Assert.Equal((HostState.Open, ServingState.WithoutSlot), (host.State, host.Replica!.ServingState));
        Assert.True(host.Replica.Peers.IsForgotten(0));
    }

    [Fact]
    public void Records_of_one_batch_of_inputs_go_to_the_journal_together()
    {
        var host = Open();
        host.Handle(Write("k"), Trio.Now);
        host.Handle(Write("l"), Trio.Now);
        Assert.True(host.PendingBytes > 0);
        Assert.Empty(_shell.Batches);
        host.Flush(Trio.Now);
        var batch = Assert.Single(_shell.Batches);
        Assert.Equal((0, 2, host.Replica!.Id), (host.PendingBytes, batch.Records.Count(IsEvent), batch.Incarnation));
    }

    [Fact]
    public void What_the_journal_confirms_to_an_earlier_incarnation_is_no_news_to_this_one()
    {
        var host = Open();
        host.Handle(Write("k"), Trio.Now);
        host.Flush(Trio.Now);
        host.Persisted(new ReplicaId(0x99), _shell.Batches[^1].Position, Trio.Now);
        Assert.Empty(_shell.Outcomes);
        host.Persisted(_shell.Batches[^1].Incarnation, _shell.Batches[^1].Position, Trio.Now);
        Assert.Equal([Outcome.Done], _shell.Outcomes);
    }

    private static SlotHolder Sealed() => new(Self, 2, IsHeld: false, new(2));

    private static bool IsEvent(byte[] record) => record[0] == (byte)JournalRecordKind.Event;

    private static WriteRequest Write(string key) => Trio.Add(key, "x", required: 1);

    private PartitionHost Start(PartitionLayout layout) => new(Self, layout, new ReplicaSettings(), _shell);

    private PartitionHost Open()
    {
        var host = Start(Owner);
        host.RecoveryEnded(Owner, Trio.Now);
        return host;
    }
}
