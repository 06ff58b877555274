using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Slots;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;
using static Gossipdb.Replication.Tests.Harness.StateParts;

namespace Gossipdb.Replication.Tests.Slots;

public sealed class SlotTableTests
{
    private static readonly NodeId Newcomer = new(4);
    private readonly StateParts _parts = new();
    private readonly Promises _promises = new(3);
    private readonly SlotTable _table;

    public SlotTableTests() => _table = new SlotTable(_parts.State, _parts.Peers, _promises, Owners, _parts.Effects, _parts);

    [Fact]
    public void The_entry_with_the_higher_epoch_is_news_and_is_journaled()
    {
        Assert.False(_table.TakeAll(With(1, new SlotHolder(Newcomer, 2, true, Owners[1])), Trio.Now));
        Assert.Equal(Newcomer, _parts.Peers.Slots[1].Node);
        Assert.Equal([1], _parts.Changed);
        Assert.Equal([JournalRecordKind.Slots], _parts.Journaled);

        Assert.True(_table.TakeAll(SlotHolder.Founding(Owners), Trio.Now));
        Assert.Equal((Newcomer, 1, 1), (_parts.Peers.Slots[1].Node, _table.HoldersVersion, _parts.Effects.Journal.Count));
    }

    [Fact]
    public void Who_tells_an_old_table_is_told_the_present_one()
    {
        _table.Hear(Owners[2], new SlotsMessage(Ids[2], SlotHolder.Founding(Owners), AnswerWanted: false), Trio.Now);
        Assert.Empty(_parts.Effects.Sent);
        _table.TakeAll(With(1, new SlotHolder(Newcomer, 2, true, Owners[1])), Trio.Now);
        Persist();
        _table.Hear(Owners[2], new SlotsMessage(Ids[2], SlotHolder.Founding(Owners), AnswerWanted: false), Trio.Now);
        Assert.Equal(Newcomer, Assert.Single(_parts.Sent<SlotsMessage>()).Table[1].Node);
    }

    [Fact]
    public void A_table_is_told_once_it_is_on_disk_and_an_answer_is_wanted_where_one_was_wanted_meanwhile()
    {
        _table.TakeAll(With(1, new SlotHolder(Newcomer, 2, true, Owners[1])), Trio.Now);
        _table.Tell(Owners[1], answerWanted: true);
        _table.Tell(Owners[1], answerWanted: false);
        _table.TakeAll(With(1, new SlotHolder(Newcomer, 3, true, Owners[1])), Trio.Now);
        Assert.Empty(_parts.Effects.Sent);
        Persist();
        var told = Assert.Single(_parts.Sent<SlotsMessage>());
        Assert.Equal((3, true), (told.Table[1].Epoch, told.AnswerWanted));
        _table.Tell(Owners[2], answerWanted: false);
        Assert.Equal([Owners[1], Owners[2]], _parts.SentTo<SlotsMessage>());
    }

    [Fact]
    public void Who_tells_what_is_known_here_or_more_knows_it_until_there_is_news()
    {
        var moved = With(1, new SlotHolder(Newcomer, 2, true, Owners[1]));
        _table.TakeAll(moved, Trio.Now);
        Hear(SlotHolder.Founding(Owners));
        Assert.False(_table.IsKnownTo(Owners[2]));
        Hear(moved);
        Assert.True(_table.IsKnownTo(Owners[2]));
        Hear(With(1, new SlotHolder(Newcomer, 3, true, Owners[1])));
        Assert.True(_table.IsKnownTo(Owners[2]));
        _table.TakeAll(With(1, new SlotHolder(Newcomer, 4, true, Owners[1])), Trio.Now);
        Assert.False(_table.IsKnownTo(Owners[2]));

        void Hear(SlotHolder[] table) => _table.Hear(Owners[2], new SlotsMessage(Ids[2], table, AnswerWanted: false), Trio.Now);
    }

    [Fact]
    public void Who_seals_its_slot_keeps_what_it_had_and_waits_for_the_disk()
    {
        _parts.Make("cart", "apple");
        _table.RecoveryEnded();
        _table.Seal(new SlotClaim(0, 2), Newcomer);
        Assert.Equal(new SlotHolder(Newcomer, 2, false, Owners[0]), _parts.Peers.Slots[0].Holder);
        Assert.Equal((false, 1), (_table.IsSealDurable, _parts.GivenUp));
        Assert.Equal(_parts.State.Applied, _table.ToDrain);
        Assert.Single(_parts.Persist().OfType<SealIsDurable>());
    }

    [Fact]
    public void Who_hears_that_its_slot_has_gone_gives_it_up()
    {
        _table.RecoveryEnded();
        _table.TakeAll(With(0, new SlotHolder(Newcomer, 2, true, Owners[0])), Trio.Now);
        Assert.Equal((ServingState.WithoutSlot, 1, false), (_parts.Gate.State, _parts.GivenUp, _table.IsSealDurable));
    }

    [Fact]
    public void Who_hears_that_it_holds_a_slot_and_has_forgotten_that_does_not_hold_it()
    {
        var newcomer = OfNewcomer();
        var table = new SlotTable(newcomer.State, newcomer.Peers, new Promises(3), Owners, newcomer.Effects, newcomer);
        table.TakeAll(With(1, new SlotHolder(Newcomer, 2, true, Owners[1])), Trio.Now);
        Assert.Equal((true, -1), (newcomer.Peers.IsForgotten(1), newcomer.Peers.OwnSlot));
        Assert.Contains("lost its memory", newcomer.Gate.Reason, StringComparison.Ordinal);

        // Its next incarnation is to hear it again, and not to read it as its own.
        var next = OfNewcomer();
        table = new SlotTable(next.State, next.Peers, new Promises(3), Owners, next.Effects, next);
        foreach (var (record, _) in newcomer.Effects.Journal) table.Recover(record);
        Assert.Equal(-1, next.Peers.OwnSlot);
    }

    [Fact]
    public void The_entry_of_a_slot_that_was_taken_by_force_says_who_is_lost()
    {
        _promises.Want(new SlotClaim(1, SlotEpoch.NextForced(1)));
        _promises.Take(2, Ids[2], new());
        _table.TakeAll(With(2, new SlotHolder(Newcomer, SlotEpoch.NextForced(1), false, Owners[2])), Trio.Now);
        Assert.Equal([Owners[2]], _parts.LostNodes);
        Assert.True(_parts.Peers.Lost.Contains(Owners[2]));
        Assert.Equal(0, _promises.Count);
    }

    [Fact]
    public void The_journal_gives_the_table_back()
    {
        _parts.Designate();
        _table.TakeAll(With(1, new SlotHolder(Newcomer, 2, true, Owners[1])), Trio.Now);
        var again = new StateParts();
        var table = new SlotTable(again.State, again.Peers, new Promises(3), Owners, again.Effects, again);
        table.Recover(_parts.Effects.Journal[^1].Record);
        Assert.Equal(_parts.Peers.Table(), again.Peers.Table());
        Assert.True(again.State.FallbackMembership.IsMember(new NodeId(5)));
        Assert.True(table.IsJournaled);
        Assert.Throws<CorruptDataException>(() => table.TakeAll([], Trio.Now));
    }

    private static SlotHolder[] With(int slot, SlotHolder holder)
    {
        var table = SlotHolder.Founding(Owners);
        table[slot] = holder;
        return table;
    }

    private void Persist()
    {
        for (var i = _parts.Persist().Count; i > 0; i--) _table.Persisted();
    }
}
