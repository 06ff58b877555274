namespace Gossipdb.Checking.Operations;

/// <summary>What a <see cref="Value"/> is.</summary>
public enum ValueKind : byte
{
    /// <summary>There is nothing.</summary>
    Nothing,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary>A text.</summary>
    Text,

    /// <summary>True or false.</summary>
    Truth,

    /// <summary>Several texts, each once.</summary>
    Texts,
}

/// <summary>
/// An argument or a result. Texts are numbers of the history's <see cref="TextTable"/>: a text takes no memory the second time, and
/// two are compared as numbers.
/// </summary>
public readonly struct Value : IEquatable<Value>
{
    private readonly int[]? _texts;
    private readonly long _number;

    private Value(ValueKind kind, long number, int[]? texts = null) => (Kind, _number, _texts) = (kind, number, texts);

    /// <summary>There is nothing.</summary>
    public static Value Nothing => default;

    /// <summary>What it is.</summary>
    public ValueKind Kind { get; }

    /// <summary>Whether there is nothing.</summary>
    public bool IsNothing => Kind == ValueKind.Nothing;

    /// <summary>The number; 0 of what is none.</summary>
    public long Number => Kind == ValueKind.Number ? _number : 0;

    /// <summary>The text's number; -1 of what is no text.</summary>
    public int Text => Kind == ValueKind.Text ? (int)_number : -1;

    /// <summary>Whether it is true.</summary>
    public bool IsTrue => Kind == ValueKind.Truth && _number != 0;

    /// <summary>The texts' numbers, ascending: of several all, of one that one, else none.</summary>
    public ReadOnlySpan<int> Texts => Kind switch
    {
        ValueKind.Texts => _texts,
        ValueKind.Text => new[] { (int)_number },
        _ => [],
    };

    /// <summary>A number.</summary>
    public static Value Of(long number) => new(ValueKind.Number, number);

    /// <summary>True or false.</summary>
    public static Value Of(bool truth) => new(ValueKind.Truth, truth ? 1 : 0);

    /// <summary>A text, by its number.</summary>
    public static Value OfText(int text) => new(ValueKind.Text, text);

    /// <summary>Texts, by their numbers, in any order. The array is the value's from here on.</summary>
    public static Value OfTexts(int[] texts)
    {
        Array.Sort(texts);
        var length = 0;
        for (var i = 0; i < texts.Length; i++)
        {
            if (i == 0 || texts[i] != texts[i - 1]) texts[length++] = texts[i];
        }

        return new Value(ValueKind.Texts, 0, length == texts.Length ? texts : texts[..length]);
    }

    /// <summary>Whether the text is among them.</summary>
    public bool Has(int text) => Kind == ValueKind.Texts ? Array.BinarySearch(_texts!, text) >= 0 : Text == text;

    /// <inheritdoc/>
    public bool Equals(Value other) =>
        Kind == other.Kind && (Kind == ValueKind.Texts ? _texts.AsSpan().SequenceEqual(other._texts) : _number == other._number);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Value other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        if (Kind != ValueKind.Texts) return HashCode.Combine(Kind, _number);
        var hash = new HashCode();
        foreach (var text in _texts!) hash.Add(text);
        return hash.ToHashCode();
    }

    /// <summary>Whether two values are the same.</summary>
    public static bool operator ==(Value one, Value other) => one.Equals(other);

    /// <summary>Whether two values differ.</summary>
    public static bool operator !=(Value one, Value other) => !one.Equals(other);
}
