using Gossipdb.Client.Tests.Fakes;

namespace Gossipdb.Client.Tests.Values;

public class ValueTests : IAsyncLifetime
{
    private FakeCluster _cluster = null!;
    private GossipdbClient _client = null!;

    public async Task InitializeAsync()
    {
        _cluster = await FakeCluster.StartAsync(1);
        _client = await _cluster.ConnectAsync();
    }

    public async Task DisposeAsync()
    {
        await _client.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task Counters()
    {
        var counter = _client.Counter("k");
        Assert.Equal(0, await counter.GetAsync());
        await counter.IncrementAsync();
        await counter.IncrementAsync(long.MaxValue / 2);
        await counter.DecrementAsync(11);
        Assert.Equal(long.MaxValue / 2 - 10, await counter.GetAsync());
        await counter.ResetAsync();
        await counter.DecrementAsync();
        Assert.Equal(-1, await counter.GetAsync());
        Assert.Equal("-1", (await _client.GetAsync("k"))!.ToString());
        await Assert.ThrowsAsync<InvalidRequestException>(() => counter.DecrementAsync(long.MinValue));
    }

    [Fact]
    public async Task Sets_are_read_in_ordinal_order()
    {
        var set = _client.Set("k");
        Assert.Empty(await set.GetAsync());
        await set.AddAsync("pear");
        await set.AddAsync(["apple", "Zebra", "äpfel", "pear", ""]);
        Assert.Equal(["", "Zebra", "apple", "pear", "äpfel"], await set.GetAsync());
        Assert.True(await set.ContainsAsync("äpfel"));
        Assert.False(await set.ContainsAsync("fig"));
        await set.RemoveAsync("pear");
        await set.RemoveAsync(["", "Zebra"]);
        Assert.Equal(["apple", "äpfel"], (await _client.GetAsync("k"))!.Set);
        await set.ClearAsync();
        Assert.Empty(await set.GetAsync());
    }

    [Fact]
    public async Task Registers_hold_text_or_bytes()
    {
        var register = _client.Register("k");
        Assert.Null(await register.GetAsync());
        Assert.Null(await register.GetBytesAsync());
        await register.SetAsync("grüß dich");
        Assert.Equal("grüß dich", await register.GetAsync());
        await register.SetBytesAsync(new byte[] { 0, 255, 1 });
        Assert.Equal([0, 255, 1], await register.GetBytesAsync());
        var stored = await _client.GetAsync("k");
        Assert.Equal(StoredType.Register, stored!.Type);
        Assert.Equal([0, 255, 1], stored.RegisterBytes);
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000), stored.RegisterWrittenAt);
    }

    [Fact]
    public async Task Multi_value_registers_show_their_siblings()
    {
        var register = _client.MultiRegister("k");
        Assert.Empty(await register.GetAsync());
        await register.SetAsync("left");
        await register.SetBytesAsync("right"u8.ToArray());
        Assert.Equal(["left", "right"], await register.GetAsync());
        Assert.Equal("right"u8.ToArray(), (await register.GetBytesAsync())[1]);
        var stored = await _client.GetAsync("k");
        Assert.Equal("left | right", stored!.ToString());
        Assert.Equal(["left"u8.ToArray(), "right"u8.ToArray()], stored.SiblingBytes);
    }

    [Fact]
    public async Task Flags()
    {
        var flag = _client.Flag("k");
        Assert.False(await flag.GetAsync());
        await flag.EnableAsync();
        Assert.True(await flag.GetAsync());
        await flag.DisableAsync();
        Assert.False((await _client.GetAsync("k"))!.Flag);
    }

    [Fact]
    public async Task Maps_change_several_fields_in_one_request()
    {
        var map = _client.Map("k");
        Assert.Equal(0, (await map.GetAsync()).Count);
        var before = _cluster[1].Requests.Count;
        await map.UpdateAsync(fields => fields
            .Increment("visits", 3)
            .Add("tags", "new", "blue")
            .Remove("tags", "blue")
            .SetRegister("name", "Ada")
            .SetRegister("photo", new byte[] { 1, 2 })
            .SetMultiRegister("mail", "a@example.org")
            .SetMultiRegister("mail", "b@example.org"u8.ToArray())
            .Enable("active")
            .Enable("blocked")
            .Disable("blocked")
            .Map(
                "address",
                address => address.SetRegister("city", "London").Increment("moves").Reset("moves").Add("lines", "1").Clear("lines")));
        Assert.Equal(before + 1, _cluster[1].Requests.Count);

        var value = await map.GetAsync();
        Assert.Equal(["active", "address", "blocked", "mail", "name", "photo", "tags", "visits"], value.Fields.Select(field => field.Name));
        Assert.Equal(3, value.Counter("visits"));
        Assert.Equal(["new"], value.Set("tags"));
        Assert.Equal("Ada", value.Register("name"));
        Assert.Equal([1, 2], value.RegisterBytes("photo"));
        Assert.Equal(["a@example.org", "b@example.org"], value.Siblings("mail"));
        Assert.True(value.Flag("active"));
        Assert.False(value.Flag("blocked"));
        Assert.Equal("{city: London, lines: {}, moves: 0}", value.Map("address").ToString());
        Assert.Equal(StoredType.Counter, value["visits"]!.Type);
        Assert.Null(value["nothing"]);
        Assert.Null(value.Register("visits"));
        Assert.Equal(0, value.Map("nothing").Count);

        await map.RemoveAsync("mail");
        await map.RemoveAsync(["name", "photo"]);
        Assert.Equal(5, (await _client.GetAsync("k"))!.Map.Count);
    }

    [Fact]
    public async Task A_deleted_key_holds_nothing()
    {
        await _client.Flag("k").EnableAsync();
        Assert.Equal(StoredType.Flag, (await _client.GetAsync("k"))!.Type);
        await _client.DeleteAsync("k");
        Assert.Null(await _client.GetAsync("k"));
    }

    [Fact]
    public async Task A_value_of_another_type_is_not_taken_for_the_one_asked_for()
    {
        await _client.Flag("k").EnableAsync();
        await Assert.ThrowsAsync<WrongTypeException>(() => _client.Counter("k").GetAsync());
        var flag = await _client.GetAsync("k");
        Assert.Throws<InvalidOperationException>(() => flag!.Counter);
    }

    [Fact]
    public void Text_that_UTF8_cannot_say_is_refused() =>
        Assert.Throws<InvalidRequestException>(() => { _ = _client.Set("k").AddAsync("\uDC00"); });
}
