// The client in a program that is compiled ahead of time: dotnet publish -c Release samples/Aot, then run what that makes.
using System.Diagnostics;
using System.Text.Json.Serialization;
using Gossipdb.Client;
using Gossipdb.Samples.Aot;

var started = Stopwatch.GetTimestamp();
var endpoints = args.Length > 0 ? args[0] : "http://127.0.0.1:5101";
try
{
    await using var store = await GossipdbClient.ConnectAsync(GossipdbOptions.Parse($"endpoints={endpoints};hedge-delay=50ms"));
    Console.WriteLine($"visits: {await store.Counter("aot:visits").IncrementAndGetAsync()}");

    var profile = store.Register("aot:profile", SampleJson.Default.Profile);
    await profile.SetAsync(new Profile("Ada", ["counting", "weaving"]));
    Console.WriteLine($"profile: {(await profile.GetAsync())!.Name}");

    var orders = store.Json("aot:order", SampleJson.Default.Order);
    await orders.SetAsync(new Order(7, [new("a1", 2)]));
    await orders.Untyped.InsertAsync("/Lines/-", new Line("b2", 1), SampleJson.Default.Line);
    Console.WriteLine($"order: {(await orders.GetAsync())!.Lines.Count} lines");

    await store.Batch().Add("{aot}set", "x", "y").Increment("{aot}count", 2).ExecuteAsync();
    Console.WriteLine($"set: {string.Join(' ', await store.Set("{aot}set").GetAsync(Read.Quorum))}");
    Console.WriteLine($"done in {Stopwatch.GetElapsedTime(started).TotalMilliseconds:0} ms");
    return 0;
}
catch (Exception failure) when (failure is GossipdbException or ArgumentException)
{
    Console.Error.WriteLine($"error: {failure.Message}");
    return 1;
}

namespace Gossipdb.Samples.Aot
{
    internal sealed record Profile(string Name, IReadOnlyList<string> Likes);

    internal sealed record Order(int Number, IReadOnlyList<Line> Lines);

    internal sealed record Line(string Article, int Count);

    [JsonSerializable(typeof(Profile))]
    [JsonSerializable(typeof(Order))]
    internal sealed partial class SampleJson : JsonSerializerContext;
}
