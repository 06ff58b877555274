using System.Text;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>Between the contract's values and the ones applications see.</summary>
internal static class ValueCodec
{
    // Strict: two texts that differ only in what UTF-8 cannot say must not become one element.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static ByteString Bytes(string text)
    {
        CheckGiven(text);
        try
        {
            return UnsafeByteOperations.UnsafeWrap(Utf8.GetBytes(text));
        }
        catch (EncoderFallbackException problem)
        {
            throw HalfAPair(problem);
        }
    }

    /// <summary>How many bytes a text takes, having checked that UTF-8 can say it.</summary>
    public static int Size(string text)
    {
        CheckGiven(text);
        return CheckPairs(text);
    }

    /// <summary>The same of a part of a text.</summary>
    public static int CheckPairs(ReadOnlySpan<char> text)
    {
        try
        {
            return Utf8.GetByteCount(text);
        }
        catch (EncoderFallbackException problem)
        {
            throw HalfAPair(problem);
        }
    }

    /// <summary>The text that bytes say, where they say one.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="byteForm">The member that gives what is not text.</param>
    /// <exception cref="NotTextException">They are not UTF-8.</exception>
    public static string Text(ByteString bytes, string byteForm)
    {
        try
        {
            return Utf8.GetString(bytes.Span);
        }
        catch (DecoderFallbackException)
        {
            throw new NotTextException(
                $"'{ByteEscapes.WriteBrief(bytes.Span)}' is not UTF-8, and text was asked for: {byteForm} gives it as bytes.");
        }
    }

    public static string[] Texts(RepeatedField<ByteString> elements, string byteForm)
    {
        var texts = new string[elements.Count];
        for (var i = 0; i < texts.Length; i++)
            texts[i] = Text(elements[i], byteForm);
        return texts;
    }

    public static Bytes[] All(RepeatedField<ByteString> elements)
    {
        var all = new Bytes[elements.Count];
        for (var i = 0; i < all.Length; i++)
            all[i] = new(elements[i]);
        return all;
    }

    public static byte[][] ByteArrays(Wire.Elements elements)
    {
        var arrays = new byte[elements.Elements_.Count][];
        for (var i = 0; i < arrays.Length; i++)
            arrays[i] = elements.Elements_[i].ToByteArray();
        return arrays;
    }

    public static string[] SortedTexts(Wire.Elements elements, string byteForm)
    {
        var texts = Texts(elements.Elements_, byteForm);
        Array.Sort(texts, StringComparer.Ordinal);
        return texts;
    }

    public static Bytes[] Sorted(Wire.Elements elements)
    {
        var all = All(elements.Elements_);
        Array.Sort(all);
        return all;
    }

    public static ScoredMember[] Scored(Wire.ScoredMembers members)
    {
        var scored = new ScoredMember[members.Members.Count];
        for (var i = 0; i < scored.Length; i++)
            scored[i] = new(new Bytes(members.Members[i].Member), members.Members[i].Score);
        return scored;
    }

    public static StoredType TypeOf(Wire.Value value) => value.Type != Wire.ValueType.None ? TypeOf(value.Type) : value.ValueCase switch
    {
        // What nodes answer that do not say the type: they have no other types than these.
        Wire.Value.ValueOneofCase.Counter => StoredType.Counter,
        Wire.Value.ValueOneofCase.Set => StoredType.Set,
        Wire.Value.ValueOneofCase.Register => StoredType.Register,
        Wire.Value.ValueOneofCase.MultiRegister => StoredType.MultiRegister,
        Wire.Value.ValueOneofCase.Flag => StoredType.Flag,
        Wire.Value.ValueOneofCase.Map => StoredType.Map,
        _ => StoredType.None,
    };

    public static StoredType TypeOf(Wire.ValueType type) => (StoredType)(int)type;

    // The caller knows the name of what is missing, and this does not.
    public static void CheckGiven([System.Diagnostics.CodeAnalysis.NotNull] object? given)
    {
        if (given is null)
            throw new ArgumentNullException(null, "A key, a name, an element or a text is null.");
    }

    private static InvalidRequestException HalfAPair(EncoderFallbackException problem) =>
        new($"The text holds half a surrogate pair at position {problem.Index}, which UTF-8 cannot say.");
}
