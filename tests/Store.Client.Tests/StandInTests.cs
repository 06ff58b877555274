namespace Gossipdb.Client.Tests;

/// <summary>An application's code is tested without a cluster, and without a library for it: what it uses is overridden.</summary>
public sealed class StandInTests
{
    // The application's.
    private sealed class Basket(GossipdbStore store)
    {
        public async Task<long> PutAsync(string user, string article)
        {
            await store.Set($"{{basket:{user}}}").AddAsync(article);
            return (await store.Counter($"{{basket:{user}}}count").ReadAsync()).Value;
        }
    }

    private sealed class StoreStandIn : GossipdbClient
    {
        public List<string> Added { get; } = [];

        public override SetHandle Set(Bytes name) => new SetStandIn(this, name);

        public override CounterHandle Counter(Bytes name) => new CounterStandIn(7);
    }

    private sealed class SetStandIn(StoreStandIn store, Bytes name) : SetHandle
    {
        public override Task<Receipt> AddAsync(Bytes element, Write? consistency = null, CancellationToken cancellation = default)
        {
            store.Added.Add($"{name}: {element}");
            return Task.FromResult(Receipt.None);
        }
    }

    private sealed class CounterStandIn(long total) : CounterHandle
    {
        public override Task<Result<long>> ReadAsync(Read? consistency = null, CancellationToken cancellation = default) =>
            Task.FromResult(new Result<long>(total, Receipt.None));
    }

    [Fact]
    public async Task What_is_overridden_stands_in_for_the_cluster()
    {
        await using var store = new StoreStandIn();
        Assert.Equal(7, await new Basket(store).PutAsync("ann", "apple"));
        Assert.Equal(["{basket:ann}: apple"], store.Added);

        // What the others are made of is enough: getting is reading without the receipt.
        Assert.Equal(7, await store.Counter("k").GetAsync());
        Assert.Empty(Receipt.None.Nodes);
    }

    [Fact]
    public async Task What_is_not_overridden_says_so()
    {
        using var store = new StoreStandIn();
        var told = Assert.Throws<NotSupportedException>(() => store.Map("k"));
        Assert.Contains("StoreStandIn stands in", told.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<NotSupportedException>(() => store.GetAsync("k"));
        await Assert.ThrowsAsync<NotSupportedException>(() => store.Counter("k").IncrementAsync());
        Assert.Throws<NotSupportedException>(() => store.OpenSession());
        Assert.Throws<NotSupportedException>(() => store.Counter("k").Key);
    }

    /// <summary>Nothing that an application calls on a store or an object is left out.</summary>
    [Fact]
    public void Every_member_of_stores_and_handles_can_be_overridden()
    {
        var types = typeof(GossipdbClient).Assembly.GetExportedTypes().Where(static type =>
            type.IsSubclassOf(typeof(ObjectHandles)) || type.IsSubclassOf(typeof(KeyHandle)) || type == typeof(KeyHandle)
            || type == typeof(ObjectHandles));
        var fixedOnes = types
            .SelectMany(static type => type.GetMethods().Where(method => method.DeclaringType == type))
            .Where(static method => !method.IsStatic && (!method.IsVirtual || method.IsFinal))
            .Select(static method => $"{method.DeclaringType!.Name}.{method.Name}");
        Assert.Empty(fixedOnes);
        Assert.All(types, static type => Assert.True(!type.IsSealed && type.GetConstructors((System.Reflection.BindingFlags)36)
            .Any(static constructor => constructor.IsFamily && constructor.GetParameters().Length == 0)));
    }

    [Fact]
    public void Values_can_be_made_for_a_stand_in_to_return()
    {
        var map = new MapValue(
        [
            new("tags", StoredValue.OfSet("b", "a")), new("visits", StoredValue.OfCounter(3)), new("name", StoredValue.OfRegister("Ada")),
            new("news", StoredValue.OfFlag(true)), new("note", StoredValue.OfText("hi")), new("doc", StoredValue.OfJson("[1]")),
            new("odd", StoredValue.OfSet(new byte[] { 0xff })),
        ]);
        Assert.Equal(["a", "b"], map.Set("tags"));
        Assert.Equal((3, "Ada", true, "hi", "[1]"),
            (map.Counter("visits"), map.Register("name"), map.Flag("news"), map.Text("note"), map.Json("doc")));
        Assert.Equal("ff", map.SetBytes("odd").Single().ToHex());
        Assert.Equal([StoredType.Register, StoredType.Flag], map.Fields.Skip(1).Take(2).Select(static field => field.Type));
    }
}
