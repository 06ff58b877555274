using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Links;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Tests.Links;

/// <summary>Where the data ports of other nodes are, as they say and as it is taken down.</summary>
public sealed class DataPortNoticeTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1_000_000, 65_535)]
    public void A_notice_is_read_as_it_was_written(int from, int port)
    {
        var notice = new DataPortNotice(new NodeId(from), port);

        Assert.Equal(notice, DataPortNotice.Decode(notice.Encode()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("01")]
    [InlineData("010101")]
    [InlineData("0001")]
    [InlineData("0100")]
    [InlineData("01808004")]
    [InlineData("C1843D01")]
    [InlineData("0180808080808080808001")]
    public void Whatever_is_none_is_an_error(string bytes) =>
        Assert.Throws<CorruptDataException>(() => DataPortNotice.Decode(Convert.FromHexString(bytes)));

    [Fact]
    public void The_book_knows_what_a_node_said_last_and_when()
    {
        var book = new AddressBook(TestSettings.OfTwo(1));
        var other = new NodeId(2);
        Assert.Equal((null, null), (book.DataPortOf(other), book.DataPortSaidMs(other)));

        book.LearnDataPort(other, 4_000, nowMs: 10);
        Assert.Equal((4_000, 10), (book.DataPortOf(other), book.DataPortSaidMs(other)));
        book.LearnDataPort(other, 5_000, nowMs: 20);
        Assert.Equal((5_000, 20), (book.DataPortOf(other), book.DataPortSaidMs(other)));
        book.LearnDataPort(other, 6_000);
        Assert.Equal((6_000, 20), (book.DataPortOf(other), book.DataPortSaidMs(other)));
        Assert.Null(book.DataPortOf(new NodeId(1)));

        // What a port says is no address.
        book.LearnDataPort(new NodeId(9), 5_000, nowMs: 20);
        Assert.Null(book.Find(new NodeId(9)));
        Assert.DoesNotContain(new NodeId(9), book.Nodes);
    }
}
