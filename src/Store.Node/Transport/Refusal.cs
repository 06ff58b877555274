using System.Text;

namespace Gossipdb.Node.Transport;

/// <summary>
/// What a node says to a caller whose hello is of a version it does not speak, before it hangs up: so that both ends can say why. Every
/// version says it in these bytes: what hellos begin with, a zero, and a text in UTF-8.
/// </summary>
internal static class Refusal
{
    /// <summary>No longer one is read by who waits for another frame.</summary>
    public const int MaxBytes = 1024;

    /// <summary>The frame.</summary>
    public static byte[] Encode(string why) => [.. Hello.Magic, 0, .. Encoding.UTF8.GetBytes(why)];

    /// <summary>Why the other end refuses; null where the frame is something else.</summary>
    public static string? Find(ReadOnlySpan<byte> frame) =>
        frame.Length > Hello.Magic.Length && frame.StartsWith(Hello.Magic) && frame[Hello.Magic.Length] == 0
            ? Encoding.UTF8.GetString(frame[(Hello.Magic.Length + 1)..])
            : null;
}
