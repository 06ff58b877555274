using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Images;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Rights;
using Gossipdb.Replication.Slots;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Tests.Slots;

public sealed class SlotMembershipTests
{
    private static readonly NodeId Newcomer = new(4);
    private static readonly NodeId Lost = new(9);
    private readonly Trio _trio = new();

    [Fact]
    public void An_image_that_ends_with_a_slot_does_not_end_before_it_is_on_disk_that_the_slot_is_given_up()
    {
        // As in a process that has started: what it held before its start is on disk.
        foreach (var replica in _trio.Replicas) replica.RecoveryEnded(Trio.Now);
        Assert.True(_trio.RunUntil(() => _trio.Replicas.All(static replica => replica.ServingState == ServingState.Serving)));
        var holder = _trio.Replicas[0];
        holder.SetLayout([Newcomer, Trio.Owners[1], Trio.Owners[2]]);
        holder.SetReachable(Newcomer, true);
        _trio.Effects[0].Sent.Clear();
        _trio.Effects[0].Appended.Clear();
        var request = new ImageRequestMessage(new ReplicaId(0x44), 7, 0, new VersionVector(), new SlotClaim(0, 2));
        holder.Handle(Newcomer, request, Trio.Now + 60_000);

        // The image is one slice: this is its end.
        Assert.Equal(-1, holder.Peers.OwnSlot);
        Assert.Equal("SealIsDurable { }", holder.Inspection.WaitsForDisk);
        holder.Tick(Trio.Now + 60_100, 1);
        Assert.DoesNotContain(_trio.Effects[0].Sent, static sent => sent.Message is ImageSliceMessage);

        holder.Persisted(long.MaxValue);
        holder.Tick(Trio.Now + 60_200, 1);
        Assert.Contains(
            _trio.Effects[0].Sent, static sent => sent is { Message: ImageSliceMessage { Head.IsEmpty: false } } && sent.To == Newcomer);
    }

    [Fact]
    public void A_slot_that_was_sealed_for_a_node_comes_before_one_that_was_promised_to_it_by_force()
    {
        SlotHolder[] table =
        [
            new(Newcomer, SlotEpoch.NextForced(1), false, Lost),
            new(Newcomer, 2, false, Trio.Owners[1]),
            new(Trio.Owners[2], 1, true, Trio.Owners[2]),
        ];
        NodeId[] layout = [Newcomer, Trio.Owners[1], Trio.Owners[2]];
        var newcomer = new Replica(
            new ReplicaId(0x44), Newcomer, table, layout, new ReplicaSettings(), new RecordingEffects(), lost: [new LostNode(Lost, false)]);
        Assert.Equal(1, newcomer.Inspection.WantedSlot);

        // By the layout as it is now, there is only the one that was promised.
        table[1] = new(Trio.Owners[1], 1, true, Trio.Owners[1]);
        newcomer = new Replica(
            new ReplicaId(0x45), Newcomer, table, layout, new ReplicaSettings(), new RecordingEffects(), lost: [new LostNode(Lost, false)]);
        Assert.Equal(0, newcomer.Inspection.WantedSlot);
    }

    [Fact]
    public void A_slot_goes_to_a_named_newcomer_from_a_holder_that_is_not_named_under_the_next_epoch()
    {
        var holder = new Side(new StateParts(), Newcomer, Trio.Owners[1], Trio.Owners[2]);
        Assert.True(holder.Membership.MayGive(Newcomer, new SlotClaim(0, 2), out var isToBeSealed));
        Assert.True(isToBeSealed);
        Assert.False(holder.Membership.MayGive(new NodeId(5), new SlotClaim(0, 2), out _));
        Assert.False(holder.Membership.MayGive(Newcomer, new SlotClaim(0, 3), out _));
        Assert.False(holder.Membership.MayGive(Newcomer, new SlotClaim(1, 2), out _));
        var named = new Side(new StateParts(), Trio.Owners[0], Newcomer, Trio.Owners[2]);
        Assert.False(named.Membership.MayGive(Newcomer, new SlotClaim(0, 2), out _));

        // To the node that it was sealed for the image is given again.
        Assert.True(holder.Membership.TrySeal(Newcomer, new SlotClaim(0, 2)));
        Assert.True(holder.Membership.MayGive(Newcomer, new SlotClaim(0, 2), out isToBeSealed));
        Assert.False(isToBeSealed);
    }

    [Fact]
    public void Who_takes_up_a_slot_counts_for_it_once_that_is_on_disk()
    {
        var newcomer = new Side(StateParts.OfNewcomer(), Newcomer, Trio.Owners[1], Trio.Owners[2]);
        newcomer.Membership.TakeUp(new SlotClaim(0, 2), Trio.Owners[0]);
        Assert.Equal((-1, true, 0), (newcomer.Parts.Peers.OwnSlot, newcomer.Membership.IsTakingUp, newcomer.Parts.Effects.Sent.Count));
        newcomer.Membership.Continue(Assert.Single(newcomer.Parts.Persist()));
        Assert.Equal((0, false), (newcomer.Parts.Peers.OwnSlot, newcomer.Membership.IsTakingUp));
        Assert.Equal([Trio.Owners[1], Trio.Owners[2], Trio.Owners[0]], newcomer.Parts.SentTo<SlotsMessage>());
    }

    // A crash keeps any beginning of what was journaled.
    [Fact]
    public void Whoever_has_on_disk_that_it_took_up_a_slot_has_on_disk_that_it_serves()
    {
        var newcomer = new Side(StateParts.OfNewcomer(), Newcomer, Trio.Owners[1], Trio.Owners[2]);
        newcomer.Membership.TakeUp(new SlotClaim(0, 2), Trio.Owners[0]);
        Assert.Equal([JournalRecordKind.Served, JournalRecordKind.Slots], newcomer.Parts.Journaled);
    }

    [Theory]
    [InlineData(true, ServingState.Serving)]
    [InlineData(false, ServingState.CatchingUp)]
    public void A_slot_that_comes_back_to_its_sealer_is_served_where_the_sealer_still_has_what_it_had(bool hasServed, ServingState state)
    {
        var sealer = new Side(StateParts.OfNewcomer(), Newcomer, Trio.Owners[1], Trio.Owners[2]);
        if (hasServed) sealer.Parts.Gate.RecoverServed();
        sealer.Parts.Gate.RecoveryEnded(Trio.Now);
        sealer.Parts.Peers.TryTake(0, new SlotHolder(Newcomer, 3, false, Newcomer));
        sealer.Membership.Tick(Trio.Now);
        sealer.Membership.Continue(Assert.Single(sealer.Parts.Persist()));
        Assert.Equal((0, state), (sealer.Parts.Peers.OwnSlot, sealer.Parts.Gate.State));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_sealer_gives_the_image_again_where_it_still_has_what_it_had(bool hasServed)
    {
        var sealer = new Side(new StateParts(), Newcomer, Trio.Owners[1], Trio.Owners[2]);
        if (hasServed) sealer.Parts.Gate.RecoverServed();
        sealer.Parts.Gate.RecoveryEnded(Trio.Now);
        sealer.Parts.Peers.TryTake(0, new SlotHolder(Newcomer, 2, false, Trio.Owners[0]));
        Assert.Equal(hasServed, sealer.Membership.MayGive(Newcomer, new SlotClaim(0, 2), out _));
    }

    // A newcomer that was promised another slot by force, and forgot that or gave way, asks for this one.
    [Fact]
    public void A_slot_goes_to_a_newcomer_that_was_promised_another_one_by_force()
    {
        var holder = new Side(new StateParts(), Newcomer, Trio.Owners[1], new NodeId(5));
        holder.Parts.Peers.Lost.Add(new LostNode(Trio.Owners[2], AcceptsLoss: false));
        holder.Parts.Peers.TryTake(2, new SlotHolder(Newcomer, SlotEpoch.NextForced(1), false, Trio.Owners[2]));
        Assert.True(holder.Membership.MayGive(Newcomer, new SlotClaim(0, 2), out _));
        holder.Parts.Peers.TryTake(2, new SlotHolder(Newcomer, SlotEpoch.NextForced(1), true, Trio.Owners[2]));
        Assert.False(holder.Membership.MayGive(Newcomer, new SlotClaim(0, 2), out _));
    }

    [Fact]
    public void A_newcomer_goes_on_asking_for_a_slot_until_it_is_promised_to_another_one_under_a_later_epoch()
    {
        // It is named for a slot that is lost, and so is node 5 for one that node 1 holds.
        var newcomer = new Side(StateParts.OfNewcomer(), new NodeId(5), Trio.Owners[1], Newcomer);
        newcomer.Parts.Peers.Lost.Add(new LostNode(Trio.Owners[2], AcceptsLoss: false));
        newcomer.Parts.Peers.TryTake(0, new SlotHolder(Trio.Owners[0], 2, true, Trio.Owners[0]));
        newcomer.Parts.Peers.TryTake(1, new SlotHolder(Trio.Owners[1], 2, true, Trio.Owners[1]));
        newcomer.Parts.Peers.TryTake(2, new SlotHolder(Trio.Owners[2], 2, true, Trio.Owners[2]));
        newcomer.Parts.Peers.SetNear(Trio.Owners[2], false);
        Assert.Equal(0, newcomer.Membership.WantedSlot);
        newcomer.Parts.Peers.TryTake(0, new SlotHolder(new NodeId(5), 3, false, Trio.Owners[0]));
        Assert.Equal(2, newcomer.Membership.WantedSlot);
        newcomer.Membership.Tick(Trio.Now);
        Assert.Equal([Trio.Owners[1]], newcomer.Parts.SentTo<PromiseRequestMessage>());

        // Now the first slot is free again, and the last one promised to node 5 by some.
        newcomer.Parts.Peers.TryTake(0, new SlotHolder(Trio.Owners[0], 4, true, Trio.Owners[0]));
        newcomer.Parts.Peers.TryTake(2, new SlotHolder(new NodeId(5), SlotEpoch.NextForced(2), false, Trio.Owners[2]));
        Assert.Equal(2, newcomer.Membership.WantedSlot);
        newcomer.Parts.Peers.TryTake(
            2, new SlotHolder(new NodeId(5), SlotEpoch.NextForced(SlotEpoch.NextForced(2)), false, Trio.Owners[2]));
        Assert.Equal(0, newcomer.Membership.WantedSlot);
    }

    [Fact]
    public void A_slot_that_was_sealed_for_a_node_that_has_one_goes_back_to_its_sealer()
    {
        var holder = new Side(new StateParts(), Trio.Owners);
        holder.Parts.Peers.TryTake(1, new SlotHolder(Trio.Owners[0], 2, false, Trio.Owners[1]));
        holder.Membership.Tick(Trio.Now);
        Assert.Equal(new SlotHolder(Trio.Owners[1], 3, false, Trio.Owners[1]), holder.Parts.Peers.Slots[1].Holder);
        Assert.Empty(holder.Parts.Effects.Sent);
        holder.Membership.Continue(Assert.Single(holder.Parts.Persist()));
        Assert.Equal([Trio.Owners[1]], holder.Parts.SentTo<SlotsMessage>());
    }

    [Fact]
    public void Who_gave_up_its_slot_is_drained_once_every_holder_has_on_disk_what_it_had()
    {
        var (holder, had) = HandedOver();
        foreach (var slot in (int[])[0, 1]) holder.Parts.Tell(slot, had);
        holder.Parts.Tell(2, had, durable: new VersionVector());
        foreach (var node in (NodeId[])[Newcomer, Trio.Owners[1], Trio.Owners[2]]) holder.HearTable(node);
        Assert.False(holder.Membership.IsDrained);
        holder.Parts.Tell(2, had);
        Assert.True(holder.Membership.IsDrained);
    }

    // Its successor may be lost before it has told the others. Then nobody would take that one's slot.
    [Fact]
    public void Who_gave_up_its_slot_is_drained_once_every_holder_knows_where_it_has_gone()
    {
        var (holder, had) = HandedOver();
        foreach (var slot in (int[])[0, 1, 2]) holder.Parts.Tell(slot, had);
        holder.HearTable(Newcomer);
        holder.HearTable(Trio.Owners[1]);
        Assert.False(holder.Membership.IsDrained);
        Assert.Contains($"node {Trio.Owners[2]} knows where it has gone", holder.Membership.Moving, StringComparison.Ordinal);
        holder.HearTable(Trio.Owners[2]);
        Assert.True(holder.Membership.IsDrained);
    }

    // A forced take-over went without what this node alone holds, and a stable cut was decided that it has not seen.
    [Fact]
    public void Who_gave_up_its_slot_is_drained_where_the_holders_can_take_nothing_more_of_what_it_had()
    {
        var holder = new Side(new StateParts(), Newcomer, Trio.Owners[1], Trio.Owners[2]);
        holder.Parts.Make("cart", "apple");
        var had = holder.Parts.State.Applied.Copy();
        holder.Membership.TrySeal(Newcomer, new SlotClaim(0, 2));
        holder.Parts.Peers.TryTake(0, new SlotHolder(Newcomer, SlotEpoch.NextForced(2), true, Lost));
        holder.Parts.Peers.Slots[0].Hear(new ReplicaId(0x44), Trio.Now);
        var cut = new VersionVector();
        cut.Advance(new ReplicaId(0x44), 1);
        foreach (var node in (NodeId[])[Newcomer, Trio.Owners[1], Trio.Owners[2]]) holder.HearTable(node);
        void Tell(int slot, VersionVector collectedAt, int lost) => holder.Parts.Exchange.Note(
            holder.Parts.Peers.Slots[slot], holder.Parts.Answer(slot, cut, cut: collectedAt) with { Lost = lost });

        foreach (var slot in (int[])[0, 1]) Tell(slot, cut, lost: 1);
        Tell(2, new VersionVector(), lost: 1);
        Assert.False(holder.Membership.IsDrained);
        Tell(2, had, lost: 1);
        Assert.False(holder.Membership.IsDrained);

        // Where no node is lost, whatever comes is taken.
        Tell(2, cut, lost: 0);
        Assert.False(holder.Membership.IsDrained);
        Tell(2, cut, lost: 1);
        Assert.True(holder.Membership.IsDrained);
    }

    // The first owner, whose slot the newcomer holds by now, and what it had.
    private static (Side Holder, VersionVector Had) HandedOver()
    {
        var holder = new Side(new StateParts(), Newcomer, Trio.Owners[1], Trio.Owners[2]);
        var had = holder.Parts.Make("cart", "apple").Clock;
        holder.Membership.TrySeal(Newcomer, new SlotClaim(0, 2));
        holder.Parts.Peers.TryTake(0, new SlotHolder(Newcomer, 2, true, Trio.Owners[0]));
        holder.Parts.Peers.Slots[0].Hear(new ReplicaId(0x44), Trio.Now);
        return (holder, had);
    }

    /// <summary>One node's side of a move: the component on a state of its own.</summary>
    private sealed class Side
    {
        private readonly SlotTable _table;

        public Side(StateParts parts, params NodeId[] layout)
        {
            Parts = parts;
            var (state, peers) = (parts.State, parts.Peers);
            var promises = new Promises(3);
            _table = new SlotTable(state, peers, promises, layout, parts.Effects, parts);
            var images = new ImageReceiver(state.Id, state.Applied, parts.Settings, parts.Effects);
            var force = new ForcedTakeover(state, peers, parts.Gate, _table, promises, images, parts.Effects);
            var inheritance = new RightsInheritance(state.Id, peers, state.Applied, state.Durable, state.Keys, parts.Settings);
            var broker = new RightsBroker(state.Id, peers, state.Keys, inheritance);
            var rights = new RightsTransfer(
                state, peers, parts.Gate, broker, inheritance, parts.Replicator, parts.Exchange, parts.Effects);
            Membership = new SlotMembership(state, peers, parts.Gate, _table, force, images, parts.Exchange, rights, parts.Settings);
        }

        /// <summary>A node tells that it knows of the slots what this one does.</summary>
        public void HearTable(NodeId from) =>
            _table.Hear(from, new SlotsMessage(new ReplicaId(0x55), Parts.Peers.Table(), AnswerWanted: false), Trio.Now);

        public StateParts Parts { get; }

        public SlotMembership Membership { get; }
    }
}
