using System.Globalization;
using System.Text;
using Google.Protobuf;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Server;
using Gossipdb.Protocol;

namespace Gossipdb.Node.Dashboard;

/// <summary>Values and bytes, as pages show them.</summary>
internal static class ShownValues
{
    // Of long lists and texts the beginning is shown.
    private const int MostItems = 200;
    private const int MostCharacters = 20_000;
    private const int MostDepth = 8;

    /// <summary>A value; null where there is none.</summary>
    public static ValueShown? Of(Value? value) => value is null || value.ValueCase == Value.ValueOneofCase.None ? null : Of(value, 0);

    /// <summary>The name of a type, as the command line has it.</summary>
    public static string NameOf(Protocol.ValueType type)
    {
        var name = new StringBuilder();
        foreach (var letter in type.ToString())
        {
            if (char.IsUpper(letter) && name.Length > 0) name.Append('-');
            name.Append(char.ToLowerInvariant(letter));
        }

        return name.ToString();
    }

    /// <summary>Bytes for people, whole.</summary>
    public static string Text(ByteString bytes) => Wire.ToBytes(bytes).ToString();

    /// <summary>Bytes as a page keeps them.</summary>
    public static string IdOf(ByteString bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes.Span);

    /// <summary>What a page kept.</summary>
    /// <exception cref="BadCallException">It is no such thing.</exception>
    public static ByteString FromId(string id)
    {
        try
        {
            return ByteString.CopyFrom(System.Buffers.Text.Base64Url.DecodeFromChars(id));
        }
        catch (FormatException)
        {
            throw new BadCallException("the id of the key is not base64url");
        }
    }

    /// <summary>What somebody has typed.</summary>
    /// <exception cref="BadCallException">It is half a character.</exception>
    public static ByteString FromText(string text)
    {
        try
        {
            return Wire.ToByteString(Bytes.FromText(text));
        }
        catch (ArgumentException wrong)
        {
            throw new BadCallException(wrong.Message);
        }
    }

    private static ValueShown Of(Value value, int depth)
    {
        var shown = new ValueShown(NameOf(value.Type));
        return value.ValueCase switch
        {
            Value.ValueOneofCase.Counter => shown with { Text = Number(value.Counter) },
            Value.ValueOneofCase.Number => shown with { Text = Number(value.Number) },
            Value.ValueOneofCase.Distinct => shown with { Text = $"about {Number((long)value.Distinct)}" },
            Value.ValueOneofCase.Flag => shown with { Text = value.Flag ? "on" : "off" },
            Value.ValueOneofCase.Register => shown with { Text = Clipped(Text(value.Register.Value)) },
            Value.ValueOneofCase.Text => shown with { Text = Clipped(value.Text) },
            Value.ValueOneofCase.Json => shown with { Text = Clipped(value.Json) },
            Value.ValueOneofCase.Set => Items(shown, value.Set.Elements_),
            Value.ValueOneofCase.MultiRegister => Items(shown, value.MultiRegister.Elements_),
            Value.ValueOneofCase.Sequence => Items(shown, value.Sequence.Elements_),
            Value.ValueOneofCase.SortedSet => Fields(
                shown,
                value.SortedSet.Members.Count,
                value.SortedSet.Members.Select(static member =>
                    new FieldShown(Text(member.Member), new ValueShown("score") { Text = Number(member.Score) }))),
            Value.ValueOneofCase.Map when depth < MostDepth => Fields(
                shown,
                value.Map.Fields.Count,
                value.Map.Fields.Select(field => new FieldShown(Text(field.Field), Of(field.Value, depth + 1)))),
            _ => shown with { Text = "…" },
        };
    }

    private static ValueShown Items(ValueShown shown, IReadOnlyCollection<ByteString> elements) => shown with
    {
        Items = [.. elements.Take(MostItems).Select(static element => Clipped(Text(element)))],
        More = Math.Max(0, elements.Count - MostItems),
    };

    private static ValueShown Fields(ValueShown shown, int count, IEnumerable<FieldShown> fields) => shown with
    {
        Fields = [.. fields.Take(MostItems)],
        More = Math.Max(0, count - MostItems),
    };

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>The beginning of a long text.</summary>
    public static string Clipped(string text) => text.Length <= MostCharacters ? text : text[..MostCharacters] + "…";
}
