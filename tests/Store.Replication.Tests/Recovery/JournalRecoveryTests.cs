using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Images;
using Gossipdb.Replication.Recovery;
using Gossipdb.Replication.Slots;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;
using static Gossipdb.Replication.Tests.Harness.StateParts;

namespace Gossipdb.Replication.Tests.Recovery;

public sealed class JournalRecoveryTests
{
    private static readonly ReplicaEvent First = Make(B, Clock(), "cart", "apple", default);
    private static readonly ReplicaEvent Second = Make(B, Clock((B, 1)), "cart", "pear", default);
    private static readonly ReplicaEvent Third = Make(B, Clock((B, 2)), "list", "milk", default);
    private readonly StateParts _parts = new();
    private readonly JournalRecovery _recovery;

    public JournalRecoveryTests()
    {
        var table = new SlotTable(_parts.State, _parts.Peers, _parts.Gate, new Promises(3), Owners, _parts.Effects, _parts);
        _recovery = new JournalRecovery(_parts.State, table, _parts.Gate);
    }

    [Fact]
    public void What_is_taken_back_is_applied_once_and_durable()
    {
        Take(First.Encoded, First.Encoded, Second.Encoded, [(byte)JournalRecordKind.Served]);
        Assert.Equal((2, 2, 2), (_parts.State.Applied[B], _parts.State.Durable[B], _parts.Noted.Count));
        Assert.True(_parts.Gate.HasServed);
    }

    [Fact]
    public void A_journal_with_a_hole_is_not_taken()
    {
        Take(First.Encoded, Third.Encoded);
        Assert.Throws<CorruptDataException>(_recovery.End);
    }

    [Fact]
    public void An_image_that_ends_further_on_covers_what_was_cut_off_in_front()
    {
        Take([Second.Encoded, .. Image(session: 7), Third.Encoded]);
        _recovery.End();
        Assert.Equal((3, 3), (_parts.State.Applied[B], _parts.State.Durable[B]));
        Assert.Equal([true], _parts.Images);
    }

    [Fact]
    public void An_image_whose_first_slices_were_cut_off_says_nothing()
    {
        Take([First.Encoded, .. Image(session: 7)[1..]]);
        Assert.Throws<CorruptDataException>(_recovery.End);
        Assert.Empty(_parts.Images);
    }

    [Fact]
    public void A_slice_that_is_missing_in_the_middle_is_a_hole()
    {
        var slice = ImageStage.SliceRecord(new ByteWriter(), 7, 0, []);
        Take(slice);
        Assert.Throws<CorruptDataException>(() => Take(ImageStage.SliceRecord(new ByteWriter(), 7, 2, [])));
        Assert.Throws<CorruptDataException>(() => Take([[250]]));
    }

    [Fact]
    public void An_image_that_only_repeats_what_is_here_leaves_the_log_as_it_is()
    {
        Take([First.Encoded, Second.Encoded, .. Image(session: 7)]);
        _recovery.End();
        Assert.Empty(_parts.Images);
        Assert.True(_parts.State.Log.ReachesBackTo(Clock()));
    }

    private void Take(params byte[][] records)
    {
        foreach (var record in records) _recovery.Take(record);
    }

    // The records of a whole image of what the first two events make.
    private static byte[][] Image(ulong session)
    {
        var source = new StateParts(self: 2);
        source.State.Apply(First, isAwaited: false);
        source.State.Apply(Second, isAwaited: false);
        var (slice, head) = new ImageSource(source.State, Clock(), source.Settings).Next();
        return [ImageStage.SliceRecord(new ByteWriter(), session, 0, slice), ImageStage.JoinRecord(new ByteWriter(), session, head!)];
    }
}
