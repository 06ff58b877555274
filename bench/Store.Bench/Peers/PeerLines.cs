using System.Text.Json;

namespace Gossipdb.Bench.Peers;

/// <summary>One message a line, in JSON.</summary>
internal static class PeerLines
{
    public static string Of<T>(T message) => JsonSerializer.Serialize(message);

    public static T Parse<T>(string line) =>
        JsonSerializer.Deserialize<T>(line) ?? throw new JsonException("an empty message");
}
