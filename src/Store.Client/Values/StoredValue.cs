using System.Globalization;
using Google.Protobuf;
using Case = Gossipdb.Protocol.Value.ValueOneofCase;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>
/// A value of whatever type a key or a map's field holds. <see cref="Type"/> says which of the properties applies; the others
/// throw <see cref="InvalidOperationException"/>.
/// </summary>
public sealed class StoredValue
{
    private readonly Wire.Value _value;

    internal StoredValue(Wire.Value value) => (_value, Type) = (value, ValueCodec.TypeOf(value));

    /// <summary>Reads a value as the contract writes it: <c>Value</c> of <c>gossipdb.proto</c>.</summary>
    /// <exception cref="FormatException">The bytes are none.</exception>
    public static StoredValue Parse(ReadOnlySpan<byte> value)
    {
        try
        {
            return new(Wire.Value.Parser.ParseFrom(value));
        }
        catch (InvalidProtocolBufferException wrong)
        {
            throw new FormatException($"The bytes are no value: {wrong.Message}", wrong);
        }
    }

    /// <summary>A counter's total, for what stands in for a store in a test; so are the others.</summary>
    public static StoredValue OfCounter(long total) => new(new Wire.Value { Counter = total, Type = Wire.ValueType.Counter });

    /// <summary>A set of elements.</summary>
    public static StoredValue OfSet(params IEnumerable<Bytes> elements) =>
        new(new Wire.Value { Set = WireElements.OfAny(elements), Type = Wire.ValueType.Set });

    /// <summary>A register's value, and when it was written.</summary>
    public static StoredValue OfRegister(Bytes value, DateTimeOffset writtenAt = default) => new(new Wire.Value
    {
        Register = new() { Value = Bytes.WireOf(value), TimestampUnixMs = writtenAt.ToUnixTimeMilliseconds() },
        Type = Wire.ValueType.Register,
    });

    /// <summary>A flag.</summary>
    public static StoredValue OfFlag(bool enabled) => new(new Wire.Value { Flag = enabled, Type = Wire.ValueType.Flag });

    /// <summary>A text.</summary>
    public static StoredValue OfText(string text) => new(new Wire.Value { Text = text, Type = Wire.ValueType.Text });

    /// <summary>A document, as JSON text.</summary>
    public static StoredValue OfJson(string json) => new(new Wire.Value { Json = json, Type = Wire.ValueType.Json });

    /// <summary>The type of the value.</summary>
    public StoredType Type { get; }

    /// <summary>A counter's total, whichever kind of counter.</summary>
    public long Counter => Of(Case.Counter).Counter;

    /// <summary>A set's elements as text, in ordinal order, whichever kind of set.</summary>
    /// <exception cref="NotTextException">An element is not UTF-8.</exception>
    public IReadOnlyCollection<string> Set => field ??= ValueCodec.SortedTexts(Of(Case.Set).Set, nameof(SetBytes));

    /// <summary>A set's elements as bytes, in the order of those, whichever kind of set.</summary>
    public IReadOnlyCollection<Bytes> SetBytes => field ??= ValueCodec.Sorted(Of(Case.Set).Set);

    /// <summary>A register's value as text.</summary>
    /// <exception cref="NotTextException">It is not UTF-8.</exception>
    public string Register => field ??= ValueCodec.Text(Of(Case.Register).Register.Value, nameof(RegisterBytes));

    /// <summary>A register's value as bytes.</summary>
    public byte[] RegisterBytes => Of(Case.Register).Register.Value.ToByteArray();

    /// <summary>When the register's value was written, by its coordinator's clock.</summary>
    public DateTimeOffset RegisterWrittenAt => Moments.OfUnixMs(Of(Case.Register).Register.TimestampUnixMs);

    /// <summary>A multi-value register's values as text: one, or several that were written concurrently.</summary>
    /// <exception cref="NotTextException">One is not UTF-8.</exception>
    public IReadOnlyList<string> Siblings =>
        field ??= ValueCodec.Texts(Of(Case.MultiRegister).MultiRegister.Elements_, nameof(SiblingBytes));

    /// <summary>A multi-value register's values as bytes.</summary>
    public IReadOnlyList<byte[]> SiblingBytes => ValueCodec.ByteArrays(Of(Case.MultiRegister).MultiRegister);

    /// <summary>Whether a flag is enabled, whichever kind of flag.</summary>
    public bool Flag => Of(Case.Flag).Flag;

    /// <summary>A map's fields.</summary>
    public MapValue Map => field ??= new MapValue(Of(Case.Map).Map);

    /// <summary>The number of a max or min register.</summary>
    public long Number => Of(Case.Number).Number;

    /// <summary>A sorted set's members, from the highest score down.</summary>
    public IReadOnlyList<ScoredMember> SortedSet => field ??= ValueCodec.Scored(Of(Case.SortedSet).SortedSet);

    /// <summary>A sequence's values as text.</summary>
    /// <exception cref="NotTextException">One is not UTF-8.</exception>
    public IReadOnlyList<string> Sequence => field ??= ValueCodec.Texts(Of(Case.Sequence).Sequence.Elements_, nameof(SequenceBytes));

    /// <summary>A sequence's values as bytes.</summary>
    public IReadOnlyList<Bytes> SequenceBytes => field ??= ValueCodec.All(Of(Case.Sequence).Sequence.Elements_);

    /// <summary>A text.</summary>
    public string Text => Of(Case.Text).Text;

    /// <summary>A document, as JSON text.</summary>
    public string Json => Of(Case.Json).Json;

    /// <summary>About how many distinct elements were added to a HyperLogLog.</summary>
    public long Distinct => (long)Of(Case.Distinct).Distinct;

    internal DateTimeOffset? ExpiresAt => LifetimeCodec.Until(Of(Case.ExpiresAtUnixMs).ExpiresAtUnixMs);

    internal Case Case => _value.ValueCase;

    /// <summary>The value in words, on one line unless it is a text or a register that holds several.</summary>
    public override string ToString() => Case switch
    {
        Case.Counter => Counter.ToString(CultureInfo.InvariantCulture),
        Case.Set => $"{{{string.Join(", ", SetBytes)}}}",
        Case.Register => new Bytes(_value.Register.Value).ToString(),
        Case.MultiRegister => string.Join<Bytes>(" | ", ValueCodec.All(_value.MultiRegister.Elements_)),
        Case.Flag => Flag ? "enabled" : "disabled",
        Case.Map => Map.ToString(),
        Case.Number => Number.ToString(CultureInfo.InvariantCulture),
        Case.SortedSet => $"{{{string.Join(", ", SortedSet)}}}",
        Case.Sequence => $"[{string.Join(", ", SequenceBytes)}]",
        Case.Text => Text,
        Case.Json => Json,
        Case.Distinct => Distinct.ToString(CultureInfo.InvariantCulture),
        _ => "nothing",
    };

    private Wire.Value Of(Case expected) =>
        Case == expected ? _value : throw new InvalidOperationException($"The value is a {Type}, which has no {expected}.");
}
