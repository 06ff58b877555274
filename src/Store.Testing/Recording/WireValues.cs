using System.Globalization;
using System.Text.Json;
using Gossipdb.Client;
using Google.Protobuf;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Testing.Recording;

/// <summary>What goes over the wire, as histories have it.</summary>
internal static class WireValues
{
    /// <summary>
    /// A type by its name in histories. Of those that only grow, checkers judge as of their kin; types they do not know have names of
    /// their own.
    /// </summary>
    public static string TypeName(Wire.ValueType type) => type switch
    {
        Wire.ValueType.Counter or Wire.ValueType.GrowOnlyCounter => "counter",
        Wire.ValueType.BoundedCounter => "bounded-counter",
        Wire.ValueType.Set or Wire.ValueType.GrowOnlySet => "set",
        Wire.ValueType.Register => "register",
        Wire.ValueType.MultiRegister => "multi-register",
        Wire.ValueType.Flag => "flag",
        Wire.ValueType.Map => "map",
        Wire.ValueType.MaxRegister => "max-register",
        Wire.ValueType.MinRegister => "min-register",
        Wire.ValueType.DisableWinsFlag => "disable-wins-flag",
        Wire.ValueType.RemoveWinsSet => "remove-wins-set",
        Wire.ValueType.SortedSet => "sorted-set",
        Wire.ValueType.Sequence => "sequence",
        Wire.ValueType.Text => "text",
        Wire.ValueType.Json => "json",
        Wire.ValueType.HyperLogLog => "hyper-log-log",
        _ => "other",
    };

    /// <summary>What a whole read returned, and of which type it is; no type where the key holds nothing.</summary>
    public static (string? Type, JsonElement? Value) Of(Wire.Value? value) => value?.ValueCase switch
    {
        null or Wire.Value.ValueOneofCase.None => (null, null),
        Wire.Value.ValueOneofCase.Counter => (TypeName(value.Type), Json(value.Counter)),
        Wire.Value.ValueOneofCase.Set => (TypeName(value.Type), Texts(value.Set.Elements_)),
        Wire.Value.ValueOneofCase.Register => ("register", Register(value.Register.Value)),
        Wire.Value.ValueOneofCase.MultiRegister => ("multi-register", Texts(value.MultiRegister.Elements_)),
        Wire.Value.ValueOneofCase.Flag => (TypeName(value.Type), Json(value.Flag)),
        Wire.Value.ValueOneofCase.Number => (TypeName(value.Type), Json(value.Number)),
        _ => (TypeName(value.Type), null),
    };

    /// <summary>What a key holds.</summary>
    public static JsonElement? Of(StoredValue value) => value.Type switch
    {
        StoredType.Counter or StoredType.GrowOnlyCounter or StoredType.BoundedCounter => Json(value.Counter),
        StoredType.Set or StoredType.GrowOnlySet or StoredType.RemoveWinsSet => Texts(value.SetBytes.Select(static one => one.Wire)),
        StoredType.Register => Register(new Bytes(value.RegisterBytes).Wire),
        StoredType.MultiRegister => Texts(value.SiblingBytes.Select(static one => new Bytes(one).Wire)),
        StoredType.Flag or StoredType.DisableWinsFlag => Json(value.Flag),
        StoredType.MaxRegister or StoredType.MinRegister => Json(value.Number),
        _ => null,
    };

    /// <summary>What a read of an object returns that is not there.</summary>
    public static JsonElement? Nothing(string type) => type switch
    {
        "counter" or "bounded-counter" => Json(0),
        "set" or "multi-register" or "remove-wins-set" => JsonSerializer.SerializeToElement(Array.Empty<string>()),
        "flag" or "disable-wins-flag" => Json(false),
        _ => null,
    };

    /// <summary>A register's value: a number where it is written as one, so that a stock in a register can be told from a text.</summary>
    public static JsonElement Register(ByteString value)
    {
        var text = new Bytes(value).ToString();
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number.ToString(CultureInfo.InvariantCulture) == text ? Json(number) : JsonSerializer.SerializeToElement(text);
    }

    public static JsonElement Text(ByteString value) => JsonSerializer.SerializeToElement(new Bytes(value).ToString());

    public static JsonElement Texts(IEnumerable<ByteString> values) =>
        JsonSerializer.SerializeToElement(values.Select(static value => new Bytes(value).ToString()));

    public static JsonElement Json(long value) => JsonSerializer.SerializeToElement(value);

    public static JsonElement Json(bool value) => JsonSerializer.SerializeToElement(value);
}
