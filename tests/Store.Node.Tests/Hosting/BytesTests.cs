using System.Collections.Concurrent;
using System.Text;
using Google.Protobuf;
using Gossipdb.Cli;
using Gossipdb.Cli.Output;
using Gossipdb.Protocol;

namespace Gossipdb.Node.Tests.Hosting;

/// <summary>Keys and elements that are not UTF-8, written as any client in any language can, through a whole node.</summary>
public sealed class BytesTests(SharedNode shared) : IClassFixture<SharedNode>
{
    private readonly RunningNode _node = shared.Node;

    [Fact]
    public async Task What_a_node_says_of_a_key_or_an_element_tells_it_apart()
    {
        await WriteAsync([(byte)'i', 0xe9], new Update
        {
            SetAdd = new Elements
            {
                Elements_ = { ByteString.CopyFrom(0xe9), ByteString.CopyFrom(0xe8), ByteString.CopyFromUtf8(@"\xe9") },
            }
        });
        var inspected = await _node.Admin.InspectAsync(Client.Bytes.FromHex("69e9"));
        Assert.Equal(
            [@"\x5cxe9", @"\xe8", @"\xe9"],
            Assert.Single(inspected.Objects).Lines.Select(static line => line.Split(' ')[0]).Order(StringComparer.Ordinal));

        var refused = await _node.Raw.ExecuteAsync(new Request
        {
            Batch = new Protocol.Batch
            {
                Writes = { new KeyWrite
            {
                Key = ByteString.CopyFrom((byte)'i', 0xe9),
                Update = new Update { CounterIncrement = new CounterIncrement { Amount = 1 } },
            } }
            },
        });
        Assert.Equal(ErrorCode.WrongType, refused.Error.Code);
        Assert.Contains(@"'i\xe9'", refused.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watch_tells_keys_apart_to_the_client_and_in_the_shell()
    {
        await WriteAsync([(byte)'w', 0xe9], new Update { SetAdd = new Elements { Elements_ = { ByteString.CopyFrom(0xe9) } } });
        await WriteAsync([(byte)'w', 0xe8], new Update { SetAdd = new Elements { Elements_ = { ByteString.CopyFrom(0xe8) } } });
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var told = new Dictionary<Client.Bytes, Client.Bytes>();
        await foreach (var change in (await _node.ClientAsync()).WatchPrefixAsync("w", null, end.Token))
        {
            if (change.Value is not null) told[change.KeyBytes] = change.Value.SetBytes.Single();
            if (told.Count == 2) break;
        }

        Assert.Equal((Client.Bytes)new byte[] { 0xe8 }, told[Client.Bytes.FromHex("77e8")]);
        Assert.Equal((Client.Bytes)new byte[] { 0xe9 }, told[Client.Bytes.FromHex("77e9")]);

        Assert.Equal(["w\\xe8\tset\t{\\xe8}", "w\\xe9\tset\t{\\xe9}"], await LinesAsync(2, "watch", "--prefix", "w"));
        var json = await LinesAsync(1, "watch", @"w\xe9", "--json");
        Assert.Contains("""key":"w\\xe9","type":"set","value":["\\xe9"]""", json[0], StringComparison.Ordinal);
    }

    private async Task<string[]> LinesAsync(int count, params string[] command)
    {
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await using var output = new LineWriter();
        var running = CommandLine.RunAsync(
            [.. command, "--endpoint", _node.Endpoint],
            new Terminal(output, TextWriter.Null, interactive: false),
            new NodeRunner(),
            end.Token);
        await Poll.UntilAsync(() => Task.FromResult(output.Lines.Count >= count || running.IsCompleted), "the watch has told all there is");
        await end.CancelAsync();
        await running;
        return [.. output.Lines.Order(StringComparer.Ordinal)];
    }

    private async Task WriteAsync(byte[] key, Update update)
    {
        var reply = await _node.Raw.ExecuteAsync(new Request { Key = ByteString.CopyFrom(key), Update = update });
        Assert.Null(reply.Error);
    }

    private sealed class LineWriter : TextWriter
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public override Encoding Encoding => Encoding.UTF8;

        public override void WriteLine(string? value) => Lines.Enqueue(value ?? "");
    }
}
