using System.Text;
using System.Text.Unicode;
using Google.Protobuf;

namespace Gossipdb.Client;

/// <summary>
/// What keys, names of fields, elements of sets and sequences, members of sorted sets and values of registers are to the store: a string
/// of bytes, of any content, most often
/// text in UTF-8. Immutable, compared by content, and ordered byte by byte. A string converts to one by itself.
/// </summary>
public sealed class Bytes : IEquatable<Bytes>, IComparable<Bytes>, IEnumerable<byte>
{
    /// <summary>A copy of some bytes.</summary>
    public Bytes(ReadOnlySpan<byte> content)
        : this(ByteString.CopyFrom(content))
    {
    }

    internal Bytes(ByteString content) => Wire = content;

    /// <summary>How many bytes.</summary>
    public int Length => Wire.Length;

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => Length == 0;

    /// <summary>The content.</summary>
    public ReadOnlySpan<byte> Span => Wire.Span;

    /// <summary>The content.</summary>
    public ReadOnlyMemory<byte> Memory => Wire.Memory;

    /// <summary>Whether the content is UTF-8, so that <see cref="Text"/> gives all of it.</summary>
    public bool IsText => Utf8.IsValid(Span);

    /// <summary>The content as text. Nothing is replaced: two different contents are two different texts.</summary>
    /// <exception cref="NotTextException">The content is not UTF-8.</exception>
    public string Text => ValueCodec.Text(Wire, nameof(Memory));

    internal ByteString Wire { get; }

    /// <summary>The content of what a caller has given.</summary>
    /// <exception cref="ArgumentNullException">Nothing was given.</exception>
    internal static ByteString WireOf(Bytes given)
    {
        ValueCodec.CheckGiven(given);
        return given.Wire;
    }

    /// <summary>The bytes that hexadecimal digits say, two a byte: <c>6be9</c>.</summary>
    /// <exception cref="FormatException">The text is not that.</exception>
    public static Bytes FromHex(string digits)
    {
        ArgumentNullException.ThrowIfNull(digits);
        try
        {
            return new(UnsafeByteOperations.UnsafeWrap(Convert.FromHexString(digits)));
        }
        catch (FormatException)
        {
            throw new FormatException($"'{digits}' is not hexadecimal: a byte is two digits, as in 6be9");
        }
    }

    /// <summary>
    /// Reads what <see cref="ToEscaped"/> writes: <c>\xNN</c> is a byte, and everything else, other backslashes too, the text that it is.
    /// </summary>
    /// <exception cref="InvalidRequestException">The text holds half a surrogate pair, which UTF-8 cannot say.</exception>
    public static Bytes FromEscaped(string text)
    {
        Bytes bytes = text;
        if (!text.Contains("\\x", StringComparison.Ordinal)) return bytes;
        var left = bytes.Span;
        var (read, length) = (new byte[left.Length], 0);
        while (!left.IsEmpty)
        {
            var isEscape = ByteEscapes.BeginsWithEscape(left);
            read[length++] = isEscape ? Convert.FromHexString(Encoding.ASCII.GetString(left[2..4]))[0] : left[0];
            left = left[(isEscape ? 4 : 1)..];
        }

        return new(UnsafeByteOperations.UnsafeWrap(read.AsMemory(0, length)));
    }

    /// <summary>The UTF-8 of a text.</summary>
    /// <exception cref="InvalidRequestException">The text holds half a surrogate pair, which UTF-8 cannot say.</exception>
    public static implicit operator Bytes(string text) => new(ValueCodec.Bytes(text));

    /// <summary>A copy of some bytes.</summary>
    public static implicit operator Bytes(byte[] content)
    {
        ArgumentNullException.ThrowIfNull(content);
        return new(content.AsSpan());
    }

    /// <summary>A copy of some bytes.</summary>
    public static implicit operator Bytes(ReadOnlyMemory<byte> content) => new(content.Span);

    /// <summary>Whether the content is the UTF-8 of a text.</summary>
    public static bool operator ==(Bytes? left, string? right) =>
        right is null ? left is null : left is not null && left.Equals((Bytes)right);

    /// <summary>Whether the content is not the UTF-8 of a text.</summary>
    public static bool operator !=(Bytes? left, string? right) => !(left == right);

    /// <summary>Whether the content is the UTF-8 of a text.</summary>
    public static bool operator ==(string? left, Bytes? right) => right == left;

    /// <summary>Whether the content is not the UTF-8 of a text.</summary>
    public static bool operator !=(string? left, Bytes? right) => !(right == left);

    /// <summary>Equal content.</summary>
    public static bool operator ==(Bytes? left, Bytes? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Different content.</summary>
    public static bool operator !=(Bytes? left, Bytes? right) => !(left == right);

    /// <summary>A copy of the content.</summary>
    public byte[] ToArray() => Wire.ToByteArray();

    /// <summary>The content in hexadecimal digits, two a byte.</summary>
    public string ToHex() => Convert.ToHexString(Span).ToLowerInvariant();

    /// <summary>
    /// The content in one line for people, which <see cref="FromEscaped"/> reads back: text as it is, and <c>\xNN</c> for each byte that
    /// is not UTF-8, each of a control character, and each
    /// of U+FFFD. The backslash of a text that holds such an escape is written <c>\x5c</c>. So no two contents are written alike.
    /// </summary>
    /// <param name="keepControls">Leaves control characters as they are, line breaks among them.</param>
    public string ToEscaped(bool keepControls = false) => ByteEscapes.Write(Span, keepControls);

    /// <summary>
    /// The text, where the content is one, exactly; otherwise escaped as by <see cref="ToEscaped"/>. For people: programs ask for
    /// <see cref="Text"/>.
    /// </summary>
    public override string ToString() => IsText ? Wire.ToStringUtf8() : ToEscaped();

    /// <inheritdoc/>
    public bool Equals(Bytes? other) => other is not null && Wire.Equals(other.Wire);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Bytes other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Wire.GetHashCode();

    /// <summary>The bytes, one after the other.</summary>
    public IEnumerator<byte> GetEnumerator() => Wire.GetEnumerator();

    System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The order of the bytes, the first that differs deciding.</summary>
    public int CompareTo(Bytes? other) => other is null ? 1 : Span.SequenceCompareTo(other.Span);
}
