using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Transport;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Tests.Transport;

public sealed class HelloTests
{
    // gossipdb, version 1, a node, calls node 2, is node 1.
    private static readonly byte[] Good = [.. "gossipdb"u8, 1, 1, 2, 1];

    [Theory]
    [InlineData(null, 1)]
    [InlineData(null, 1_000_000)]
    [InlineData(1, 2)]
    [InlineData(1_000_000, 1_000_000)]
    public void A_hello_is_read_as_it_was_written(int? caller, int called)
    {
        var hello = new Hello(caller is { } node ? new NodeId(node) : null, new NodeId(called));

        var bytes = hello.Encode();

        Assert.InRange(bytes.Length, 1, Hello.MaxBytes);
        Assert.Equal(hello, Hello.Decode(bytes));
    }

    [Fact]
    public void Whatever_is_none_is_named()
    {
        Assert.Equal(new Hello(new NodeId(1), new NodeId(2)), Hello.Decode(Good));
        for (var length = 0; length < Good.Length; length++)
            Assert.Throws<CorruptDataException>(() => Hello.Decode(Good.AsSpan(0, length)));
        foreach (var (bytes, named) in new (byte[], string)[]
        {
            ([.. Good, 0], "after the end"),
            ([.. "gossipdc"u8, 1, 1, 2, 1], "not a hello of Gossipdb"),
            ([.. "GET / HTTP/1.1"u8], "not a hello of Gossipdb"),
            ([.. "gossipdb"u8, 2, 1, 2, 1], "a hello of version 2; this node speaks 1"),
            ([.. "gossipdb"u8, 0, 1, 2, 1], "a hello of version 0"),
            ([.. "gossipdb"u8, 1, 3, 2, 1], "a hello of kind 3"),
            ([.. "gossipdb"u8, 1, 1, 0, 1], "there is no node 0"),
            ([.. "gossipdb"u8, 1, 1, 2, 0], "there is no node 0"),
            ([.. "gossipdb"u8, 1, 0, 0xC1, 0x84, 0x3D], "there is no node 1000001"),
            ([.. "gossipdb"u8, 1, 0, 2, 1], "after the end"),
        })
            Assert.Contains(named, Assert.Throws<CorruptDataException>(() => Hello.Decode(bytes)).Message, StringComparison.Ordinal);
    }
}
