using System.IO.Hashing;
using System.Text;

namespace Gossipdb.Crdt;

/// <summary>An immutable byte string, compared by content and ordered lexicographically. Keys, set elements, field names and register values are these.</summary>
public readonly struct Bytes : IEquatable<Bytes>, IComparable<Bytes>
{
    private readonly byte[]? _array;

    /// <summary>Wraps an array, which the caller must not change afterwards.</summary>
    public Bytes(byte[] array) => _array = array;

    /// <summary>A copy of a span.</summary>
    public Bytes(ReadOnlySpan<byte> span) => _array = span.ToArray();

    /// <summary>The content.</summary>
    public ReadOnlySpan<byte> Span => _array;

    /// <summary>The content without a copy.</summary>
    public ReadOnlyMemory<byte> Memory => _array;

    /// <summary>How many bytes.</summary>
    public int Length => _array?.Length ?? 0;

    // Strict: two texts that differ only in what UTF-8 cannot say must not become one name.
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The UTF-8 bytes of a text.</summary>
    /// <exception cref="ArgumentException">The text has half a surrogate pair, which UTF-8 cannot say.</exception>
    public static Bytes FromText(string text)
    {
        try
        {
            return new Bytes(Strict.GetBytes(text));
        }
        catch (EncoderFallbackException half)
        {
            throw new ArgumentException($"a text has half a surrogate pair at {half.Index}, which is no character", half);
        }
    }

    /// <inheritdoc/>
    public bool Equals(Bytes other) => Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Bytes other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)XxHash3.HashToUInt64(Span);

    /// <inheritdoc/>
    public int CompareTo(Bytes other) => Span.SequenceCompareTo(other.Span);

    /// <summary>The content read as UTF-8.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Span);

    /// <summary>The content for people: as text where it is printable UTF-8, else in hexadecimal; cut after 64 bytes.</summary>
    public string ToDisplayString()
    {
        const int limit = 64;
        var end = Math.Min(Length, limit);
        while (end > limit - 4 && end < Length && (Span[end] & 0xC0) == 0x80) end--; // not inside a character
        var shown = Span[..end];
        var cut = Length > limit ? $"… ({Length} bytes)" : "";
        var text = Encoding.UTF8.GetString(shown);
        foreach (var character in text)
        {
            // Terminal control characters must not reach a terminal; U+FFFD stands for bytes that are not UTF-8.
            if (char.IsControl(character) || character == '\uFFFD') return "0x" + Convert.ToHexStringLower(shown) + cut;
        }

        return text + cut;
    }

    /// <summary>Equal content.</summary>
    public static bool operator ==(Bytes left, Bytes right) => left.Equals(right);

    /// <summary>Different content.</summary>
    public static bool operator !=(Bytes left, Bytes right) => !left.Equals(right);
}
