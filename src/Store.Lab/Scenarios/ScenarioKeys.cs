namespace Gossipdb.Lab.Scenarios;

/// <summary>The keys of scenario files. The JSON Schema has the same.</summary>
internal static class ScenarioKeys
{
    public static readonly IReadOnlyList<string> Root =
    [
        "name", "title", "page", "duration", "cluster", "sides", "prepare", "workload", "timeline", "inspect", "expect",
    ];

    public static readonly IReadOnlyList<string> Cluster = ["nodes", "replication", "partitions", "zones", "settings"];

    public static readonly IReadOnlyList<string> Group =
    [
        "name", "side", "callers", "rate", "pause", "from", "until", "read", "write", "durability", "session", "roams", "timeout",
        "keys", "mix", "probe-within",
    ];

    public static readonly IReadOnlyList<string> Keys = ["prefix", "count", "distribution", "exponent"];
}
