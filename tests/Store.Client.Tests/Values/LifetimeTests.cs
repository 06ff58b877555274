using Gossipdb.Client.Tests.Fakes;
using Gossipdb.Protocol;

namespace Gossipdb.Client.Tests.Values;

public class LifetimeTests : IAsyncLifetime
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
    public async Task An_update_can_give_its_key_a_life()
    {
        var mortal = Client.Write.Quorum with { Lifetime = TimeSpan.FromMinutes(1) };
        await _client.Counter("k").IncrementAsync(1, mortal);
        await _client.Counter("k").IncrementAsync();
        await _client.DeleteAsync("k", mortal);

        Assert.Equal([new Lifetime { Milliseconds = 60_000 }, null, null], _cluster[1].Requests.Select(request => request.Lifetime));
    }

    [Fact]
    public async Task A_key_is_given_a_life_or_eternity_alone()
    {
        _cluster[1].Answer = request => Task.FromResult<Reply?>(_cluster[1].WithReceipt(new Reply { Written = new Written() }, request));
        await _client.ExpireAsync("k", TimeSpan.FromSeconds(30));
        await _client.PersistAsync("k");

        Assert.Equal(
            [new Lifetime { Milliseconds = 30_000 }, new Lifetime { ForEver = true }],
            _cluster[1].Requests.Select(request => request.Expire));
        Assert.All(_cluster[1].Requests, request => Assert.NotNull(request.Operation));
    }

    [Fact]
    public async Task A_key_says_until_when_it_lives_and_what_it_is()
    {
        var value = new Value { ExpiresAtUnixMs = 1_700_000_000_000, Type = Protocol.ValueType.Text };
        _cluster[1].Answer = _ => Task.FromResult<Reply?>(new Reply { Value = value });

        var until = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000);
        Assert.Equal(new KeyInfo(StoredType.Text, until), await _client.GetInfoAsync("k"));
        Assert.Equal(until, await _client.GetExpiryAsync("k"));
        Assert.All(_cluster[1].Requests, request => Assert.Equal(Protocol.Read.PartOneofCase.Expiry, request.Read.PartCase));

        value = new Value { ExpiresAtUnixMs = 0, Type = Protocol.ValueType.Text };
        Assert.Equal(new KeyInfo(StoredType.Text, null), await _client.GetInfoAsync("k"));
        value = new Value();
        Assert.Equal(new KeyInfo(StoredType.None, null), await _client.GetInfoAsync("k"));
        Assert.Null(await _client.GetExpiryAsync("k"));
    }

    [Fact]
    public async Task What_no_date_can_say_is_told_as_nearly_as_one_can()
    {
        var value = new Value { ExpiresAtUnixMs = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds(), Type = Protocol.ValueType.Text };
        _cluster[1].Answer = _ => Task.FromResult<Reply?>(new Reply { Value = value });
        Assert.Equal(DateTimeOffset.MaxValue.ToUnixTimeMilliseconds(), (await _client.GetExpiryAsync("k"))!.Value.ToUnixTimeMilliseconds());

        // Of nodes that took lives of any length.
        foreach (var ms in new[] { value.ExpiresAtUnixMs + 1, 1_000_000_000_000_000, long.MaxValue })
        {
            value = new Value { ExpiresAtUnixMs = ms, Type = Protocol.ValueType.Text };
            Assert.Equal(new KeyInfo(StoredType.Text, null), await _client.GetInfoAsync("k"));
        }

        value = new Value { ExpiresAtUnixMs = long.MinValue, Type = Protocol.ValueType.Text };
        Assert.Equal(DateTimeOffset.MinValue, await _client.GetExpiryAsync("k"));
        value = new Value { Register = new RegisterValue { TimestampUnixMs = long.MaxValue }, Type = Protocol.ValueType.Register };
        Assert.Equal(9999, (await _client.GetAsync("k"))!.RegisterWrittenAt.Year);
    }

    public static TheoryData<TimeSpan> ImpossibleLives =>
        [TimeSpan.Zero, TimeSpan.FromMilliseconds(-1), TimeSpan.FromDays(365_250) + TimeSpan.FromTicks(1), TimeSpan.MaxValue];

    [Theory]
    [MemberData(nameof(ImpossibleLives))]
    public void A_life_is_from_a_millisecond_to_a_thousand_years(TimeSpan life)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Client.Write.One with { Lifetime = life });
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = _client.ExpireAsync("k", life); });
        Assert.Throws<ArgumentOutOfRangeException>(() => _client.Batch().Expire("k", life));
    }

    [Fact]
    public async Task The_longest_life_is_what_nodes_take()
    {
        await _client.Counter("k").IncrementAsync(1, Client.Write.One with { Lifetime = TimeSpan.FromDays(365_250) });
        Assert.Equal(31_557_600_000_000, _cluster[1].Requests.Single().Lifetime.Milliseconds);
    }
}
