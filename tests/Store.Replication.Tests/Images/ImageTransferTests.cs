using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Images;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;
using static Gossipdb.Replication.Tests.Harness.StateParts;

namespace Gossipdb.Replication.Tests.Images;

public sealed class ImageTransferTests
{
    private static readonly SlotClaim Seal = new(1, 2);
    private readonly StateParts _parts = new();
    private readonly StateParts _source = new(self: 1);
    private readonly StubImagePolicy _policy = new();
    private readonly ImageReceiver _receiver;
    private readonly SnapshotWriter _snapshot;
    private readonly ImageTransfer _transfer;

    public ImageTransferTests()
    {
        var sender = new ImageSender(_parts.State, _parts.Peers, _policy, _parts.Settings, _parts.Budget, _parts.Effects);
        _receiver = new ImageReceiver(_parts.State.Id, _parts.State.Applied, _parts.Settings, _parts.Effects);
        _snapshot = new SnapshotWriter(_parts.State, _parts.Gate, _parts.Settings);
        _transfer = new ImageTransfer(
            _parts.State, _parts.Peers, _parts.Gate, _receiver, sender, _snapshot, _policy, _parts.Replicator, _parts.Fetcher,
            _parts.Exchange);
        _source.Make("cart", "apple");
    }

    [Fact]
    public void A_whole_image_is_journaled_slice_by_slice_and_ends_with_one_record()
    {
        _parts.Gate.RecoverServed();
        LoseMemory();
        Take();
        Assert.Equal([JournalRecordKind.ImageSlice, JournalRecordKind.ImageJoin, JournalRecordKind.Served], _parts.Journaled);
        Assert.Equal(ServingState.CatchingUp, _parts.Gate.State);
        Assert.Equal(_source.State.Keys.Digest(), _parts.State.Keys.Digest());
    }

    [Fact]
    public void A_whole_image_takes_back_nothing_that_is_here()
    {
        _parts.Apply(2);
        LoseMemory();
        Take();
        Assert.Equal([JournalRecordKind.ImageSlice], _parts.Journaled[1..]);
        Assert.Equal((1, 0), (_parts.State.Applied[C], _parts.State.Applied[B]));
        Assert.Equal(ServingState.NeedsImage, _parts.Gate.State);
    }

    [Fact]
    public void What_was_buffered_is_applied_on_the_image()
    {
        var next = _source.EventOf(2);
        _parts.Replicator.Take(
            Owners[2], _parts.Peers.Slots[2], new EventsMessage(C, AckWanted.None, false, false, [next.Encoded]), Trio.Now);
        _receiver.Start(Owners[1], whole: true, SlotClaim.None, Trio.Now);
        Assert.Equal(0, _parts.State.Applied[C]);
        Take();
        Assert.Equal(1, _parts.State.Applied[C]);
    }

    [Fact]
    public void A_slot_is_taken_up_with_its_image_unless_its_image_may_not_hold_all_that_it_must()
    {
        _policy.TakesUp = false;
        _receiver.Start(Owners[1], whole: true, Seal, Trio.Now);
        Take();
        Assert.Empty(_policy.TakenUp);
        Assert.Equal(0, _parts.State.Applied[B]);

        _policy.TakesUp = true;
        _receiver.Start(Owners[1], whole: true, Seal, Trio.Now);
        Take();
        Assert.Equal([Seal], _policy.TakenUp);
        Assert.Equal(1, _parts.State.Applied[B]);
    }

    [Fact]
    public void Who_is_refused_takes_every_key_anew()
    {
        _receiver.Start(Owners[1], whole: false, SlotClaim.None, Trio.Now);
        var session = _parts.Sent<ImageRequestMessage>()[^1].Session;
        _transfer.Take(Owners[1], new ImageSliceMessage(B, session, -1, default, default), Trio.Now);
        Assert.Equal(ServingState.NeedsImage, _parts.Gate.State);
        _parts.Peers.SetNear(Owners[1], false);
        _transfer.TakeWhereNeeded(Trio.Now);
        Assert.Equal(Owners[2], _parts.SentTo<ImageRequestMessage>()[^1]);
        Assert.Equal(Clock(), _parts.Sent<ImageRequestMessage>()[^1].Since);
    }

    [Fact]
    public void A_slice_from_a_peer_ends_a_snapshot_that_is_being_written()
    {
        Assert.Null(_transfer.BeginSnapshot());
        Assert.Equal((true, 1), (_snapshot.IsRunning, _policy.HoldersAppended));
        _receiver.Start(Owners[1], whole: true, SlotClaim.None, Trio.Now);
        Take();
        Assert.False(_snapshot.IsRunning);
    }

    [Fact]
    public void A_snapshot_is_not_begun_while_the_state_is_in_doubt_or_a_slot_is_on_its_way()
    {
        _policy.IsTakingUp = true;
        Assert.NotNull(_transfer.BeginSnapshot());
        _policy.IsTakingUp = false;
        LoseMemory();
        Assert.NotNull(_transfer.BeginSnapshot());
        Assert.False(_snapshot.IsRunning);
    }

    [Fact]
    public void Who_may_not_have_an_image_with_a_slot_is_told_the_holders()
    {
        _policy.Gives = false;
        _transfer.Give(Owners[1], new ImageRequestMessage(B, 7, 0, Clock(), Seal), Trio.Now);
        _transfer.Give(Owners[2], new ImageRequestMessage(C, 7, 0, Clock(), SlotClaim.None), Trio.Now);
        Assert.Equal([Owners[1]], _policy.Told);
        Assert.Empty(_parts.Effects.Sent);
    }

    private static ReplicaId C => Ids[2];

    private void LoseMemory()
    {
        _parts.Gate.LoseMemory(Owners[1]);
        _transfer.TakeWhereNeeded(Trio.Now);
    }

    // The other owner's whole state, in one slice.
    private void Take()
    {
        var (slice, head) = new ImageSource(_source.State, Clock(), _source.Settings).Next();
        var writer = new ByteWriter();
        head!.Encode(writer);
        var session = _parts.Sent<ImageRequestMessage>()[^1].Session;
        _transfer.Take(Owners[1], new ImageSliceMessage(B, session, 0, slice, writer.ToArray()), Trio.Now);
    }
}
