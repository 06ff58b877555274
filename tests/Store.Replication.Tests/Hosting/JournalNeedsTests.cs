using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Hosting;
using Gossipdb.Replication.Images;
using Gossipdb.Replication.State;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;

namespace Gossipdb.Replication.Tests.Hosting;

public sealed class JournalNeedsTests
{
    private readonly JournalNeeds _needs = new();
    private readonly byte[] _event = Make(A, Clock(), "k", "x", default).Encoded;

    [Fact]
    public void Everything_is_needed_until_a_whole_image_has_ended()
    {
        Note(1, _event);
        Note(2, Slice(7, 0));
        Note(3, _event);
        Note(4, Slice(7, 1));
        Assert.Equal(1, _needs.NeededFrom);
        Note(5, Join(7, since: Clock()));
        Assert.Equal(2, _needs.NeededFrom);
    }

    [Fact]
    public void An_image_of_what_changed_since_and_one_whose_beginning_is_not_there_replace_nothing()
    {
        Note(1, _event);
        Note(2, Slice(7, 0));
        Note(3, Join(7, since: Clock((A, 1))));
        Note(4, Slice(8, 1));
        Note(5, Join(8, since: Clock()));
        Assert.Equal(1, _needs.NeededFrom);
    }

    [Fact]
    public void The_holders_of_the_slots_that_an_image_began_with_stay()
    {
        Note(1, _event);
        Note(2, [(byte)JournalRecordKind.Slots]);
        Note(3, _event);
        Note(4, Slice(7, 0));
        Note(5, [(byte)JournalRecordKind.Slots]);
        Note(6, Join(7, since: Clock()));
        Assert.Equal(2, _needs.NeededFrom);
    }

    [Fact]
    public void All_that_a_stand_in_holds_replaces_what_it_held_and_nothing_is_needed_of_what_was_dropped()
    {
        Note(1, [(byte)JournalRecordKind.Held]);
        Note(2, [(byte)JournalRecordKind.HeldAll]);
        Assert.Equal(2, _needs.NeededFrom);
        Note(3, [(byte)JournalRecordKind.Dropped]);
        Assert.Equal(long.MaxValue, _needs.NeededFrom);
        Note(4, _event);
        Assert.Equal(4, _needs.NeededFrom);
    }

    private void Note(long number, byte[] record) => _needs.Note(number, record);

    private static byte[] Slice(ulong session, int index) => ImageStage.SliceRecord(new ByteWriter(), session, index, []);

    private static byte[] Join(ulong session, VersionVector since) => ImageStage.JoinRecord(
        new ByteWriter(), session, new ImageHead(Clock((A, 9)), StableCut.None, Clock(), FallbackMembership.Empty, default, since));
}
