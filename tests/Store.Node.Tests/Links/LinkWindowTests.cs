using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Links;

namespace Gossipdb.Node.Tests.Links;

/// <summary>The two ends of a link's window.</summary>
public sealed class LinkWindowTests
{
    [Fact]
    public void A_full_window_leaves_a_reserve_for_what_is_urgent()
    {
        var window = new LinkWindow(1_000);
        window.Send(1_000);
        Assert.Equal((0, 1_000), (window.Room(isUrgent: false), window.Room(isUrgent: true)));
        window.Send(1_000);
        Assert.Equal(0, window.Room(isUrgent: true));

        window.Confirm(600);
        window.Confirm(100);

        Assert.Equal((-400, 1_400), (window.Room(isUrgent: false), window.UnderWay));
    }

    [Fact]
    public void What_arrived_is_confirmed_once_it_is_handled()
    {
        var inbox = Inbox();
        inbox.Hear(1_000, 1_000);
        inbox.HandOver(900);
        inbox.Done();
        Assert.Equal(100, inbox.Echo(mayRelease: true));

        inbox.Handled(900);

        Assert.Equal(1_000, inbox.Echo(mayRelease: true));
        Assert.Equal(0, inbox.Owed);
    }

    [Fact]
    public void While_the_node_cannot_keep_up_nothing_that_was_handed_over_is_confirmed_and_everything_else_is()
    {
        var inbox = Inbox();
        inbox.Hear(1_000, 1_000);
        inbox.HandOver(900);
        inbox.Handled(900);
        inbox.Done();
        Assert.Equal(100, inbox.Echo(mayRelease: false));

        // An ack that came meanwhile.
        inbox.Hear(1_050, 50);
        inbox.Done();
        Assert.Equal(150, inbox.Echo(mayRelease: false));
        Assert.Equal(1_050, inbox.Echo(mayRelease: true));
    }

    [Fact]
    public void A_confirmation_never_goes_back_and_a_frame_larger_than_the_window_arrives()
    {
        var inbox = Inbox();
        var window = new LinkWindow(2_000);
        var queue = new FairQueue(1_000, long.MaxValue);
        Assert.True(queue.TryAdd(new LinkFrame(LinkFrames.FirstPartition, new byte[50_000], null, 50_000), isUrgent: false));
        ByteWriter? whole = null;
        while (!queue.IsEmpty)
        {
            Assert.True(window.Room(isUrgent: false) > 0, "the window stays full");
            var body = new ByteWriter();
            queue.TryWrite(body, 1_000);
            window.Send(body.Length);
            inbox.Hear(window.Sent, body.Length);
            var reader = new ByteReader(body.Written);
            reader.ReadVarint();
            whole = inbox.Take(reader.ReadSpan(), out _);
            if (whole is not null) inbox.HandOver(whole.Length);
            inbox.Done();
            window.Confirm(inbox.Echo(mayRelease: true));
        }

        Assert.Equal(50_000, whole!.Length);

        // What was confirmed piece by piece counts again until it is handled: what is behind a full mailbox is at most a window and one
        // frame.
        Assert.Equal(window.Confirmed, inbox.Echo(mayRelease: true));
        inbox.Hear(window.Sent + 100, 100);
        inbox.Done();
        Assert.Equal(window.Confirmed, inbox.Echo(mayRelease: true));
        inbox.Handled(50_000);
        Assert.Equal(window.Sent + 100, inbox.Echo(mayRelease: true));
    }

    [Fact]
    public void Much_that_was_handled_is_worth_a_confirmation_of_its_own()
    {
        var inbox = new LinkInbox(long.MaxValue, 100);
        inbox.HandOver(1_000);
        inbox.Handled(99);
        Assert.False(inbox.IsConfirmationDue);
        inbox.Handled(1);
        Assert.True(inbox.IsConfirmationDue);
        inbox.Echo(mayRelease: false);
        Assert.True(inbox.IsConfirmationDue);
        inbox.Echo(mayRelease: true);
        Assert.False(inbox.IsConfirmationDue);
        inbox.Handled(100);
        Assert.True(inbox.IsConfirmationDue);
    }

    [Fact]
    public void Nothing_of_an_envelope_is_confirmed_before_all_of_it_was_handed_on()
    {
        var inbox = new LinkInbox(long.MaxValue, 100);
        inbox.Hear(1_000, 1_000);
        inbox.HandOver(400);
        inbox.Handled(400);
        Assert.Equal((0, 1_000), (inbox.Echo(mayRelease: true), inbox.Owed));
        Assert.True(inbox.IsConfirmationDue);
        inbox.HandOver(400);
        inbox.Done();

        Assert.Equal((600, 400), (inbox.Echo(mayRelease: true), inbox.Owed));
        Assert.False(inbox.IsConfirmationDue);
    }

    [Fact]
    public void Pieces_beyond_the_largest_frame_are_refused()
    {
        var inbox = new LinkInbox(1_500, long.MaxValue);
        inbox.Take([(byte)PieceFlags.First, 16, .. new byte[1_000]], out _);
        Assert.Throws<CorruptDataException>(() => inbox.Take([0, 16, .. new byte[1_000]], out _));
        Assert.Null(inbox.Take([(byte)PieceFlags.Last, 16, 1], out _));
    }

    private static LinkInbox Inbox() => new(long.MaxValue, long.MaxValue);
}
