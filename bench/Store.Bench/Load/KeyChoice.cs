using System.Text.Json.Serialization;

namespace Gossipdb.Bench.Load;

/// <summary>How an operation's key is drawn.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<KeyChoice>))]
internal enum KeyChoice
{
    /// <summary>Every key as often as any other.</summary>
    Uniform,

    /// <summary>The k-th most popular key 1/k^0.99 times as often as the first: <see cref="Zipfian"/>.</summary>
    Zipfian,
}
