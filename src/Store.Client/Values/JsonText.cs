using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gossipdb.Client;

/// <summary>JSON on its way to a node: every string in it can be said in UTF-8, so that what is stored is what was given.</summary>
internal static class JsonText
{
    private static readonly JsonSerializerOptions Options = new() { Encoder = Strict };

    /// <summary>As the default one, but that it refuses half a surrogate pair.</summary>
    public static JavaScriptEncoder Strict => field ??= new StrictEncoder();

    /// <exception cref="InvalidRequestException">The value has no JSON, or a string in it holds half a surrogate pair.</exception>
    [RequiresUnreferencedCode(TypedValue.Reflects)]
    [RequiresDynamicCode(TypedValue.Reflects)]
    public static string Of<T>(T value)
    {
        try
        {
            return JsonSerializer.Serialize(value, Options);
        }
        catch (Exception problem) when (problem is JsonException or ArgumentException or InvalidOperationException or NotSupportedException)
        {
            throw Unwritten(problem);
        }
    }

    public static InvalidRequestException Unwritten(Exception problem) =>
        new($"The value cannot be written as JSON: {problem.GetBaseException().Message}", inner: problem);

    /// <exception cref="InvalidRequestException">The text is no JSON, or a string in it holds half a surrogate pair, escaped or
    /// not.</exception>
    public static void Check(string json)
    {
        var reader = new Utf8JsonReader(ValueCodec.Bytes(json).Span);
        try
        {
            // An escape, as in "\ud800", is looked at when the string is read, and not before.
            while (reader.Read())
            {
                if (reader.ValueIsEscaped)
                    _ = reader.GetString();
            }
        }
        catch (JsonException problem)
        {
            // The runtime counts lines and bytes from zero, in words of its own.
            var what = problem.Message.Split(" LineNumber: ", 2)[0];
            throw new InvalidRequestException(
                $"The value is no JSON, at byte {problem.BytePositionInLine + 1} of line {problem.LineNumber + 1}: {what}", inner: problem);
        }
        catch (InvalidOperationException problem)
        {
            throw new InvalidRequestException(
                $"The value holds half a surrogate pair in the string at byte {reader.TokenStartIndex}, which is no character.",
                inner: problem);
        }
    }

    /// <summary>As the default one, but that it refuses half a surrogate pair, in whose place the default one puts U+FFFD.</summary>
    private sealed unsafe class StrictEncoder : JavaScriptEncoder
    {
        public override int MaxOutputCharactersPerInputCharacter => Default.MaxOutputCharactersPerInputCharacter;

        public override int FindFirstCharacterToEncode(char* text, int textLength)
        {
            ValueCodec.CheckPairs(new ReadOnlySpan<char>(text, textLength));
            return Default.FindFirstCharacterToEncode(text, textLength);
        }

        public override bool TryEncodeUnicodeScalar(int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten) =>
            Default.TryEncodeUnicodeScalar(unicodeScalar, buffer, bufferLength, out numberOfCharactersWritten);

        public override bool WillEncode(int unicodeScalar) => Default.WillEncode(unicodeScalar);
    }
}
