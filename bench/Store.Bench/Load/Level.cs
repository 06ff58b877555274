using System.Text.Json.Serialization;

namespace Gossipdb.Bench.Load;

/// <summary>How many of the three replicas must have acted before an operation is acknowledged.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Level>))]
internal enum Level
{
    One,
    Quorum,
    All,
}
