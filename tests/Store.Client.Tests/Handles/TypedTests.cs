using System.Text.Json;
using System.Text.Json.Serialization;
using Gossipdb.Client.Tests.Fakes;
using Gossipdb.Protocol;

namespace Gossipdb.Client.Tests.Handles;

/// <summary>Values of an application's types.</summary>
public sealed partial class TypedTests
{
    internal sealed record Profile(string Name, int Visits, string[]? Tags = null);

    [JsonSerializable(typeof(Profile))]
    [JsonSerializable(typeof(int?))]
    [JsonSerializable(typeof(string))]
    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
    internal sealed partial class Json : JsonSerializerContext;

    [Fact]
    public async Task A_register_holds_a_value_as_json()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        var profile = client.Register("p", Json.Default.Profile);
        Assert.Null(await profile.GetAsync());

        await profile.SetAsync(new("Ada", 3));

        Assert.Equal(new("Ada", 3), await profile.GetAsync());
        Assert.Equal("""{"name":"Ada","visits":3,"tags":null}""", await client.Register("p").GetAsync());
        Assert.Equal(new("Ada", 3), await client.Register<Profile>("p", JsonSerializerOptions.Web).GetAsync());
        Assert.Equal([1], (await profile.ReadAsync()).Receipt.Nodes);
    }

    [Fact]
    public async Task A_type_that_can_be_null_tells_nothing_from_zero()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        Assert.Null(await client.Register<int?>("n").GetAsync());
        Assert.Equal(0, await client.Register<int>("n").GetAsync());
        await client.Register<int?>("n").SetAsync(0);
        Assert.Equal(0, await client.Register("n", Json.Default.NullableInt32).GetAsync());
    }

    [Fact]
    public async Task Strings_and_bytes_are_stored_as_they_are()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();

        await client.Set<string>("s").AddAsync(["apple", "p\u00e4r"]);
        Assert.Equal(["apple", "p\u00e4r"], await client.Set("s").GetAsync());
        Assert.Equal(["apple", "p\u00e4r"], await client.Set("s", Json.Default.String).GetAsync());
        await client.Register<byte[]>("b").SetAsync([0xff]);
        await client.Set<Bytes>("t").AddAsync((Bytes)new byte[] { 0xfe });
        Assert.Equal([0xff], await client.Register("b").GetBytesAsync());
        Assert.Equal("fe", (await client.Set<Bytes>("t").GetAsync()).Single().ToHex());
    }

    [Fact]
    public async Task Elements_of_a_set_are_one_where_they_are_written_alike()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        var set = client.Set("s", Json.Default.Profile);

        await set.AddAsync([new("Ada", 1), new("Bob", 2)]);
        await set.AddAsync(new Profile("Ada", 1));
        Assert.Equal([new("Ada", 1), new("Bob", 2)], await set.GetAsync());
        Assert.True(await set.ContainsAsync(new("Ada", 1)));
        Assert.False(await set.ContainsAsync(new("Ada", 2)));

        await set.RemoveAsync(new Profile("Ada", 1));
        await set.RemoveAsync([new Profile("Nobody", 1)]);
        Assert.Equal("Bob", (await set.GetAsync()).Single().Name);
        Assert.Single(await set.Untyped.GetAsync());
    }

    [Fact]
    public async Task A_document_is_an_object_and_its_parts_are_typed()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        var held = (string?)null;
        cluster[1].Answer = request => Task.FromResult<Reply?>(cluster[1].WithReceipt(
            request.Read is null
                ? new() { Written = new() }
                : new() { Value = held is null ? new() : new() { Json = held, Type = Protocol.ValueType.Json } },
            request));
        var document = client.Json("d", Json.Default.Profile);

        Assert.Null(await document.GetAsync());
        await document.SetAsync(new("Ada", 3, ["a"]));
        await document.Untyped.SetAsync("/visits", 4, Json.Default.NullableInt32);
        await document.Untyped.InsertAsync("/tags/-", "b", Json.Default.String);
        var written = cluster[1].Requests.Select(static request => request.Update).OfType<Update>().ToList();
        Assert.Equal(("", """{"name":"Ada","visits":3,"tags":["a"]}"""), (written[0].JsonSet.Path, written[0].JsonSet.Value));
        Assert.Equal(("/visits", "4"), (written[1].JsonSet.Path, written[1].JsonSet.Value));
        Assert.Equal(("/tags/-", "\"b\""), (written[2].JsonInsert.Path, written[2].JsonInsert.Value));

        held = """{"name":"Bob","visits":1}""";
        Assert.Equal(new("Bob", 1), await document.GetAsync());
        Assert.Equal(new("Bob", 1), await client.Json<Profile>("d", JsonSerializerOptions.Web).GetAsync());
        held = "7";
        Assert.Equal(7, await document.Untyped.GetAsync("/visits", Json.Default.NullableInt32));
    }

    [Fact]
    public async Task What_is_of_another_type_is_said_to_be_and_half_a_pair_is_refused()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        await client.Register("p").SetAsync("""{"name":"Ada","visits":"many"}""");

        var wrong = await Assert.ThrowsAsync<ValueFormatException>(() => client.Register("p", Json.Default.Profile).GetAsync());
        Assert.Equal(
            """What is stored is no Profile as JSON, at $.visits: '{"name":"Ada","visits":"many"}'.""", wrong.Message);
        await Assert.ThrowsAsync<InvalidRequestException>(async () =>
            await client.Register("p", Json.Default.Profile).SetAsync(new("\ud800", 1)));
        await Assert.ThrowsAsync<InvalidRequestException>(async () => await client.Register<double>("d").SetAsync(double.NaN));
    }
}
