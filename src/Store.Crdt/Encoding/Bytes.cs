using System.IO.Hashing;
using System.Text;

namespace Gossipdb.Crdt.Encoding;

/// <summary>
/// An immutable byte string, compared by content and ordered lexicographically.
/// Keys, set elements, field names and register values are these.
/// </summary>
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

    // Strict: two texts that differ only in what UTF-8 cannot express must not become one name.
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The UTF-8 bytes of a text.</summary>
    /// <exception cref="ArgumentException">The text has half a surrogate pair, which UTF-8 cannot express.</exception>
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

    /// <summary>
    /// The content for people, in one line: as text where it is UTF-8, other bytes and control characters as <c>\xNN</c>. No two byte
    /// strings look alike.
    /// </summary>
    public override string ToString() => ByteEscapes.Write(Span);

    /// <summary>As <see cref="ToString"/>, cut after 64 bytes.</summary>
    public string ToDisplayString() => ByteEscapes.WriteBrief(Span);

    /// <summary>Equal content.</summary>
    public static bool operator ==(Bytes left, Bytes right) => left.Equals(right);

    /// <summary>Different content.</summary>
    public static bool operator !=(Bytes left, Bytes right) => !left.Equals(right);
}
