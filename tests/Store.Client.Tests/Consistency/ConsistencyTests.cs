using Gossipdb.Client.Tests.Fakes;
using Gossipdb.Protocol;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client.Tests.Consistency;

public class ConsistencyTests
{
    [Fact]
    public async Task Every_call_says_what_it_asks_for()
    {
        await using var cluster = await FakeCluster.StartAsync(3);
        await using var client = await cluster.ConnectAsync();
        var key = cluster.KeyOf(1);
        var counter = client.Counter(key);

        await counter.IncrementAsync(1, Client.Write.Quorum);
        await counter.IncrementAsync(1, Client.Write.All with { Durability = Durability.Memory });
        await counter.IncrementAsync(1, Client.Write.Replicas(3));
        await counter.IncrementAsync(1, Client.Write.Default);
        await counter.GetAsync(Client.Read.Quorum);
        await counter.GetAsync(Client.Read.Two);
        await counter.GetAsync(Client.Read.Replicas(1));

        var sent = cluster[1].Requests.ToList();
        Assert.Equal(
            [Level.Types.Named.Quorum, Level.Types.Named.All, null, null, Level.Types.Named.Quorum, Level.Types.Named.Two, null],
            sent.Select(request => request.Level?.HasNamed == true ? request.Level.Named : (Level.Types.Named?)null));
        Assert.Equal([3u, 1u], new[] { sent[2], sent[6] }.Select(request => request.Level.Count));
        Assert.Null(sent[3].Level);
        Assert.Equal(
            [1], sent.Index().Where(request => request.Item.Durability == Wire.Durability.Memory).Select(request => request.Index));
        Assert.All(sent, request => Assert.Equal(request.Read is null, request.Operation is not null));
    }

    [Fact]
    public async Task Calls_that_name_no_level_send_none()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        var session = client.OpenSession();

        await client.Counter("k").IncrementAsync();
        await client.Counter("k").GetAsync();
        await client.DeleteAsync("k");
        await client.Batch().Increment("k").ExecuteAsync();
        await client.GetManyAsync(["k", "l"]);
        await session.Counter("k").IncrementAsync(
            1, Client.Write.Default with { Durability = Durability.Memory, Lifetime = TimeSpan.FromDays(1) });
        await session.GetAsync("k", Client.Read.Default with { Timeout = TimeSpan.FromSeconds(30) });
        await session.GetAsync("k", Client.Read.Within(TimeSpan.FromSeconds(1)));

        Assert.All(cluster[1].Requests, request => Assert.Null(request.Level));
        Assert.Equal(1_000u, cluster[1].Requests.Last().MaxStalenessMs);
    }

    [Fact]
    public async Task A_receipt_says_which_level_was_used()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        Level? used = null;
        cluster[1].Answer = request =>
        {
            var reply = cluster[1].Execute(request);
            reply.Receipt.Level = used;
            return Task.FromResult<Reply?>(reply);
        };

        Assert.Null((await client.Counter("k").IncrementAsync()).Level);
        used = new Level { Named = Level.Types.Named.Quorum, Sloppy = true };
        Assert.Equal("quorum-sloppy", (await client.Counter("k").IncrementAsync()).Level);
        used = new Level { Named = Level.Types.Named.One };
        Assert.Equal("one", (await client.Counter("k").ReadAsync()).Receipt.Level);
        used = new Level { Count = 3, Sloppy = true };
        var receipt = (await client.Counter("k").ReadAsync()).Receipt;
        Assert.Equal("3-sloppy", receipt.Level);
        Assert.StartsWith("1 of 1 required (3-sloppy): nodes 1", receipt.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_defaults_are_the_applications()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync(options =>
        {
            options.DefaultRead = Client.Read.One;
            options.DefaultWrite = Client.Write.One with { Durability = Durability.Memory };
            options.Timeout = TimeSpan.FromSeconds(30);
        });

        await client.Counter("k").IncrementAsync();
        await client.Counter("k").GetAsync();

        Assert.All(cluster[1].Requests, request => Assert.Equal(Level.Types.Named.One, request.Level.Named));
        Assert.Equal(Wire.Durability.Memory, cluster[1].Requests.First().Durability);
        Assert.All(cluster[1].Requests, request => Assert.InRange(request.TimeoutMs, 5_001u, 29_750u));
    }

    [Fact]
    public async Task A_receipt_says_who_took_part_and_its_token_comes_back_with_the_next_call()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        var clock = new Clock
        {
            Entries = { new VectorEntry { Replica = 9, Sequence = 4 }, new VectorEntry { Replica = ulong.MaxValue, Sequence = 7 } },
        };
        cluster[1].Answer = request =>
        {
            clock.Partition = FakeCluster.PartitionOf(request.Key.ToStringUtf8());
            var reply = cluster[1].Execute(request);
            reply.Receipt = new Wire.Receipt { Clock = clock.Clone(), Nodes = { 3, 1 }, Required = 2 };
            return Task.FromResult<Reply?>(reply);
        };

        var receipt = await client.Set("{a}1").AddAsync("x");
        Assert.Equal([3, 1], receipt.Nodes);
        Assert.Equal(2, receipt.Required);
        Assert.Equal(FakeCluster.PartitionOf("{a}1"), (uint)receipt.Partition);

        var token = ClockToken.Parse(receipt.Token.ToString());
        Assert.Equal(receipt.Token, token);
        await client.Set("{a}2").GetAsync(Client.Read.One.After(token));
        await client.Set("{a}3").ClearAsync(Client.Write.One.After(token));
        var elsewhere = Enumerable.Range(0, 100)
            .Select(i => $"k{i}")
            .First(key => FakeCluster.PartitionOf(key) != FakeCluster.PartitionOf("{a}"));
        await client.Set(elsewhere).GetAsync(Client.Read.One.After(token));

        clock.Partition = (uint)receipt.Partition;
        Assert.Equal([null, clock, clock, null], cluster[1].Requests.Select(request => request.Token));
    }

    [Fact]
    public void Merged_tokens_cover_what_each_covered()
    {
        var one = Token(1, (5, 10), (7, 2));
        var two = Token(1, (5, 4), (8, 1));
        var other = Token(2, (5, 99));

        var merged = one.Merge(two).Merge(other);

        Assert.Equal(other.Merge(Token(1, (8, 1), (7, 2), (5, 10))), merged);
        Assert.Equal(merged, merged.Merge(one));
        Assert.Equal(merged.GetHashCode(), merged.Merge(one).GetHashCode());
        Assert.NotEqual(merged, one.Merge(two));
        Assert.Equal(merged, ClockToken.Parse(merged.ToString()));
        Assert.Equal(ClockToken.None, ClockToken.Parse(ClockToken.None.ToString()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("not a token!")]
    [InlineData("Ag")]
    [InlineData("Af8")]
    public void What_is_no_token_is_refused(string? text)
    {
        Assert.False(ClockToken.TryParse(text, out _));
        Assert.Throws<FormatException>(() => ClockToken.Parse(text!));
    }

    [Fact]
    public void Impossible_consistency_is_refused_at_once()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Client.Write.Replicas(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Client.Read.Replicas(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Client.Write.One with { Timeout = TimeSpan.Zero });
        Assert.Throws<ArgumentOutOfRangeException>(() => Client.Read.One with { Timeout = TimeSpan.FromDays(2) });
    }

    // Tokens are made by nodes alone: this is the published text of one, put together from the contract's messages.
    private static ClockToken Token(uint partition, params (ulong Replica, long Sequence)[] entries)
    {
        using var bytes = new MemoryStream();
        bytes.WriteByte(1);
        var clock = new Clock
        {
            Partition = partition,
            Entries = { entries.Select(entry => new VectorEntry { Replica = entry.Replica, Sequence = entry.Sequence }) },
        };
        Google.Protobuf.MessageExtensions.WriteDelimitedTo(clock, bytes);
        return ClockToken.Parse(System.Buffers.Text.Base64Url.EncodeToString(bytes.ToArray()));
    }
}
