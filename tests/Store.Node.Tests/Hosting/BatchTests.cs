using Google.Protobuf;
using Gossipdb.Client;
using Gossipdb.Protocol;

namespace Gossipdb.Node.Tests.Hosting;

public sealed class BatchTests(SharedNode shared) : IClassFixture<SharedNode>
{
    private readonly RunningNode _node = shared.Node;

    [Fact]
    public async Task A_batch_is_there_whole_and_so_is_what_it_refuses()
    {
        var client = await _node.ClientAsync();
        var receipt = await client.Batch().Add("{c}items", "pen").Increment("{c}total", 7).SetRegister("{c}owner", "Ada").ExecuteAsync();
        Assert.Equal([1], receipt.Nodes);

        var refused = await Assert.ThrowsAsync<Client.WrongTypeException>(() =>
            client.Batch().Increment("{c}total").Increment("{c}owner").ExecuteAsync());
        Assert.Contains("{c}owner", refused.Message, StringComparison.Ordinal);

        var read = await client.GetManyAsync(["{c}items", "{c}total", "{c}owner", "{c}absent"]);
        Assert.Equal(["pen"], read["{c}items"]!.Set);
        Assert.Equal((7, "Ada"), (read["{c}total"]!.Counter, read["{c}owner"]!.Register));
        Assert.Null(read["{c}absent"]);
    }

    [Fact]
    public async Task What_a_batch_cannot_be_is_said_in_one_sentence()
    {
        var client = await _node.ClientAsync();
        var apart = Enumerable.Range(0, 100).Select(i => $"k{i}").First(key =>
            Replication.Placement.Partitioner.PartitionOf(
                System.Text.Encoding.UTF8.GetBytes(key), 4) != Replication.Placement.Partitioner.PartitionOf("k"u8, 4));
        var error = await Assert.ThrowsAsync<InvalidRequestException>(() => client.Batch().Increment("k").Increment(apart).ExecuteAsync());
        Assert.Contains("'k'", error.Message, StringComparison.Ordinal);
        Assert.Contains($"'{apart}'", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, await client.Counter("k").GetAsync());

        Assert.Contains("names no key", (await RefusedAsync(new Request { Batch = new() })).Message, StringComparison.Ordinal);
        Assert.Contains("names 11 keys", (await RefusedAsync(Reading(11))).Message, StringComparison.Ordinal);
        Assert.Contains("what to do with", (await RefusedAsync(new Request
        {
            Batch = new() { Writes = { new KeyWrite { Key = ByteString.CopyFromUtf8("k") } } },
        })).Message, StringComparison.Ordinal);
        Assert.Contains(
            "the key is empty",
            (await RefusedAsync(new Request { MultiRead = new() { Keys = { ByteString.Empty } } })).Message,
            StringComparison.Ordinal);
        Assert.Equal(
            ErrorCode.TooLarge,
            (await RefusedAsync(new Request { MultiRead = new() { Keys = { ByteString.CopyFrom(new byte[65]) } } })).Code);
        await Assert.ThrowsAsync<TooLargeException>(() =>
            client.Batch().SetRegister("{b}1", new byte[2500]).SetRegister("{b}2", new byte[2500]).ExecuteAsync());
    }

    [Fact]
    public async Task A_bound_on_staleness_is_met_by_the_only_owner_and_is_no_level()
    {
        var client = await _node.ClientAsync();
        await client.Counter("fresh").IncrementAsync(2);
        Assert.Equal(2, await client.Counter("fresh").GetAsync(Client.Read.Within(TimeSpan.FromSeconds(1))));
        Assert.Equal(2, (await client.GetManyAsync(["fresh"], Client.Read.Within(TimeSpan.FromSeconds(1))))["fresh"]!.Counter);
        var refused = await RefusedAsync(new Request { Key = ByteString.CopyFromUtf8("fresh"), Delete = new(), MaxStalenessMs = 1 });
        Assert.Contains("staleness", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_whose_token_is_not_covered_is_refused_in_time()
    {
        var client = await _node.ClientAsync();
        var receipt = await client.Counter("session").IncrementAsync();
        var session = client.OpenSession(receipt.Token);
        Assert.Equal(1, await session.Counter("session").GetAsync(Client.Read.One));

        var ahead = new Request
        {
            Key = ByteString.CopyFromUtf8("session"),
            Read = new(),
            TimeoutMs = 100,
            Token = new Clock { Partition = (uint)receipt.Partition, Entries = { new VectorEntry { Replica = 1, Sequence = 9 } } },
        };
        Assert.Equal(ErrorCode.SessionUnavailable, (await RefusedAsync(ahead)).Code);
    }

    private static Request Reading(int keys)
    {
        var request = new Request { MultiRead = new() };
        for (var i = 0; i < keys; i++) request.MultiRead.Keys.Add(ByteString.CopyFromUtf8($"{{k}}{i}"));
        return request;
    }

    private async Task<Error> RefusedAsync(Request request) => (await _node.Raw.ExecuteAsync(request)).Error;
}
