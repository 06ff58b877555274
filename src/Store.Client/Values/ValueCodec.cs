using System.Text;
using Google.Protobuf;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>Between the contract's values and the ones applications see.</summary>
internal static class ValueCodec
{
    // Strict: two texts that differ only in what UTF-8 cannot say must not become one element.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static ByteString Bytes(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            return UnsafeByteOperations.UnsafeWrap(Utf8.GetBytes(text));
        }
        catch (EncoderFallbackException)
        {
            throw new InvalidRequestException("The text holds half a surrogate pair, which UTF-8 cannot say.");
        }
    }

    public static string Text(ByteString bytes) => bytes.ToStringUtf8();

    public static string[] Texts(Wire.Elements elements)
    {
        var texts = new string[elements.Elements_.Count];
        for (var i = 0; i < texts.Length; i++)
            texts[i] = Text(elements.Elements_[i]);
        return texts;
    }

    public static byte[][] ByteArrays(Wire.Elements elements)
    {
        var arrays = new byte[elements.Elements_.Count][];
        for (var i = 0; i < arrays.Length; i++)
            arrays[i] = elements.Elements_[i].ToByteArray();
        return arrays;
    }

    public static string[] Set(Wire.Value value)
    {
        var elements = Texts(value.Set);
        Array.Sort(elements, StringComparer.Ordinal);
        return elements;
    }

    public static StoredType TypeOf(Wire.Value value) => value.ValueCase switch
    {
        Wire.Value.ValueOneofCase.Counter => StoredType.Counter,
        Wire.Value.ValueOneofCase.Set => StoredType.Set,
        Wire.Value.ValueOneofCase.Register => StoredType.Register,
        Wire.Value.ValueOneofCase.MultiRegister => StoredType.MultiRegister,
        Wire.Value.ValueOneofCase.Flag => StoredType.Flag,
        Wire.Value.ValueOneofCase.Map => StoredType.Map,
        _ => StoredType.None,
    };

    public static StoredType TypeOf(Wire.ValueType type) => (StoredType)(int)type;
}
