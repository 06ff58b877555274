using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Gossipdb.Checking.Operations;

/// <summary>The texts of a history, each with a number.</summary>
public sealed class TextTable
{
    private const int Shown = 6;

    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<string> _texts = [];

    /// <summary>How many there are.</summary>
    public int Count => _texts.Count;

    /// <summary>The text of a number.</summary>
    public string this[int number] => _texts[number];

    /// <summary>A text's number; a new one where it was not there.</summary>
    public int Number(string text)
    {
        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(_numbers, text, out var known);
        if (known) return number;
        number = _texts.Count;
        _texts.Add(text);
        return number;
    }

    /// <summary>A JSON value as a history holds it. What is neither number, text, truth nor array counts as a text.</summary>
    public Value Read(JsonElement? json) => json switch
    {
        null or { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } => Value.Nothing,
        { ValueKind: JsonValueKind.True } => Value.Of(true),
        { ValueKind: JsonValueKind.False } => Value.Of(false),
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out var whole) => Value.Of(whole),
        { ValueKind: JsonValueKind.Array } array => Value.OfTexts([.. array.EnumerateArray().Select(one => Number(TextOf(one)))]),
        { } other => Value.OfText(Number(TextOf(other))),
    };

    /// <summary>A value in words: of many texts the first few and how many more there are.</summary>
    public string Show(Value value) => value.Kind switch
    {
        ValueKind.Nothing => "nothing",
        ValueKind.Number => value.Number.ToString(CultureInfo.InvariantCulture),
        ValueKind.Truth => value.IsTrue ? "true" : "false",
        ValueKind.Text => $"\"{_texts[value.Text]}\"",
        _ => ShowAll(value.Texts),
    };

    private static string TextOf(JsonElement json) => json.ValueKind == JsonValueKind.String ? json.GetString()! : json.GetRawText();

    private string ShowAll(ReadOnlySpan<int> texts)
    {
        var shown = new List<string>();
        foreach (var text in texts[..Math.Min(Shown, texts.Length)]) shown.Add(_texts[text]);
        var more = texts.Length > Shown ? $", and {texts.Length - Shown} more" : "";
        return $"[{string.Join(", ", shown)}{more}]";
    }
}
