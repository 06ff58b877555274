using System.Text;
using Google.Protobuf;
using Gossipdb.Client;
using Gossipdb.Crdt.Registers;
using Gossipdb.Protocol;
using Grpc.Core;

namespace Gossipdb.Node.Tests.Hosting;

/// <summary>What a node refuses of anyone with a gRPC client, and how it says so.</summary>
public sealed class DoorTests(SharedNode shared) : IClassFixture<SharedNode>
{
    private readonly RunningNode _node = shared.Node;

    [Fact]
    public async Task A_receipt_says_which_level_was_used()
    {
        var sloppy = new Level { Named = Level.Types.Named.Quorum, Sloppy = true };
        Assert.Equal(sloppy, (await _node.Raw.ExecuteAsync(Write("levels", new() { Flag = true }))).Receipt.Level);
        Assert.Equal(sloppy, (await _node.Raw.ExecuteAsync(Read("levels", new()))).Receipt.Level);

        var one = Read("levels", new());
        one.Level = new Level { Count = 1 };
        Assert.Equal(one.Level, (await _node.Raw.ExecuteAsync(one)).Receipt.Level);

        var bounded = Read("levels", new());
        bounded.MaxStalenessMs = 500;
        Assert.Null((await _node.Raw.ExecuteAsync(bounded)).Receipt.Level);

        var client = await _node.ClientAsync();
        Assert.Equal("quorum-sloppy", (await client.Flag("levels").EnableAsync()).Level);
        Assert.Equal("quorum-sloppy", (await client.Flag("levels").ReadAsync()).Receipt.Level);
        Assert.Equal("quorum-sloppy", Assert.Single((await client.ReadManyAsync(["levels"])).Receipts).Level);
        Assert.Equal("all", (await client.Flag("levels").EnableAsync(Client.Write.All)).Level);
    }

    [Theory]
    [InlineData(1_000_000_000_000_000)]
    [InlineData(Expiry.LongestLifetimeMs + 1)]
    [InlineData(long.MaxValue)]
    [InlineData(0)]
    [InlineData(-1)]
    public async Task A_life_that_no_date_can_tell_the_end_of_is_refused_at_every_door(long ms)
    {
        var client = await _node.ClientAsync();
        await client.Register("life").SetAsync("v");
        var life = new Lifetime { Milliseconds = ms };

        await RefusedAsync(new() { Key = Key("life"), Expire = life }, "from 1 ms to 31557600000000 ms");
        var update = Write("life", new() { RegisterAssign = new() { Value = Key("w") } });
        update.Lifetime = life;
        await RefusedAsync(update, "from 1 ms");
        await RefusedAsync(Batch(new() { Key = Key("life"), Expire = life }), "from 1 ms");
        await RefusedAsync(
            Batch(new() { Key = Key("life"), Lifetime = life, Update = new() { RegisterAssign = new() { Value = Key("w") } } }),
            "from 1 ms");

        Assert.Equal("v", await client.Register("life").GetAsync());
        Assert.Null(await client.GetExpiryAsync("life"));
    }

    [Fact]
    public async Task The_longest_life_can_be_read()
    {
        var client = await _node.ClientAsync();
        await client.Register("long").SetAsync("v");
        await client.ExpireAsync("long", TimeSpan.FromMilliseconds(Expiry.LongestLifetimeMs));

        Assert.InRange((await client.GetExpiryAsync("long"))!.Value.Year, 3000, 9999);
        Assert.NotNull((await _node.Admin.InspectAsync("long")).ExpiresAt);
    }

    [Fact]
    public async Task A_part_of_a_text_does_not_split_a_character()
    {
        var text = (await _node.ClientAsync()).Text("emoji");
        await text.AppendAsync("a\U0001F600b");

        foreach (var (start, count) in new[] { (0, 2), (2, 2), (2, 1) })
        {
            var refused = await Assert.ThrowsAsync<InvalidRequestException>(() => text.SubstringAsync(start, count));
            Assert.Equal(
                "position 2 is between the halves of a surrogate pair, the character at 1: begin and end there or at 3", refused.Message);
        }

        Assert.Equal("a\U0001F600b", await text.SubstringAsync(0, 3) + await text.SubstringAsync(3, 99));
        await Assert.ThrowsAsync<InvalidRequestException>(() => text.InsertAsync(2, "x"));
        await Assert.ThrowsAsync<InvalidRequestException>(() => text.DeleteAsync(1, 1));
    }

    [Fact]
    public async Task A_field_that_holds_two_types_is_told()
    {
        var client = await _node.ClientAsync();
        await client.Map("typed:map").UpdateAsync(map => map.Increment("fine").Map("in", inner => inner.Increment("n")));
        Assert.DoesNotContain(
            (await _node.Admin.StatusAsync()).Conflicts, conflict => conflict.StartsWith("typed:map", StringComparison.Ordinal));

        await client.Map("typed:map").UpdateAsync(map => map.Map("in", inner => inner.Enable("n")));

        Assert.Contains("typed:map / in / n", (await _node.Admin.StatusAsync()).Conflicts);
        var lines = Assert.Single((await _node.Admin.InspectAsync("typed:map")).Objects).Lines;
        Assert.Equal(2, lines.Count(line => line.Contains("of several types at this name", StringComparison.Ordinal)));
    }

    public static TheoryData<string> Refusals => [.. Refused.Keys];

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_refusal_says_what_is_wrong_in_words_of_the_request(string what)
    {
        await PrepareAsync();
        await RefusedAsync(Refused[what], "");
    }

    [Fact]
    public async Task An_operator_is_refused_in_words_of_the_request()
    {
        var admin = new Protocol.Admin.AdminClient(_node.Channel);
        foreach (var change in new LayoutChange[]
        {
            new(),
            new() { Add = new() },
            new() { Add = new() { Id = 7, PeerHost = "h", PeerPort = 1, ClientEndpoint = "x" } },
            new() { Remove = 9 },
            new() { Replace = new() { Old = 1 } },
            new() { Set = new() { Id = 9 } },
            new() { Set = new() { Id = 1, Capacity = uint.MaxValue } },
            new() { Remove = 1, AcceptLoss = true },
        })
        {
            var refused = await Assert.ThrowsAsync<RpcException>(async () => await admin.StageLayoutAsync(change));
            Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
            Clean(refused.Status.Detail);
        }

        Clean((await Assert.ThrowsAsync<RpcException>(async () => await admin.InspectAsync(new()))).Status.Detail);
        Clean((await Assert.ThrowsAsync<RpcException>(async () => await admin.ApplyLayoutAsync(new()))).Status.Detail);
        foreach (var watch in new WatchRequest[]
        {
            new(),
            new() { IsPrefix = true },
            new() { Key = Key("k"), From = { new Clock { Partition = 99 } } },
        })
        {
            using var call = _node.Raw.Watch(watch);
            var refused = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(CancellationToken.None));
            Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
            Clean(refused.Status.Detail);
        }
    }

    private static readonly Dictionary<string, Request> Refused = new()
    {
        ["the end of a list"] = Write("d:seq", new() { SequenceInsert = new() { Index = 9, Values = { Key("v") } } }),
        ["values past a list"] = Write("d:seq", new() { SequenceDelete = new() { Start = 0, Count = 9 } }),
        ["past a text"] = Write("d:text", new() { TextInsert = new() { Position = 9, Content = "x" } }),
        ["past a text to delete"] = Write("d:text", new() { TextDelete = new() { Start = uint.MaxValue - 1, Count = uint.MaxValue } }),
        ["inside a pair"] = Write("d:text", new() { TextInsert = new() { Position = 1, Content = "x" } }),
        ["half a character to read"] = Read("d:text", new() { Span = new() { Count = 1 } }),
        ["one member twice"] = Write("d:sorted", new()
        {
            SortedSetAssign = new()
            {
                Members = { new Protocol.ScoredMember { Member = Key("m") }, new Protocol.ScoredMember { Member = Key("m") } },
            }
        }),
        ["a score too large"] = Write("d:sorted", new() { SortedSetIncrement = new() { Member = Key("max"), Score = 1 } }),
        ["a count too large"] = Write("d:counter", new() { CounterIncrement = new() { Amount = 1 } }),
        ["a count too large in a batch"] = Batch(
            new() { Key = Key("d:counter"), Update = new() { CounterIncrement = new() { Amount = 1 } } }),
        ["less of what only grows"] = Write(
            "d:grow", new() { CounterIncrement = new() { Amount = -1 }, Type = Protocol.ValueType.GrowOnlyCounter }),
        ["removal from what only grows"] = Write(
            "d:growset", new() { SetRemove = new() { Elements_ = { Key("a") } }, Type = Protocol.ValueType.GrowOnlySet }),
        ["one field twice"] = Write(
            "d:map", new() { MapUpdate = new() { Fields = { Field("f", new() { Flag = true }), Field("f", new() { Flag = false }) } } }),
        ["a field without an update"] = Write("d:map", new() { MapUpdate = new() { Fields = { new FieldUpdate { Field = Key("f") } } } }),
        ["a field past a text"] = Write(
            "d:map", new() { MapUpdate = new() { Fields = { Field("t", new() { TextInsert = new() { Position = 9, Content = "x" } }) } } }),
        ["a type that is none of the operation's"] = Write(
            "d:map", new() { TextInsert = new() { Content = "x" }, Type = Protocol.ValueType.Json }),
        ["no pointer"] = Write("d:json", new() { JsonSet = new() { Path = "a", Value = "1" } }),
        ["a tilde in a pointer"] = Write("d:json", new() { JsonRemove = "/a~2" }),
        ["no JSON"] = Write("d:json", new() { JsonSet = new() { Value = "{" } }),
        ["half a pair in JSON"] = Write("d:json", new() { JsonSet = new() { Value = "\"a\\ud800b\"" } }),
        ["half a pair in a field's name in JSON"] = Write("d:json", new() { JsonSet = new() { Value = "{\"\\udc00\":1}" } }),
        ["one field twice in JSON"] = Write("d:json", new() { JsonSet = new() { Value = "{\"a\":1,\"a\":2}" } }),
        ["no array to insert into"] = Write("d:json", new() { JsonInsert = new() { Path = "/a/0", Value = "1" } }),
        ["the document as an element"] = Write("d:json", new() { JsonInsert = new() { Path = "", Value = "1" } }),
        ["no pointer to read"] = Read("d:json", new() { JsonPath = "a" }),
        ["a cursor of a set that is none"] = Read("d:set", new() { Page = new() { Cursor = Key("zzz"), Limit = 1 } }),
        ["a cursor of a map that is none"] = Read("d:map2", new() { Page = new() { Cursor = ByteString.CopyFrom(250, 1), Limit = 1 } }),
        ["no page"] = Read("d:set", new() { Page = new() }),
        ["a part of another type"] = Read("d:set", new() { RankOf = Key("m") }),
        ["a part of another type that was named"] = Read("d:set", new() { Type = Protocol.ValueType.Set, RankOf = Key("m") }),
        ["a life of what is not there"] = new() { Key = Key("d:nothing"), Expire = new() { Milliseconds = 1 } },
        ["a batch of nothing"] = new() { Batch = new() },
        ["a batch that does nothing"] = Batch(new Protocol.KeyWrite { Key = Key("k") }),
        ["no keys to read"] = new() { MultiRead = new() },
        ["no partition to scan"] = new() { Scan = new() { Partition = 99, Limit = 1 } },
        ["no keys to scan"] = new() { Scan = new() },
    };

    private async Task PrepareAsync()
    {
        var client = await _node.ClientAsync();
        if ((await client.GetManyAsync(["d:counter"]))["d:counter"] is not null) return;
        await client.Text("d:text").AppendAsync("\U0001F600");
        await client.Sequence("d:seq").AppendAsync("v");
        await client.Set("d:set").AddAsync("a");
        await client.Map("d:map2").UpdateAsync(map => map.Increment("f"));
        await client.Json("d:json").SetJsonAsync("", "{}");
        await client.SortedSet("d:sorted").SetAsync("max", long.MaxValue);
        await client.Counter("d:counter").IncrementAsync(long.MaxValue);
    }

    private async Task RefusedAsync(Request request, string why)
    {
        var reply = await _node.Raw.ExecuteAsync(request);
        Assert.Equal(Reply.OutcomeOneofCase.Error, reply.OutcomeCase);
        Assert.True(reply.Error.Code is ErrorCode.InvalidArgument or ErrorCode.WrongType, $"{reply.Error}");
        Assert.Contains(why, reply.Error.Message, StringComparison.Ordinal);
        Clean(reply.Error.Message);
    }

    private static void Clean(string message)
    {
        Assert.True(message.Length > 12, message);
        Assert.DoesNotMatch(@"\(Parameter|Object reference|Exception|System\.|\n|\uFFFD", message);
    }

    private static Request Write(string key, Update update) => new() { Key = Key(key), Update = update };

    private static Request Read(string key, Protocol.Read read) => new() { Key = Key(key), Read = read };

    private static Request Batch(Protocol.KeyWrite write) => new() { Batch = new() { Writes = { write } } };

    private static FieldUpdate Field(string name, Update update) => new() { Field = Key(name), Update = update };

    private static ByteString Key(string key) => ByteString.CopyFrom(key, Encoding.UTF8);
}
