using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Images;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;
using static Gossipdb.Replication.Tests.Harness.StateParts;

namespace Gossipdb.Replication.Tests.Images;

public sealed class ImageSenderTests
{
    private static readonly SlotClaim Seal = new(0, 2);
    private readonly StateParts _parts = new(settings: new ReplicaSettings { ImageSliceBytes = 1 });
    private readonly StubImagePolicy _policy = new();
    private readonly ImageSender _sender;

    public ImageSenderTests()
    {
        _sender = new ImageSender(_parts.State, _parts.Peers, _policy, _parts.Settings, _parts.Budget, _parts.Effects);
        _parts.Make("cart", "apple");
        _parts.Make("list", "milk");
    }

    [Fact]
    public void A_slice_that_was_lost_is_sent_again_and_the_last_one_carries_the_head()
    {
        for (var index = 0; index < 20 && Slices().All(static slice => slice.Head.IsEmpty); index++)
        {
            Ask(index);
            Ask(index);
        }

        var pairs = Slices().Chunk(2).ToArray();
        Assert.True(pairs.Length > 1);
        Assert.All(pairs, static pair => Assert.Equal(pair[0].Index, pair[1].Index));
        Assert.All(pairs, static pair => Assert.Equal(pair[0].Slice.ToArray(), pair[1].Slice.ToArray()));
        Assert.Equal(Enumerable.Range(0, pairs.Length), pairs.Select(static pair => pair[0].Index));
        Assert.All(Slices(), static slice => Assert.Null(slice.Table));
    }

    [Fact]
    public void Who_is_behind_the_stable_cut_is_refused_unless_it_wants_every_key()
    {
        _parts.Collect();
        Ask(0, since: Clock((A, 1)));
        Assert.Equal(-1, Assert.Single(Slices()).Index);
        Ask(0, session: 8);
        Assert.Equal(0, Slices()[^1].Index);
    }

    [Fact]
    public void The_end_of_an_image_that_seals_leaves_once_the_seal_is_on_disk_and_with_the_holders()
    {
        AskToTheEnd(Seal);
        Assert.Equal([Seal], _policy.Sealed);
        _sender.Tick(Trio.Now);
        Assert.All(Slices(), static slice => Assert.True(slice.Head.IsEmpty));

        _policy.MaySendSealedEnd = true;
        AskToTheEnd(Seal);
        Assert.False(Slices()[^1].Head.IsEmpty);
        Assert.Equal(_parts.Peers.Table(), Slices()[^1].Table);
        Assert.Single(_policy.Sealed);
    }

    [Fact]
    public void An_image_whose_slot_may_not_be_sealed_has_no_end()
    {
        (_policy.Seals, _policy.MaySendSealedEnd) = (false, true);
        AskToTheEnd(Seal);
        _sender.Tick(Trio.Now);
        Assert.All(Slices(), static slice => Assert.True(slice.Head.IsEmpty));
    }

    [Fact]
    public void A_slice_waits_for_the_repair_budget()
    {
        _parts.Budget.IsOpen = false;
        Ask(0);
        Assert.Empty(Slices());
        _parts.Budget.IsOpen = true;
        _sender.Tick(Trio.Now);
        _sender.Tick(Trio.Now);
        Assert.Equal(_parts.Budget.Charged, Assert.Single(Slices()).Slice.Length);
    }

    private ImageSliceMessage[] Slices() => _parts.Sent<ImageSliceMessage>();

    private void AskToTheEnd(SlotClaim seal)
    {
        for (var index = 0; index < 20; index++) Ask(index, seal: seal);
    }

    private void Ask(int index, VersionVector? since = null, SlotClaim? seal = null, ulong session = 7)
    {
        var request = new ImageRequestMessage(B, session, index, since ?? Clock(), seal ?? SlotClaim.None);
        _sender.Answer(Owners[1], request, isToBeSealed: seal is not null, Trio.Now);
    }
}
