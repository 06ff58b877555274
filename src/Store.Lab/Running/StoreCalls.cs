using System.Globalization;
using System.Text.Json;
using Gossipdb.Checking.History;
using Gossipdb.Client;
using Gossipdb.Lab.Scenarios;

namespace Gossipdb.Lab.Running;

/// <summary>Turns a workload's calls into those of the client library.</summary>
internal static class StoreCalls
{
    private const char ItemSeparator = ',';

    /// <summary>The two registers that a batch on a key is about: they share its partition.</summary>
    public static IReadOnlyList<string> BatchKeys(string key) => [$"{{{key}}}a", $"{{{key}}}b"];

    /// <summary>Makes a call.</summary>
    /// <param name="store">Where.</param>
    /// <param name="keyPrefix">What stands before the call's key in the store.</param>
    /// <param name="call">The call.</param>
    /// <param name="stop">Gives it up.</param>
    public static Task<StoreAnswer> MakeAsync(GossipdbStore store, string keyPrefix, StoreCall call, CancellationToken stop) =>
        call.Type switch
        {
            "batch" when call.IsRead => ReadBatchAsync(store, keyPrefix, call, stop),
            "batch" => WriteBatchAsync(store, keyPrefix, call, stop),
            _ when call.IsRead => ReadAsync(store, call with { Key = keyPrefix + call.Key }, stop),
            _ => WriteAsync(store, call with { Key = keyPrefix + call.Key }, stop),
        };

    /// <summary>A change's argument as histories have it; null where the change has none.</summary>
    public static JsonElement? ArgumentOf(StoreCall call) => call switch
    {
        { IsRead: true } or { Type: "flag" } or { Op: "reset" or "delete" } or { Type: "batch" } => null,
        { Type: "counter" or "bounded-counter" } => Json(long.Parse(call.Argument, CultureInfo.InvariantCulture)),
        { Type: "register" } => OfRegister(call.Argument, call.Form),
        _ => Json(call.Argument),
    };

    /// <summary>A batch's operations as histories have them; null of other calls.</summary>
    public static IReadOnlyList<CallPart>? PartsOf(StoreCall call) => call.Type != "batch"
        ? null
        : [.. BatchKeys(call.Key).Select(key => new CallPart("register", key, call.Op, call.IsRead ? null : Json(call.Argument)))];

    private static async Task<StoreAnswer> ReadAsync(GossipdbStore store, StoreCall call, CancellationToken stop) => call.Type switch
    {
        "counter" => Answer(await store.Counter(call.Key).ReadAsync(call.Read, stop).ConfigureAwait(false), static value => Json(value)),
        "bounded-counter" =>
            Answer(await store.BoundedCounter(call.Key).ReadAsync(call.Read, stop).ConfigureAwait(false), static value => Json(value)),
        "register" =>
            Answer(await store.Register(call.Key).ReadAsync(call.Read, stop).ConfigureAwait(false), value => OfRegister(value, call.Form)),
        "multi-register" =>
            Answer(await store.MultiRegister(call.Key).ReadAsync(call.Read, stop).ConfigureAwait(false), static value => Json(value)),
        "set" => Answer(await store.Set(call.Key).ReadAsync(call.Read, stop).ConfigureAwait(false), static value => Json(value)),
        "flag" => Answer(await store.Flag(call.Key).ReadAsync(call.Read, stop).ConfigureAwait(false), static value => Json(value)),
        _ => throw Unknown(call),
    };

    private static async Task<StoreAnswer> WriteAsync(GossipdbStore store, StoreCall call, CancellationToken stop)
    {
        var (key, argument, write) = (call.Key, call.Argument, call.Write);
        var receipt = await ((call.Type, call.Op) switch
        {
            ("counter", "increment") => store.Counter(key).IncrementAsync(Amount(), write, stop),
            ("counter", "decrement") => store.Counter(key).DecrementAsync(Amount(), write, stop),
            ("counter", "reset") => store.Counter(key).ResetAsync(write, stop),
            ("bounded-counter", "increment") => store.BoundedCounter(key).IncrementAsync(Amount(), write, stop),
            ("bounded-counter", "decrement") => store.BoundedCounter(key).DecrementAsync(Amount(), write, stop),
            ("register", "write") => store.Register(key).SetAsync(argument, write, stop),
            ("multi-register", "write") => store.MultiRegister(key).SetAsync(argument, write, stop),
            ("set", "add") => store.Set(key).AddAsync((Bytes)argument, write, stop),
            ("set", "remove") => store.Set(key).RemoveAsync((Bytes)argument, write, stop),
            ("flag", "enable") => store.Flag(key).EnableAsync(write, stop),
            ("flag", "disable") => store.Flag(key).DisableAsync(write, stop),
            _ => throw Unknown(call),
        }).ConfigureAwait(false);
        return new(null, receipt);

        long Amount() => long.Parse(argument, CultureInfo.InvariantCulture);
    }

    private static async Task<StoreAnswer> WriteBatchAsync(GossipdbStore store, string keyPrefix, StoreCall call, CancellationToken stop)
    {
        var batch = store.Batch();
        foreach (var key in BatchKeys(call.Key)) batch.SetRegister(keyPrefix + key, call.Argument);
        return new(null, await batch.ExecuteAsync(call.Write, stop).ConfigureAwait(false), PartsOf(call));
    }

    private static async Task<StoreAnswer> ReadBatchAsync(GossipdbStore store, string keyPrefix, StoreCall call, CancellationToken stop)
    {
        var read = await store.ReadManyAsync(BatchKeys(call.Key).Select(key => keyPrefix + key), call.Read, stop).ConfigureAwait(false);
        var parts = PartsOf(call)!.Select(part =>
            part with { Result = read.Values.GetValueOrDefault(keyPrefix + part.Key) is { } value ? Json(value.Register) : null });
        return new(null, read.Receipts[0], [.. parts]);
    }

    private static StoreAnswer Answer<T>(Result<T> result, Func<T, JsonElement?> json) =>
        new(result.Value is null ? null : json(result.Value), result.Receipt);

    /// <summary>The items of a register that holds a list: it holds them with commas between.</summary>
    public static string[] ItemsOf(string? text) => (text ?? "").Split(ItemSeparator, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>What a register holds for such items.</summary>
    public static string TextOf(IEnumerable<string> items) => string.Join(ItemSeparator, items);

    /// <summary>What a register holds, as histories have it.</summary>
    public static JsonElement? OfRegister(string? text, RegisterForm form) => form switch
    {
        _ when text is null => null,
        RegisterForm.List => Json(ItemsOf(text)),
        RegisterForm.Number when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) =>
            Json(number),
        _ => Json(text),
    };

    private static JsonElement? Json(long value) => JsonSerializer.SerializeToElement(value);

    private static JsonElement? Json(bool value) => JsonSerializer.SerializeToElement(value);

    private static JsonElement? Json(string? value) => value is null ? null : JsonSerializer.SerializeToElement(value);

    private static JsonElement? Json(IEnumerable<string> values) => JsonSerializer.SerializeToElement(values);

    private static ArgumentException Unknown(StoreCall call) => new($"there is no call '{call.Type} {call.Op}'");
}
