using System.Buffers;
using System.Text;

namespace Gossipdb;

/// <summary>
/// Bytes for people. UTF-8 is written as the text it is, every other byte as <c>\xNN</c>. So no two byte strings look alike.
/// A backslash is written <c>\x5c</c> only where it would read as such an escape.
/// U+FFFD is written by its bytes, because others show it in place of what they cannot read.
/// The client compiles this file too, and reads the form back.
/// </summary>
internal static class ByteEscapes
{
    private const int MostShown = 64;

    /// <summary>The whole of the bytes.</summary>
    /// <param name="bytes">What to write.</param>
    /// <param name="keepControls">Leaves control characters (line breaks, tabs, a terminal's commands) as they are; otherwise they are
    /// escaped, and the text is one line.</param>
    public static string Write(ReadOnlySpan<byte> bytes, bool keepControls = false)
    {
        var text = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            var isText = Rune.DecodeFromUtf8(bytes, out var rune, out var length) == OperationStatus.Done;
            if (isText && rune != Rune.ReplacementChar && (keepControls || !Rune.IsControl(rune)) && !BeginsWithEscape(bytes))
            {
                text.Append(rune.ToString());
            }
            else
            {
                foreach (var value in bytes[..length]) text.Append("\\x").Append(Convert.ToHexString([value]).ToLowerInvariant());
            }

            bytes = bytes[length..];
        }

        return text.ToString();
    }

    /// <summary>One line for a message or a listing: the first 64 bytes, and how many there are where that is not all.</summary>
    public static string WriteBrief(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= MostShown) return Write(bytes);
        var end = MostShown;
        while (end > MostShown - 4 && (bytes[end] & 0xC0) == 0x80) end--; // not inside a character
        return $"{Write(bytes[..end])}… ({bytes.Length} bytes)";
    }

    /// <summary>Whether the bytes begin with <c>\xNN</c>.</summary>
    public static bool BeginsWithEscape(ReadOnlySpan<byte> bytes) =>
        bytes is [(byte)'\\', (byte)'x', var high, var low, ..] && char.IsAsciiHexDigit((char)high) && char.IsAsciiHexDigit((char)low);
}
