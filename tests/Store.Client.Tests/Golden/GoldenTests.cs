using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Gossipdb.Client.Connection;
using Gossipdb.Client.Routing;
using Gossipdb.Client.Tests.Fakes;
using Gossipdb.Testing;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client.Tests.Golden;

/// <summary>What applications keep of the client's texts, and what clients and nodes of different versions say to each other.</summary>
public sealed class GoldenTests
{
    private static readonly GoldenFile Tokens = new(
        "tokens.txt",
        """
        Clock tokens as text: of receipts, of sessions (whose files hold just one) and of watches, which are the same.
        Version: the first byte of what the text is in Base64Url (ClockToken).
        """);

    private static readonly GoldenFile Cursors = new(
        "cursors.txt",
        """
        Cursors of pages and of scans as text. A page's is the node's (tests/Store.Node.Tests/Golden) in Base64Url.
        Version: none. A cursor is a place in an order that does not change: a new order needs a new way to ask.
        """);

    private static readonly GoldenFile FirstFrames = new(
        "first-frames.txt",
        """
        What a client says first on a connection to a node's data port: a hello and an empty batch, each with its length before it.
        Version: the byte behind the name (Frames). What follows are batches of the contract.
        """);

    private static readonly GoldenFile Contract = new(
        "contract.txt",
        """
        The contract between clients and nodes (gossipdb.proto): numbers and types of all fields and values, and the calls.
        Version: the package's name. Nodes forward requests and answers to each other in the same messages.
        """);

    [Fact]
    public void Tokens_are_written_as_approved() => Tokens.Check(
    [
        ("nothing", ClockToken.None.ToString()),
        ("one partition", Token(0, (5, 3)).ToString()),
        ("several replicas", Token(300, (5, 3), (0xb200_0000_0000_0001, 1L << 40)).ToString()),
        ("several partitions", Token(300, (7, 2)).Merge(Token(1, (5, 3))).ToString()),
    ]);

    [Fact]
    public void The_first_frames_are_written_as_approved() => FirstFrames.Check(
    [
        ("for node 1", Frames.Hello(1, authorization: null)),
        ("for node 300", Frames.Hello(300, authorization: null)),
    ]);

    [Fact]
    public void Approved_tokens_are_read_and_written_again() =>
        Assert.All(Tokens.Lines, line => Assert.Equal(line.Value, ClockToken.Parse(line.Value).ToString()));

    [Fact]
    public async Task Cursors_are_written_as_approved()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        cluster[1].Answer = request => Task.FromResult<Wire.Reply?>(request.Scan is { } scan
            ? new() { Scanned = new() { Keys = { new Wire.ScannedKey { Key = scan.Prefix } }, Next = ByteString.CopyFrom(0xFF, 0x01) } }
            : new() { Value = new() { Page = new() { Next = ByteString.CopyFrom(0x01, 0xFF, 0xEF) } } });
        var scanned = await client.ScanPageAsync("{a}", null, 1);
        var paged = await client.Set("k").PageAsync(limit: 1);

        Cursors.Check([("a scan: the partition and the last key met there", scanned.Next!), ("a page", paged.Next!)]);

        await client.ScanPageAsync("{a}", scanned.Next, 1);
        await client.Set("k").PageAsync(paged.Next, limit: 1);
        var requests = cluster[1].Requests.TakeLast(2).ToList();
        Assert.Equal((FakeCluster.PartitionOf("{a}"), "/wE="), (requests[0].Scan.Partition, requests[0].Scan.After.ToBase64()));
        Assert.Equal("Af/v", requests[1].Read.Page.Cursor.ToBase64());
    }

    [Fact]
    public void Keys_are_where_nodes_look_for_them()
    {
        var lines = new GoldenFile("../../Store.Replication.Tests/Golden/partitions-of-keys.txt", "").Lines;
        Assert.NotEmpty(lines);
        Assert.Equal(
            lines.Select(line => line.Value),
            lines.Select(line => Number((int)KeyHash.Partition(KeyHash.Of(Encoding.UTF8.GetBytes(line.Name.Trim('\''))), 64))));
    }

    [Fact]
    public void The_contract_is_the_approved_one()
    {
        var file = Wire.GossipdbReflection.Descriptor;
        Contract.Check(
        [
            ("package", file.Package),
            .. file.Services.SelectMany(Calls), .. file.MessageTypes.SelectMany(Fields), .. file.EnumTypes.SelectMany(Values),
        ]);
    }

    private static IEnumerable<(string, string)> Calls(ServiceDescriptor service) => service.Methods.Select(method => (
        $"{service.Name}.{method.Name}",
        $"{Streamed(method.IsClientStreaming)}{method.InputType.Name} to {Streamed(method.IsServerStreaming)}{method.OutputType.Name}"));

    private static IEnumerable<(string, string)> Fields(MessageDescriptor message) =>
    [
        .. message.Fields.InFieldNumberOrder()
            .Select(field => ($"{NameOf(message)}.{field.Name}", $"{Number(field.FieldNumber)} {TypeOf(field)}")),
        .. message.EnumTypes.SelectMany(Values),
        .. message.NestedTypes.SelectMany(Fields),
    ];

    private static IEnumerable<(string, string)> Values(EnumDescriptor type) =>
        type.Values.Select(value => ($"{type.FullName[(type.File.Package.Length + 1)..]}.{value.Name}", Number(value.Number)));

    private static string TypeOf(FieldDescriptor field) =>
        (field.IsRepeated ? "repeated " : IsOptional(field) ? "optional " : "")
        + (field.FieldType switch
        {
            FieldType.Message => NameOf(field.MessageType),
            FieldType.Enum => field.EnumType.Name,
            var type => type.ToString().ToLowerInvariant(),
        })
        + (field.RealContainingOneof is { } one ? $" in {one.Name}" : "");

    private static bool IsOptional(FieldDescriptor field) =>
        field.HasPresence && field.RealContainingOneof is null && field.FieldType != FieldType.Message;

    private static string NameOf(MessageDescriptor message) => message.FullName[(message.File.Package.Length + 1)..];

    private static string Streamed(bool isStream) => isStream ? "stream of " : "";

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    // Nodes alone make clocks: this one is put together from the contract's messages.
    private static ClockToken Token(uint partition, params (ulong Replica, long Sequence)[] entries)
    {
        using var bytes = new MemoryStream();
        bytes.WriteByte(1);
        new Wire.Clock
        {
            Partition = partition,
            Entries = { entries.Select(entry => new Wire.VectorEntry { Replica = entry.Replica, Sequence = entry.Sequence }) },
        }.WriteDelimitedTo(bytes);
        return ClockToken.Parse(Base64Url.EncodeToString(bytes.ToArray()));
    }
}
