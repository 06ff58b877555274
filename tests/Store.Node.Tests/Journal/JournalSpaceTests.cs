using Gossipdb.Node.Journal;
using Gossipdb.Replication.Images;
using Gossipdb.Replication.State;

namespace Gossipdb.Node.Tests.Journal;

public sealed class JournalSpaceTests
{
    private static readonly byte[] Event = [(byte)JournalRecordKind.Event];

    [Fact]
    public void Past_its_limit_each_partition_is_asked_once_and_what_lies_before_all_images_is_cut_off()
    {
        var space = new JournalSpace(partitions: 3, leastLimit: 100);
        Record(space, 1, 60, partition: 0, Event);
        Record(space, 2, 30, partition: 2, Event);
        Assert.Null(space.NextToSnapshot());
        Record(space, 3, 30, partition: 0, Event);

        Assert.Equal(0, space.NextToSnapshot());
        var image = Image(session: 7);
        Record(space, 4, 10, partition: 0, image[0]);
        Assert.Equal(0, space.NextToSnapshot());
        Record(space, 5, 10, partition: 0, image[1]);
        Assert.True(space.TryCut(out var upTo));
        Assert.Equal(1, upTo);
        Assert.Equal(80, space.Bytes);

        // Partition 1 has written nothing: it is not asked.
        Assert.Equal(2, space.NextToSnapshot());
        foreach (var record in Image(session: 8)) Record(space, 6, 10, partition: 2, record);
        Assert.True(space.TryCut(out upTo));
        Assert.Equal(3, upTo);
        Assert.Null(space.NextToSnapshot());
        Assert.False(space.TryCut(out _));
    }

    [Fact]
    public void An_image_that_only_adds_to_what_is_here_cuts_off_nothing()
    {
        var space = new JournalSpace(partitions: 1, leastLimit: 100);
        Record(space, 1, 200, partition: 0, Event);
        foreach (var record in Image(session: 7, isWhole: false)) Record(space, 2, 10, partition: 0, record);
        Assert.False(space.TryCut(out _));
    }

    [Fact]
    public void Who_cannot_write_an_image_is_named_and_passed_over_until_it_can()
    {
        var space = new JournalSpace(partitions: 2, leastLimit: 100);
        Record(space, 1, 60, partition: 0, Event);
        Record(space, 2, 60, partition: 1, Event);
        Assert.Equal(0, space.NextToSnapshot());
        Assert.Null(space.HeldBackBy);
        space.Skip(0, "it waits");
        Assert.Equal((0, "it waits"), space.HeldBackBy);

        // The other one goes on, though nothing can be cut off.
        Assert.Equal(1, space.NextToSnapshot());
        foreach (var record in Image(session: 8)) Record(space, 3, 10, partition: 1, record);
        Assert.False(space.TryCut(out _));
        Assert.Equal((0, "it waits"), space.HeldBackBy);

        int? asked = null;
        for (var tick = 0; tick < 200 && asked is null; tick++) asked = space.NextToSnapshot();
        Assert.Equal(0, asked);
        foreach (var record in Image(session: 9)) Record(space, 4, 10, partition: 0, record);
        Assert.True(space.TryCut(out var upTo));
        Assert.Equal(2, upTo);
        Assert.Null(space.HeldBackBy);
        Assert.Null(space.NextToSnapshot());
    }

    private static void Record(JournalSpace space, long number, int bytes, int partition, byte[] record)
    {
        space.Add(number, bytes);
        space.Note(partition, number, record);
    }

    /// <summary>The records of an image with one empty slice.</summary>
    private static byte[][] Image(ulong session, bool isWhole = true)
    {
        var since = new Crdt.Causality.VersionVector();
        if (!isWhole) since.Advance(new Crdt.Causality.ReplicaId(1), 1);
        var head = new ImageHead(
            since, Crdt.Causality.StableCut.None, new Crdt.Causality.VersionVector(), FallbackMembership.Empty, default, since);
        return [
            ImageStage.SliceRecord(new Crdt.Encoding.ByteWriter(), session, 0, []),
            ImageStage.JoinRecord(new Crdt.Encoding.ByteWriter(), session, head)
        ];
    }
}
