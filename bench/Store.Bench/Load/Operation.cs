using System.Text.Json.Serialization;

namespace Gossipdb.Bench.Load;

/// <summary>What is done to a counter.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Operation>))]
internal enum Operation
{
    Increment,
    Read,
}
