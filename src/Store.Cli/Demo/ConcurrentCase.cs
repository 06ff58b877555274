using Gossipdb.Client;

namespace Gossipdb.Cli.Demo;

/// <summary>
/// One key that both sides of the cut write to: what was there before, what each side does, what the merge must give, and why. The
/// expected value follows from the type's semantics alone, so that it is a check and not a record of what happened.
/// </summary>
internal sealed record ConcurrentCase(string Type, string Key)
{
    public required string Before { get; init; }

    public required string SmallWrites { get; init; }

    public required string LargeWrites { get; init; }

    public required string Merged { get; init; }

    public required string Why { get; init; }

    public required Func<GossipdbClient, Write, Task> Prepare { get; init; }

    public required Func<GossipdbClient, Write, Task> OnSmall { get; init; }

    public required Func<GossipdbClient, Write, Task> OnLarge { get; init; }

    /// <summary>A value as the table shows it: the same text for equal values, whatever the order they came in.</summary>
    public string Text(StoredValue? value) => value?.Type switch
    {
        null => Type switch { "counter" => "0", "flag" => "disabled", "set" or "map" => "{}", _ => "(nothing)" },
        StoredType.Set => $"{{{string.Join(", ", value.Set)}}}",
        StoredType.MultiRegister => string.Join(" | ", value.Siblings.Order(StringComparer.Ordinal)),
        _ => value.ToString(),
    };

    /// <summary>The cases, one or more of every type. The small side writes first.</summary>
    public static IReadOnlyList<ConcurrentCase> All { get; } =
    [
        new("counter", "visits")
        {
            Before = "10",
            SmallWrites = "+3",
            LargeWrites = "+5, −1",
            Merged = "17",
            Why = "changes add up",
            Prepare = static (store, w) => store.Counter("visits").IncrementAsync(10, w),
            OnSmall = static (store, w) => store.Counter("visits").IncrementAsync(3, w),
            OnLarge = static async (store, w) =>
            {
                await store.Counter("visits").IncrementAsync(5, w);
                await store.Counter("visits").DecrementAsync(1, w);
            },
        },
        new("counter", "orders:open")
        {
            Before = "10",
            SmallWrites = "+3",
            LargeWrites = "reset",
            Merged = "3",
            Why = "a reset cancels what it saw (10), not what it could not see (+3)",
            Prepare = static (store, w) => store.Counter("orders:open").IncrementAsync(10, w),
            OnSmall = static (store, w) => store.Counter("orders:open").IncrementAsync(3, w),
            OnLarge = static (store, w) => store.Counter("orders:open").ResetAsync(w),
        },
        new("set", "cart")
        {
            Before = "{apple, pear}",
            SmallWrites = "add apple, add bread",
            LargeWrites = "remove apple, remove pear, add milk",
            Merged = "{apple, bread, milk}",
            Why = "an addition wins over a removal that has not seen it: apple stays, pear goes",
            Prepare = static (store, w) => store.Set("cart").AddAsync(["apple", "pear"], w),
            OnSmall = static (store, w) => store.Set("cart").AddAsync(["apple", "bread"], w),
            OnLarge = static async (store, w) =>
            {
                await store.Set("cart").RemoveAsync(["apple", "pear"], w);
                await store.Set("cart").AddAsync("milk", w);
            },
        },
        new("register", "title")
        {
            Before = "draft",
            SmallWrites = "\"ours\"",
            LargeWrites = "\"theirs\", later",
            Merged = "theirs",
            Why = "one value, and the later write wins",
            Prepare = static (store, w) => store.Register("title").SetAsync("draft", w),
            OnSmall = static (store, w) => store.Register("title").SetAsync("ours", w),
            OnLarge = static (store, w) => store.Register("title").SetAsync("theirs", w),
        },
        new("multi-value register", "address")
        {
            Before = "1 Old Road",
            SmallWrites = "\"2 Hill Street\"",
            LargeWrites = "\"3 Lake Avenue\"",
            Merged = "2 Hill Street | 3 Lake Avenue",
            Why = "neither write has seen the other: both are kept, for the application to choose",
            Prepare = static (store, w) => store.MultiRegister("address").SetAsync("1 Old Road", w),
            OnSmall = static (store, w) => store.MultiRegister("address").SetAsync("2 Hill Street", w),
            OnLarge = static (store, w) => store.MultiRegister("address").SetAsync("3 Lake Avenue", w),
        },
        new("flag", "sale")
        {
            Before = "enabled",
            SmallWrites = "enable",
            LargeWrites = "disable",
            Merged = "enabled",
            Why = "enabling wins over disabling that has not seen it",
            Prepare = static (store, w) => store.Flag("sale").EnableAsync(w),
            OnSmall = static (store, w) => store.Flag("sale").EnableAsync(w),
            OnLarge = static (store, w) => store.Flag("sale").DisableAsync(w),
        },
        new("map", "profile")
        {
            Before = "{logins: 1}",
            SmallWrites = "logins +2, tags add new",
            LargeWrites = "logins +5, tags add vip, city = Oslo",
            Merged = "{city: Oslo, logins: 8, tags: {new, vip}}",
            Why = "each field merges as its own type",
            Prepare = static (store, w) => store.Map("profile").UpdateAsync(static map => map.Increment("logins"), w),
            OnSmall = static (store, w) => store.Map("profile").UpdateAsync(static map => map.Increment("logins", 2).Add("tags", "new"), w),
            OnLarge = static (store, w) => store.Map("profile").UpdateAsync(
                static map => map.Increment("logins", 5).Add("tags", "vip").SetRegister("city", "Oslo"), w),
        },
        new("set", "guests")
        {
            Before = "{Ada}",
            SmallWrites = "add Bob",
            LargeWrites = "delete the key",
            Merged = "{Bob}",
            Why = "deleting removes what it saw (Ada), and Bob survives",
            Prepare = static (store, w) => store.Set("guests").AddAsync("Ada", w),
            OnSmall = static (store, w) => store.Set("guests").AddAsync("Bob", w),
            OnLarge = static (store, w) => store.DeleteAsync("guests", w),
        },
    ];
}
