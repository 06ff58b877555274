using System.Globalization;
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

    /// <summary>The type of the value.</summary>
    public StoredType Type { get; }

    /// <summary>A counter's total.</summary>
    public long Counter => Of(StoredType.Counter).Counter;

    /// <summary>A set's elements as text, in ordinal order.</summary>
    public IReadOnlyCollection<string> Set => field ??= ValueCodec.Set(Of(StoredType.Set));

    /// <summary>A register's value as text.</summary>
    public string Register => field ??= ValueCodec.Text(Of(StoredType.Register).Register.Value);

    /// <summary>A register's value as bytes.</summary>
    public byte[] RegisterBytes => Of(StoredType.Register).Register.Value.ToByteArray();

    /// <summary>When the register's value was written, by its coordinator's clock.</summary>
    public DateTimeOffset RegisterWrittenAt =>
        DateTimeOffset.FromUnixTimeMilliseconds(Of(StoredType.Register).Register.TimestampUnixMs);

    /// <summary>A multi-value register's values as text: one, or several that were written concurrently.</summary>
    public IReadOnlyList<string> Siblings => field ??= ValueCodec.Texts(Of(StoredType.MultiRegister).MultiRegister);

    /// <summary>A multi-value register's values as bytes.</summary>
    public IReadOnlyList<byte[]> SiblingBytes => ValueCodec.ByteArrays(Of(StoredType.MultiRegister).MultiRegister);

    /// <summary>Whether a flag is enabled.</summary>
    public bool Flag => Of(StoredType.Flag).Flag;

    /// <summary>A map's fields.</summary>
    public MapValue Map => field ??= new MapValue(Of(StoredType.Map).Map);

    /// <summary>The value in words, on one line.</summary>
    public override string ToString() => Type switch
    {
        StoredType.Counter => Counter.ToString(CultureInfo.InvariantCulture),
        StoredType.Set => $"{{{string.Join(", ", Set)}}}",
        StoredType.Register => Register,
        StoredType.MultiRegister => string.Join(" | ", Siblings),
        StoredType.Flag => Flag ? "enabled" : "disabled",
        StoredType.Map => Map.ToString(),
        _ => "nothing",
    };

    private Wire.Value Of(StoredType type) =>
        Type == type ? _value : throw new InvalidOperationException($"The value is a {Type}, not a {type}.");
}
