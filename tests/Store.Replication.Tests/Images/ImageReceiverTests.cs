using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Images;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;

namespace Gossipdb.Replication.Tests.Images;

public sealed class ImageReceiverTests
{
    private static readonly NodeId From = new(2);
    private readonly OwnerParts _parts = new();
    private readonly ImageReceiver _receiver;

    public ImageReceiverTests()
    {
        _parts.Have(Clock((A, 3)));
        _receiver = new ImageReceiver(A, _parts.Applied, _parts.Settings, _parts.Effects);
    }

    [Fact]
    public void Slices_are_asked_for_one_by_one_until_the_head_ends_them()
    {
        Start(whole: false);
        Assert.Equal((0, Clock((A, 3))), (Asked().Index, Asked().Since));
        Assert.Null(Take(0).Head);
        Assert.Equal((1, 1), (Asked().Index, _receiver.Slices));
        Assert.NotNull(Take(1, isLast: true).Head);
        Assert.False(_receiver.IsRunning);
        Assert.Equal(2, _parts.Effects.Sent.Count);
    }

    [Fact]
    public void A_whole_image_is_asked_for_as_one_who_has_nothing()
    {
        Start(whole: true);
        Assert.Equal(Clock(), Asked().Since);
    }

    [Fact]
    public void Slices_of_others_of_other_images_and_out_of_turn_are_not_taken()
    {
        Start(whole: true);
        Assert.False(Take(0, from: new(3)).Taken);
        Assert.False(Take(0, session: Asked().Session + 1).Taken);
        Assert.False(Take(1).Taken);
        Assert.True(Take(0).Taken);
        Assert.False(Take(0).Taken);
    }

    [Fact]
    public void A_lost_slice_is_asked_for_again_and_who_stays_silent_is_given_up()
    {
        Start(whole: true);
        var at = Trio.Now;
        for (var again = 1; again < 5; again++)
        {
            Tick(at + _parts.Settings.FetchTimeoutMs - 1);
            Assert.Equal(again, _parts.Effects.Sent.Count);
            Tick(at += _parts.Settings.FetchTimeoutMs);
        }

        Assert.Equal(5, _parts.Effects.Sent.Count);
        Tick(at + _parts.Settings.FetchTimeoutMs);
        Assert.False(_receiver.IsRunning);
    }

    [Fact]
    public void Who_is_refused_has_to_begin_anew()
    {
        Start(whole: false);
        Assert.False(_receiver.IsRefused(From, Slice(0)));
        Assert.True(_receiver.IsRefused(From, Slice(-1)));
        Assert.False(_receiver.IsRunning);
    }

    private void Start(bool whole) => _receiver.Start(From, whole, SlotClaim.None, Trio.Now);

    private void Tick(long nowMs) => _receiver.Tick(nowMs);

    private ImageRequestMessage Asked() => (ImageRequestMessage)_parts.Effects.Sent[^1].Message;

    private (bool Taken, ImageHead? Head) Take(int index, bool isLast = false, NodeId? from = null, ulong? session = null) =>
        _receiver.Take(from ?? From, Slice(index, isLast, session), Trio.Now, out _);

    private ImageSliceMessage Slice(int index, bool isLast = false, ulong? session = null)
    {
        var head = new ByteWriter();
        if (isLast) new ImageHead(Clock((A, 9)), StableCut.None, Clock(), FallbackMembership.Empty, default, Clock()).Encode(head);
        return new ImageSliceMessage(B, session ?? Asked().Session, index, default, head.ToArray());
    }
}
