using System.Text.Json;
using System.Text.Json.Serialization;
using Gossipdb.Bench.Load;

namespace Gossipdb.Bench.Peers;

/// <summary>What a peer can be asked for.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PeerTask>))]
internal enum PeerTask
{
    /// <summary>Join the cluster, and answer once all members are up and the replicator knows them.</summary>
    Join,

    /// <summary>Run a load.</summary>
    Run,

    /// <summary>Read every counter and add them up.</summary>
    Sum,
}

/// <summary>A line to a peer's standard input. The peer stops at its end.</summary>
internal sealed record PeerRequest(PeerTask Task)
{
    public string? SeedAddress { get; init; }

    public int Peers { get; init; }

    public Workload? Workload { get; init; }

    public TimeSpan Duration { get; init; }

    public int RandomSeed { get; init; }
}

/// <summary>A line on a peer's standard output: one when it listens, with its address, then one for each request, in order.</summary>
internal sealed record PeerReply
{
    public string? Address { get; init; }

    public LoadResult? Load { get; init; }

    public long Sum { get; init; }

    public string? Failure { get; init; }
}

/// <summary>One message a line, in JSON.</summary>
internal static class PeerLines
{
    public static string Of<T>(T message) => JsonSerializer.Serialize(message);

    public static T Parse<T>(string line) =>
        JsonSerializer.Deserialize<T>(line) ?? throw new JsonException("an empty message");
}
