using Gossipdb.Crdt.Causality;
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
        var table = new SlotTable(_parts.State, _parts.Peers, new Promises(3), Owners, _parts.Effects, _parts);
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
    public void A_journal_with_a_hole_is_damaged_and_what_builds_on_the_hole_waits()
    {
        Take(First.Encoded, Third.Encoded);
        _recovery.End();
        Assert.Contains("something between is missing", _parts.Gate.Damage, StringComparison.Ordinal);
        Assert.Equal((1, 1), (_parts.State.Applied[B], _parts.State.Salvaged.Count));
    }

    [Fact]
    public void What_does_not_build_on_what_is_damaged_is_applied_and_the_rest_once_that_is_there()
    {
        var other = Make(A, Clock(), "list", "bread", default);
        Take(First.Encoded);
        _recovery.TakeDamage("a checksum does not match");
        Take(Third.Encoded, other.Encoded);
        _recovery.End();
        Assert.Equal((1, 1), (_parts.State.Applied[B], _parts.State.Applied[A]));
        _parts.State.Apply(Second, isAwaited: false);
        var applied = new List<Dot>();
        _parts.State.Salvaged.Apply(_parts.State.Applied, intact =>
        {
            applied.Add(intact.Last);
            return true;
        });
        Assert.Equal([Third.Last], applied);
        Assert.Equal((0, 1L), (_parts.State.Salvaged.Count, _parts.State.Salvaged.Applied));
    }

    [Fact]
    public void An_image_behind_the_damage_makes_the_replica_whole_where_it_served_after_that()
    {
        Take(First.Encoded);
        _recovery.TakeDamage("a checksum does not match");
        Take([[(byte)JournalRecordKind.Served]]);
        Assert.NotNull(_parts.Gate.Damage);
        Take(Image(session: 7));
        Assert.NotNull(_parts.Gate.Damage);
        Take([[(byte)JournalRecordKind.Served]]);
        _recovery.End();
        Assert.Null(_parts.Gate.Damage);
    }

    [Fact]
    public void An_image_with_a_damaged_slice_is_no_state_unless_an_operator_accepts_that()
    {
        var records = Image(session: 7);
        Take(records[0]);
        _recovery.TakeDamage("a checksum does not match");
        Take(records[1], Third.Encoded);
        _recovery.End();
        Assert.Empty(_parts.Images);
        Assert.Equal((0, 1), (_parts.State.Applied[B], _parts.State.Salvaged.Count));
        _recovery.AcceptLoss();
        Assert.Equal((2, true), (_parts.State.Applied[B], Third.IsApplicableAt(_parts.State.Applied)));
    }

    [Fact]
    public void A_journal_that_says_it_is_damaged_is()
    {
        Take([[(byte)JournalRecordKind.Damaged, (byte)'x']]);
        Assert.Equal("x", _parts.Gate.Damage);
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
        _recovery.End();
        Assert.NotNull(_parts.Gate.Damage);
        Assert.Empty(_parts.Images);
    }

    [Fact]
    public void A_slice_that_is_missing_in_the_middle_is_a_hole()
    {
        var slice = ImageStage.SliceRecord(new ByteWriter(), 7, 0, []);
        Take(slice, ImageStage.SliceRecord(new ByteWriter(), 7, 2, []));
        Assert.Contains("slice 1", _parts.Gate.Damage, StringComparison.Ordinal);
        Assert.Throws<CorruptDataException>(() => Take(slice));
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
        return [ImageStage.SliceRecord(new ByteWriter(), session, 0, slice.Span), ImageStage.JoinRecord(new ByteWriter(), session, head!)];
    }
}
