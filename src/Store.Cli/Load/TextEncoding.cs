using System.Buffers;
using System.Text;

namespace Gossipdb.Cli.Load;

/// <summary>
/// Which text the bytes of an input are. Strict: bytes that are no text in the encoding are told as such, and never replaced. Replaced,
/// two different values could
/// become one.
/// </summary>
internal sealed class TextEncoding
{
    // Stands for bytes that are no text while an input is turned into UTF-8. It is no character of Unicode, and so no text holds it.
    private const char Mark = '\uFFFF';

    private static readonly (byte[] Start, string Name)[] ByteOrderMarks =
    [
        ([0xFF, 0xFE, 0, 0], "utf-32"),
        ([0, 0, 0xFE, 0xFF], "utf-32BE"),
        ([0xFF, 0xFE], "utf-16"),
        ([0xFE, 0xFF], "utf-16BE"),
    ];

    private readonly Encoding? _other;

    private TextEncoding(string name, Encoding? other) => (Name, _other) = (name, other);

    public static TextEncoding Utf8 { get; } = new("utf-8", null);

    public string Name { get; }

    /// <summary>An encoding by the name that IANA has for it, or by the number of its code page.</summary>
    /// <exception cref="FormatException">There is none of that name.</exception>
    public static TextEncoding Parse(string name)
    {
        var found = Find(name) ?? throw new FormatException(
            $"'{name}' is no encoding; there are utf-8, utf-16, latin1, windows-1252, shift_jis, gb18030 and others with the names IANA "
            + "has for them");
        return found.CodePage == Encoding.UTF8.CodePage ? Utf8 : new TextEncoding(name, found);
    }

    /// <summary>
    /// The encoding of an input that is said to be of this one: a byte order mark of UTF-16 or UTF-32 says otherwise, since no UTF-8
    /// begins so.
    /// </summary>
    public TextEncoding Of(ReadOnlySequence<byte> start)
    {
        if (_other is not null) return this;
        Span<byte> first = stackalloc byte[4];
        var length = (int)Math.Min(first.Length, start.Length);
        start.Slice(0, length).CopyTo(first);
        foreach (var (mark, name) in ByteOrderMarks)
            if (first[..length].StartsWith(mark)) return Parse(name);
        return this;
    }

    /// <summary>The input in UTF-8, in which <see cref="TryDecode"/> knows what was no text.</summary>
    public Stream ToUtf8(Stream input) => _other is null ? input : Encoding.CreateTranscodingStream(input, _other, Encoding.UTF8);

    /// <summary>The text of some bytes of <see cref="ToUtf8"/>.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="text">The text.</param>
    /// <param name="problem">What is no text in them; null where all is.</param>
    public bool TryDecode(ReadOnlySpan<byte> bytes, out string text, out string? problem)
    {
        text = "";
        problem = null;
        if (!System.Text.Unicode.Utf8.IsValid(bytes))
        {
            var (at, length) = FirstInvalid(bytes);
            problem = $"the bytes {Convert.ToHexString(bytes.Slice(at, length))} at byte {at + 1} are no {Name}";
            return false;
        }

        text = Encoding.UTF8.GetString(bytes);
        var mark = _other is null ? -1 : text.IndexOf(Mark, StringComparison.Ordinal);
        if (mark < 0) return true;
        problem = $"what is at letter {mark + 1} is no {Name}";
        return false;
    }

    private static Encoding? Find(string name)
    {
        var fallback = new DecoderReplacementFallback(Mark.ToString());
        try
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(name, EncoderFallback.ExceptionFallback, fallback)
                ?? Encoding.GetEncoding(name, EncoderFallback.ExceptionFallback, fallback);
        }
        catch (Exception unknown) when (unknown is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    private static (int At, int Length) FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        for (var at = 0; ;)
        {
            if (Rune.DecodeFromUtf8(bytes[at..], out _, out var length) != OperationStatus.Done) return (at, length);
            at += length;
        }
    }
}
