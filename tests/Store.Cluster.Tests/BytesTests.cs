using System.Text.Json;
using Gossipdb.Client;
using Gossipdb.Protocol;
using Google.Protobuf;
using Grpc.Net.Client;

namespace Gossipdb.Cluster.Tests;

[Collection(SharedCluster.Name)]
public sealed class BytesTests(SharedCluster shared)
{
    [Fact]
    public async Task What_is_not_text_is_seen_read_changed_and_deleted_from_the_client_and_the_shell()
    {
        var cluster = await shared.WholeAsync();
        await using var client = await cluster.ConnectAsync();
        var endpoint = cluster.Local.Nodes[0].Endpoint;

        // Two keys that are no text, and the text that one could be taken for; each holds two elements that are no text. Written as a
        // client in any language can.
        Bytes[] keys = [Bytes.FromHex("6be8"), Bytes.FromHex("6be9"), @"k\xe9"];
        using var channel = GrpcChannel.ForAddress(endpoint);
        var raw = new WireClient(channel);
        foreach (var key in keys)
        {
            var reply = await raw.ExecuteAsync(new Request
            {
                Key = ByteString.CopyFrom(key.Span),
                Update = new Update { SetAdd = new Elements { Elements_ = { ByteString.CopyFrom(0xe8), ByteString.CopyFrom(0xe9) } } },
                Level = new Level { Named = Level.Types.Named.All },
            });
            Assert.Null(reply.Error);
        }

        // The client.
        var scanned = new List<Bytes>();
        await foreach (var found in client.ScanAsync("k", Client.Read.All)) scanned.Add(found.KeyBytes);
        Assert.Equal(keys.Order(), scanned.Order());
        foreach (var key in scanned)
            Assert.Equal([Bytes.FromHex("e8"), Bytes.FromHex("e9")], (await client.GetAsync(key, Client.Read.All))!.SetBytes);
        await Assert.ThrowsAsync<NotTextException>(() => client.Set(keys[0]).GetAsync());
        await client.Set(keys[0]).RemoveAsync(Bytes.FromHex("e8"), Write.All);
        Assert.Equal([Bytes.FromHex("e9")], await client.Set(keys[0]).GetBytesAsync(Client.Read.All));
        await client.DeleteAsync(keys[0], Write.All);

        // The shell reads what it has printed.
        var listed = JsonDocument.Parse(await ShellAsync("scan", "k", "--json", "--r", "all")).RootElement.GetProperty("keys");
        var names = listed
            .EnumerateArray()
            .Select(static key => key.GetProperty("key").GetString()!)
            .Order(StringComparer.Ordinal)
            .ToArray();
        Assert.Equal([@"k\x5cxe9", @"k\xe9"], names);
        foreach (var name in names) Assert.Equal("\\xe8\n\\xe9\n", await ShellAsync("get", name));
        Assert.Contains("agree: equal clocks, equal content", await ShellAsync("inspect", names[1]), StringComparison.Ordinal);
        await ShellAsync("set", "remove", names[1], @"\xe8", "--w", "all");
        Assert.Equal("\\xe9\n", await ShellAsync("set", "members", names[1]));
        Assert.Equal("e9\n", await ShellAsync("set", "members", "6be9", "--hex"));
        await ShellAsync("delete", names[1], "--w", "all");
        Assert.Equal("k\\x5cxe9\tset\n", await ShellAsync("scan", "k", "--r", "all"));
        Assert.Equal(
            [(Bytes)@"k\xe9"], (await client.ScanPageAsync("k", null, 10, Client.Read.All)).Items.Select(static found => found.KeyBytes));

        // A byte that the shell is given as it is would reach the program as another one.
        var (exit, _, error) = await Programs.RunAsync(
            "/bin/sh", "-c", "exec \"$0\" get \"$(printf 'k\\351')\" --endpoint \"$1\"", Programs.Gossipdb, endpoint);
        Assert.Equal(2, exit);
        Assert.Contains(@"'k\xe9' is not UTF-8", error, StringComparison.Ordinal);

        async Task<string> ShellAsync(params string[] words)
        {
            var run = await Programs.RunAsync(Programs.Gossipdb, [.. words, "--endpoint", endpoint]);
            Assert.True(run.ExitCode == 0, run.Output + run.Error);
            return run.Output;
        }
    }
}
