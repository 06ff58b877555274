using Google.Protobuf;
using Gossipdb.Client;
using Gossipdb.Protocol;

namespace Gossipdb.Node.Tests.Hosting;

public sealed class ScanTests(SharedNode shared) : IClassFixture<SharedNode>
{
    private readonly RunningNode _node = shared.Node;

    [Fact]
    public async Task A_scan_tells_every_key_once_page_by_page_with_its_type()
    {
        var client = await _node.ClientAsync();
        for (var i = 0; i < 30; i++) await client.Counter($"scan/{i}").IncrementAsync();
        await client.Set("scan/set").AddAsync("x");
        await client.Set("other/set").AddAsync("x");
        await client.DeleteAsync("scan/7");

        var expected = Enumerable.Range(0, 30).Where(i => i != 7).Select(i => $"scan/{i}").Append("scan/set").Order(StringComparer.Ordinal);
        var found = new List<Client.ScannedKey>();
        await foreach (var key in client.ScanAsync("scan/")) found.Add(key);
        Assert.Equal(expected, found.Select(key => key.Key).Order(StringComparer.Ordinal));
        Assert.Equal(StoredType.Set, found.Single(key => key.Key == "scan/set").Type);
        Assert.Equal(StoredType.Counter, found.Single(key => key.Key == "scan/3").Type);

        var paged = new List<Client.ScannedKey>();
        string? cursor = null;
        do
        {
            var page = await client.ScanPageAsync("scan/", cursor, 7);
            Assert.InRange(page.Items.Count, 0, 7);
            paged.AddRange(page.Items);
            cursor = page.Next;
        }
        while (cursor is not null);
        Assert.Equal(found, paged);
    }

    [Fact]
    public async Task A_prefix_that_holds_the_part_in_braces_is_one_partition()
    {
        var client = await _node.ClientAsync();
        await client.Counter("{tag:1}a").IncrementAsync();
        await client.Counter("{tag:1}b").IncrementAsync();
        await client.Counter("{tag:2}a").IncrementAsync();
        Assert.Equal(["{tag:1}a", "{tag:1}b"], (await client.ScanPageAsync("{tag:1}", null, 10)).Items.Select(key => key.Key));
        Assert.Equal(3, (await client.ScanPageAsync("{tag:", null, 10)).Items.Count);
    }

    [Fact]
    public async Task What_a_scan_cannot_be_is_said_in_one_sentence()
    {
        var client = await _node.ClientAsync();
        await Assert.ThrowsAsync<InvalidRequestException>(() => client.ScanPageAsync("", "AAAA_w", 1));
        await Assert.ThrowsAsync<InvalidRequestException>(() => client.ScanPageAsync("", null, 0));
        Assert.Contains("partition 4", (await RefusedAsync(new Scan { Partition = 4, Limit = 1 })).Message, StringComparison.Ordinal);
        Assert.Contains("0 keys", (await RefusedAsync(new Scan())).Message, StringComparison.Ordinal);
        Assert.Contains("11 keys", (await RefusedAsync(new Scan { Limit = 11 })).Message, StringComparison.Ordinal);
        Assert.Equal(ErrorCode.TooLarge, (await RefusedAsync(new Scan { Limit = 1, Prefix = ByteString.CopyFrom(new byte[65]) })).Code);
    }

    private async Task<Error> RefusedAsync(Scan scan) => (await _node.Raw.ExecuteAsync(new Request { Scan = scan })).Error;
}
