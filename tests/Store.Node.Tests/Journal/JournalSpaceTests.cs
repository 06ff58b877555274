using Gossipdb.Node.Journal;
using Gossipdb.Replication.Images;
using Gossipdb.Replication.State;

namespace Gossipdb.Node.Tests.Journal;

public sealed class JournalSpaceTests
{
    private const int EventBytes = 100;
    private static readonly byte[] Event = [(byte)JournalRecordKind.Event, .. new byte[EventBytes - 1]];
    private long _number;
    private long _images;

    [Fact]
    public void The_partition_that_holds_the_oldest_record_is_asked_first_and_what_nobody_needs_is_cut_off()
    {
        var space = new JournalSpace(owners: 3, leastLimit: 400);
        Write(space, 0);
        Write(space, 2);
        Assert.Null(space.NextToSnapshot());

        // From about half the limit on, images are written. Partition 1 has written nothing.
        Assert.Equal([0, 2], WriteUntilAsked(space, 2, 2));
        WriteImage(space, 0);
        Assert.True(space.TryCut(out var upTo));
        Assert.Equal(1, upTo);
        WriteImage(space, 2);
        Write(space, 0);
        Assert.True(space.TryCut(out upTo));
        Assert.True(upTo > 2);
        Assert.Equal(upTo + 1, space.First);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(64)]
    [InlineData(200)]
    public void However_the_writing_is_spread_the_journal_stays_at_twice_the_images(int eventsOfRecord)
    {
        const int Owners = 64;
        var space = new JournalSpace(Owners, leastLimit: 1_000);
        var random = new Random(7);
        var (asked, waiting) = (new Queue<int>(), new Queue<int>());
        var (most, images, events) = (0L, 0L, 0L);

        // One image of everybody is as long as ten events of everybody. Those that are asked for come with the record after the next.
        for (var i = 0; i < 40_000 / eventsOfRecord; i++)
        {
            int[] written = [.. Enumerable.Range(0, eventsOfRecord).Select(_ => random.Next(Owners))];
            events += eventsOfRecord * EventBytes;
            images += WriteTogether(space, written, waiting, 10 * EventBytes);
            (asked, waiting) = (waiting, asked);
            while (space.NextToSnapshot() is { } owner) asked.Enqueue(owner);
            space.TryCut(out _);
            most = Math.Max(most, space.Bytes);
        }

        var live = Owners * 10L * EventBytes;
        var record = eventsOfRecord * EventBytes;
        Assert.InRange(most, live, (long)(2.2 * live) + (3 * record));
        Assert.InRange((double)images / events, 0.7, 1.5);
    }

    // Writers who wait for no disk fill the backlog, and go on filling it as far as they may.
    [Theory]
    [InlineData(200, true)]
    [InlineData(200, false)]
    [InlineData(20_000, true)]
    [InlineData(20_000, false)]
    public void Where_the_journal_is_behind_neither_writes_nor_images_starve(int imageBytes, bool imagesFirst)
    {
        const int Owners = 64;
        const int Limit = 320_000;
        const int Record = 5_000;
        const int Headroom = 16 * EventBytes;
        var space = new JournalSpace(Owners, leastLimit: 1_000);
        var random = new Random(7);
        var waits = new Queue<(int Owner, byte[] Record)>();
        var written = new int[Owners];
        var (waiting, mostWaiting, longest, refused, longestRefused) = (0, 0, 0L, 0, 0);
        for (var record = 1; record <= 10_000; record++)
        {
            if (imagesFirst) BeginImages();
            refused++;
            for (; waiting + Headroom < Limit; refused = 0) Enqueue(random.Next(Owners), Event);
            if (!imagesFirst) BeginImages();
            mostWaiting = Math.Max(waiting, mostWaiting);

            // The first images are longer than they are reckoned: they hold what still waits.
            if (record > 1_000) longestRefused = Math.Max(refused, longestRefused);

            var (bytes, ofEvents) = (0, 0);
            var parts = new List<(int Owner, byte[] Record)>();
            while (bytes < Record && waits.TryDequeue(out var part))
            {
                parts.Add(part);
                bytes += part.Record.Length;
                if (part.Record == Event) ofEvents += EventBytes;
            }

            waiting -= bytes;
            space.Add(record, bytes);
            foreach (var part in parts) space.Note(part.Owner, record, part.Record);
            space.Earn(ofEvents, isBehind: waiting >= Limit / 2);
            space.TryCut(out _);
            longest = Math.Max(longest, space.Bytes);
        }

        var live = (long)Owners * imageBytes;
        Assert.InRange(mostWaiting, Limit - Headroom, Limit + imageBytes + 1_000);
        Assert.InRange(longest, live, (long)(3.3 * live) + (2 * Limit));
        Assert.InRange(longestRefused, 0, 2 + (2 * imageBytes / Record));

        void BeginImages()
        {
            while (waiting < Limit && space.NextToSnapshot() is { } owner)
                foreach (var part in ImageOf(Math.Min(imageBytes, written[owner]), isWhole: true)) Enqueue(owner, part);
        }

        void Enqueue(int owner, byte[] record)
        {
            waits.Enqueue((owner, record));
            waiting += record.Length;
            if (record == Event) written[owner] += EventBytes;
        }
    }

    [Fact]
    public void Where_nothing_is_written_no_images_are()
    {
        var space = new JournalSpace(owners: 2, leastLimit: 400);
        for (var i = 0; i < 20; i++) Write(space, i % 2);
        while (space.NextToSnapshot() is { } owner) WriteImage(space, owner);
        Assert.Null(space.NextToSnapshot());
        for (var tick = 0; tick < 1_000; tick++) space.Tick();
        Assert.Null(space.NextToSnapshot());
    }

    [Fact]
    public void An_image_that_only_adds_to_what_is_here_cuts_off_nothing()
    {
        var space = new JournalSpace(owners: 1, leastLimit: 100);
        Write(space, 0);
        Write(space, 0);
        WriteImage(space, 0, isWhole: false);
        Write(space, 0);
        Assert.False(space.TryCut(out _));
    }

    [Fact]
    public void Who_cannot_write_an_image_is_named_and_passed_over_until_it_can()
    {
        var space = new JournalSpace(owners: 2, leastLimit: 400);
        Write(space, 0);
        Write(space, 1);
        Assert.Equal([0, 1], WriteUntilAsked(space, 1, 2));
        space.Skip(0, "it waits");
        WriteImage(space, 1);
        for (var i = 0; i < 10; i++) Write(space, 1);
        Assert.Equal((0, "it waits"), space.HeldBackBy);
        Assert.Equal(new JournalRoom.Holder(0, 1, space.Bytes, "it waits"), Assert.Single(space.Holders(most: 1)));

        // The other one goes on, though nothing can be cut off.
        Assert.Equal(1, space.NextToSnapshot());
        Assert.False(space.TryCut(out _));
        WriteImage(space, 1);
        for (var tick = 0; tick < 200; tick++) space.Tick();
        Write(space, 1);
        Assert.Equal(0, space.NextToSnapshot());
        WriteImage(space, 0);
        Assert.Null(space.HeldBackBy);
        Assert.True(space.TryCut(out _));
    }

    [Fact]
    public void Where_something_is_damaged_everybody_writes_an_image_however_short_the_journal_is()
    {
        var space = new JournalSpace(owners: 2, leastLimit: 1 << 20);
        Write(space, 0);
        space.NoteDamaged(1, 1);
        space.BeginRound();
        Assert.Equal(0, space.NextToSnapshot());
        Assert.Equal(1, space.NextToSnapshot());
        Assert.Null(space.NextToSnapshot());
        WriteImage(space, 0);
        WriteImage(space, 1);
        Assert.Null(space.NextToSnapshot());
        Assert.True(space.TryCut(out var upTo));
        Assert.InRange(upTo, 1, 2);
    }

    private void Write(JournalSpace space, int owner)
    {
        Record(space, owner, Event);
        space.Earn(EventBytes, isBehind: false);
    }

    private List<int> WriteUntilAsked(JournalSpace space, int owner, int count)
    {
        var asked = new List<int>();
        for (var i = 0; i < 100 && asked.Count < count; i++)
        {
            Write(space, owner);
            while (space.NextToSnapshot() is { } next) asked.Add(next);
        }

        return asked;
    }

    private long WriteImage(JournalSpace space, int owner, int bytes = 0, bool isWhole = true)
    {
        var parts = ImageOf(bytes, isWhole);
        foreach (var part in parts) Record(space, owner, part);
        return parts.Sum(static part => part.Length);
    }

    private byte[][] ImageOf(int bytes, bool isWhole)
    {
        var session = (ulong)++_images;
        var since = new Crdt.Causality.VersionVector();
        if (!isWhole) since.Advance(new Crdt.Causality.ReplicaId(1), 1);
        var head = new ImageHead(
            since, Crdt.Causality.StableCut.None, new Crdt.Causality.VersionVector(), FallbackMembership.Empty, default, since);
        return
        [
            ImageStage.SliceRecord(new Crdt.Encoding.ByteWriter(), session, 0, new byte[bytes]),
            ImageStage.JoinRecord(new Crdt.Encoding.ByteWriter(), session, head),
        ];
    }

    // One record with events and with images, whose bytes are returned; nobody waits for the images any more.
    private long WriteTogether(JournalSpace space, int[] events, Queue<int> images, int imageBytes)
    {
        var number = ++_number;
        var parts = events.Select(static owner => (Owner: owner, Record: Event)).ToList();
        while (images.TryDequeue(out var owner))
            parts.AddRange(ImageOf(imageBytes, isWhole: true).Select(part => (owner, part)));
        space.Add(number, parts.Sum(static part => part.Record.Length));
        foreach (var (owner, part) in parts) space.Note(owner, number, part);
        space.Earn(events.Length * EventBytes, isBehind: false);
        return parts.Skip(events.Length).Sum(static part => part.Record.Length);
    }

    private void Record(JournalSpace space, int owner, byte[] record)
    {
        space.Add(++_number, record.Length);
        space.Note(owner, _number, record);
    }
}
