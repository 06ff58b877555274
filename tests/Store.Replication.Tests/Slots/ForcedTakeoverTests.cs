using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Images;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Slots;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;
using static Gossipdb.Replication.Tests.Harness.StateParts;

namespace Gossipdb.Replication.Tests.Slots;

/// <summary>Node 3, which held the last of three slots, is lost. Node 4 is to get the slot; so may node 5.</summary>
public sealed class ForcedTakeoverTests
{
    private const int Slot = 2;
    private static readonly NodeId Lost = Owners[Slot];
    private static readonly NodeId Newcomer = new(4);
    private static readonly NodeId Other = new(5);
    private static readonly long Epoch = SlotEpoch.NextForced(1);

    [Fact]
    public void A_promise_is_told_once_it_is_on_disk_with_all_that_was_applied_by_then()
    {
        var holder = new Side(new StateParts());
        holder.Ask(Newcomer, Epoch);
        Assert.Empty(holder.Parts.Effects.Sent);
        var promise = Assert.Single(holder.Parts.Persist().OfType<PromiseIsDurable>());
        holder.Parts.Make("cart", "apple");
        holder.Force.Continue(promise);
        Assert.Equal(Clock((A, 1)), Assert.Single(holder.Parts.Sent<PromiseAnswerMessage>()).Clock);

        // The same question again needs no disk.
        holder.Ask(Newcomer, Epoch);
        Assert.Equal(2, holder.Parts.Effects.Sent.Count);
    }

    [Fact]
    public void An_epoch_is_promised_to_one_newcomer_and_the_next_one_voids_it()
    {
        var holder = new Side(new StateParts());
        holder.Ask(Newcomer, Epoch);
        var first = Assert.Single(holder.Parts.Persist().OfType<PromiseIsDurable>());
        holder.Ask(Other, Epoch);
        Assert.Null(Assert.Single(holder.Parts.Sent<PromiseAnswerMessage>()).Clock);

        holder.Ask(Other, SlotEpoch.NextForced(Epoch));
        holder.Force.Continue(first);
        Assert.Equal(Newcomer, holder.Parts.SentTo<PromiseAnswerMessage>()[^1]);
        Assert.Null(holder.Parts.Sent<PromiseAnswerMessage>()[^1].Clock);
    }

    [Theory]
    [InlineData(4, 2)]
    [InlineData(4, 1)]
    [InlineData(6, 1 << 20)]
    [InlineData(2, 1 << 20)]
    public void Nothing_is_promised_to_who_is_not_named_or_holds_a_slot_or_under_an_epoch_of_a_hand_over(int from, long epoch)
    {
        var holder = new Side(new StateParts());
        holder.Ask(new NodeId(from), epoch);
        Assert.Null(Assert.Single(holder.Parts.Sent<PromiseAnswerMessage>()).Clock);
        Assert.Equal(SlotHolder.Founding(Owners), holder.Parts.Peers.Table());
    }

    [Fact]
    public void A_slot_whose_holder_is_not_lost_is_promised_to_that_holder_alone_which_has_forgotten_it()
    {
        var holder = new Side(new StateParts());
        holder.Ask(Newcomer, Epoch, slot: 1);
        Assert.Null(Assert.Single(holder.Parts.Sent<PromiseAnswerMessage>()).Clock);
        holder.Ask(Owners[1], Epoch, slot: 1);
        holder.Force.Continue(Assert.Single(holder.Parts.Persist().OfType<PromiseIsDurable>()));
        Assert.NotNull(holder.Parts.Sent<PromiseAnswerMessage>()[^1].Clock);
        Assert.Equal(new SlotHolder(Owners[1], Epoch, false, Owners[1]), holder.Parts.Peers.Slots[1].Holder);
        Assert.False(holder.Parts.Peers.Lost.Contains(Owners[1]));

        // So is one that it has sealed for another node, which has not taken it up.
        holder.Parts.Peers.TryTake(1, new SlotHolder(Newcomer, Epoch + 1, false, Owners[1]));
        holder.Ask(Owners[1], SlotEpoch.NextForced(Epoch), slot: 1);
        Assert.Equal(Owners[1], holder.Parts.Peers.Slots[1].Node);
    }

    [Fact]
    public void Who_has_forgotten_its_slot_asks_a_majority_of_the_others_and_counts_for_none_before()
    {
        var forgetful = new Side(StateParts.OfNewcomer());
        forgetful.Table.TakeAll([.. SlotHolder.Founding(Owners)[..2], new SlotHolder(Newcomer, 3, true, Owners[Slot])], Trio.Now);
        Assert.True(forgetful.Force.IsToBeReclaimed(forgetful.Parts.Peers.Slots[Slot].Holder));
        forgetful.Pursue();
        Assert.Equal([Owners[0], Owners[1]], forgetful.Parts.SentTo<PromiseRequestMessage>());
        forgetful.Promise(0, Clock());
        Assert.False(forgetful.Force.MayTakeUp(new SlotClaim(Slot, Epoch), Clock()));
        forgetful.Promise(1, Clock());
        Assert.True(forgetful.Force.MayTakeUp(new SlotClaim(Slot, Epoch), Clock()));
        Assert.Equal(-1, forgetful.Parts.Peers.OwnSlot);
    }

    [Fact]
    public void Who_does_not_serve_promises_nothing()
    {
        var holder = new Side(new StateParts());
        holder.Parts.Gate.RecoveryEnded(Trio.Now);
        holder.Ask(Newcomer, Epoch);
        Assert.Equal((0, 0), (holder.Parts.Effects.Sent.Count, holder.Parts.Effects.Journal.Count));
    }

    [Fact]
    public void A_newcomer_asks_the_holders_and_takes_an_image_once_a_majority_has_promised()
    {
        var newcomer = new Side(StateParts.OfNewcomer());
        Assert.Equal(SlotClaim.None, newcomer.Pursue());
        Assert.Equal([Owners[0], Owners[1]], newcomer.Parts.SentTo<PromiseRequestMessage>());
        newcomer.Promise(0, Clock((A, 3)));
        newcomer.Pursue();
        Assert.Empty(newcomer.Parts.Sent<ImageRequestMessage>());

        newcomer.Promise(1, Clock((A, 3), (B, 2)));
        newcomer.Pursue();
        Assert.Equal([Owners[1]], newcomer.Parts.SentTo<ImageRequestMessage>());
        Assert.Equal(new SlotClaim(Slot, Epoch), newcomer.Parts.Sent<ImageRequestMessage>()[0].Seal);
    }

    [Fact]
    public void The_slot_is_taken_up_with_what_covers_all_that_the_promisers_had()
    {
        var newcomer = new Side(StateParts.OfNewcomer());
        newcomer.Pursue();
        newcomer.Promise(0, Clock((A, 3)));
        Assert.False(newcomer.Force.MayTakeUp(new SlotClaim(Slot, Epoch), Clock((A, 3), (B, 2))));
        newcomer.Promise(1, Clock((B, 2)));
        Assert.False(newcomer.Force.MayTakeUp(new SlotClaim(Slot, Epoch), Clock((A, 3), (B, 1))));
        Assert.False(newcomer.Force.MayTakeUp(new SlotClaim(Slot, Epoch + 1), Clock((A, 3), (B, 2))));
        Assert.True(newcomer.Force.MayTakeUp(new SlotClaim(Slot, Epoch), Clock((A, 3), (B, 2))));
    }

    [Fact]
    public void Of_two_newcomers_that_were_promised_one_epoch_the_lower_one_asks_for_the_next()
    {
        var newcomer = Promised();
        newcomer.Refuse(Other);
        newcomer.Pursue();
        Assert.Equal(SlotEpoch.NextForced(Epoch), newcomer.Parts.Sent<PromiseRequestMessage>()[^1].Epoch);
    }

    [Fact]
    public void The_higher_one_goes_on_asking_until_the_lower_one_is_out_of_the_question()
    {
        // Node 2 has no slot any more and is named for this one.
        var newcomer = Promised();
        newcomer.Parts.Peers.TryTake(1, new SlotHolder(Other, 2, true, Owners[1]));
        newcomer.Table.Layout = [Owners[0], Owners[1], Newcomer];
        newcomer.Refuse(Owners[1]);
        newcomer.Pursue();
        Assert.Equal(Epoch, newcomer.Parts.Sent<PromiseRequestMessage>()[^1].Epoch);

        newcomer.Table.SetLost([new LostNode(Owners[1], AcceptsLoss: false)]);
        newcomer.Refuse(Owners[1]);
        newcomer.Pursue();
        Assert.Equal(SlotEpoch.NextForced(Epoch), newcomer.Parts.Sent<PromiseRequestMessage>()[^1].Epoch);
    }

    [Fact]
    public void Where_the_loss_is_accepted_and_nobody_is_left_the_slot_is_taken_up_at_once()
    {
        var newcomer = new Side(StateParts.OfNewcomer());
        newcomer.Table.SetLost([new LostNode(Owners[0], true), new LostNode(Owners[1], true)]);
        Assert.Equal(SlotClaim.None, newcomer.Pursue());
        newcomer.Table.SetLost([new LostNode(Lost, true)]);
        Assert.Equal(new SlotClaim(Slot, Epoch), newcomer.Pursue());
    }

    // A newcomer to which the first holder has promised the slot.
    private static Side Promised()
    {
        var newcomer = new Side(StateParts.OfNewcomer());
        newcomer.Pursue();
        newcomer.Parts.Peers.TryTake(Slot, new SlotHolder(Newcomer, Epoch, false, Lost));
        newcomer.Promise(0, Clock());
        return newcomer;
    }

    /// <summary>One side of a takeover: its parts, and nothing above them.</summary>
    private sealed class Side
    {
        public Side(StateParts parts)
        {
            Parts = parts;
            var promises = new Promises(3);
            Table = new SlotTable(
                parts.State, parts.Peers, promises, [Owners[0], Newcomer, Other], parts.Effects, parts);
            var images = new ImageReceiver(parts.State.Id, parts.State.Applied, parts.Settings, parts.Effects);
            Force = new ForcedTakeover(parts.State, parts.Peers, parts.Gate, Table, promises, images, parts.Effects);
            Table.SetLost([new LostNode(Lost, AcceptsLoss: false)]);
            Parts.Peers.SetNear(Lost, false);
        }

        public StateParts Parts { get; }

        public SlotTable Table { get; }

        public ForcedTakeover Force { get; }

        public void Ask(NodeId from, long epoch, int slot = Slot) =>
            Force.Answer(from, new PromiseRequestMessage(new ReplicaId((ulong)from.Value), slot, epoch), Trio.Now);

        public SlotClaim Pursue() => Force.Pursue(Slot, Trio.Now);

        public void Promise(int of, VersionVector clock) => Force.Take(
            Parts.Peers.Slots[of], new PromiseAnswerMessage(Ids[of], Slot, Epoch, clock, Parts.Peers.Table()), Trio.Now);

        public void Refuse(NodeId inFavourOf)
        {
            var table = Parts.Peers.Table();
            table[Slot] = new SlotHolder(inFavourOf, Epoch, false, Lost);
            Force.Take(Parts.Peers.Slots[1], new PromiseAnswerMessage(Ids[1], Slot, Epoch, null, table), Trio.Now);
        }
    }
}
