using Case = Gossipdb.Protocol.Value.ValueOneofCase;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>A field of a map.</summary>
/// <param name="Name">The field's name.</param>
/// <param name="Value">What it holds.</param>
public sealed record MapField(Bytes Name, StoredValue Value)
{
    /// <summary>The type of the field.</summary>
    public StoredType Type => Value.Type;
}

/// <summary>
/// The fields of a map, as one read saw them. A field that is absent reads as the type's empty value. One name can carry
/// fields of several types, where they were created so on two sides of a cut.
/// </summary>
public sealed class MapValue
{
    private readonly MapField[] _fields;

    internal MapValue(Wire.MapValue map)
        : this(FieldsOf(map.Fields))
    {
    }

    /// <summary>A map of these fields.</summary>
    public MapValue(IEnumerable<MapField> fields)
    {
        _fields = [.. fields];
        Array.Sort(_fields, static (a, b) =>
            a.Name.CompareTo(b.Name) is var byName && byName != 0 ? byName : a.Type.CompareTo(b.Type));
    }

    /// <summary>A map without fields.</summary>
    public static MapValue Empty { get; } = new(new Wire.MapValue());

    /// <summary>The fields, by name in the order of its bytes, then by type.</summary>
    public IReadOnlyList<MapField> Fields => _fields;

    /// <summary>How many fields there are.</summary>
    public int Count => _fields.Length;

    /// <summary>The first field of that name, or null.</summary>
    public StoredValue? this[Bytes field] => Find(field, null);

    /// <summary>The total of a counter of any kind, 0 where there is none.</summary>
    public long Counter(Bytes field) => Find(field, Case.Counter)?.Counter ?? 0;

    /// <summary>The elements of a set of any kind in ordinal order, none where there is no such set.</summary>
    public IReadOnlyCollection<string> Set(Bytes field) => Find(field, Case.Set)?.Set ?? [];

    /// <summary>The elements of a set of any kind as bytes in the order of those, none where there is no such set.</summary>
    public IReadOnlyCollection<Bytes> SetBytes(Bytes field) => Find(field, Case.Set)?.SetBytes ?? [];

    /// <summary>The value of a register as text, null where there is none.</summary>
    public string? Register(Bytes field) => Find(field, Case.Register)?.Register;

    /// <summary>The value of a register as bytes, null where there is none.</summary>
    public byte[]? RegisterBytes(Bytes field) => Find(field, Case.Register)?.RegisterBytes;

    /// <summary>The values of a multi-value register as text, none where there is no such register.</summary>
    public IReadOnlyList<string> Siblings(Bytes field) => Find(field, Case.MultiRegister)?.Siblings ?? [];

    /// <summary>The values of a multi-value register as bytes, none where there is no such register.</summary>
    public IReadOnlyList<byte[]> SiblingBytes(Bytes field) => Find(field, Case.MultiRegister)?.SiblingBytes ?? [];

    /// <summary>Whether a flag of any kind is enabled; false where there is none.</summary>
    public bool Flag(Bytes field) => Find(field, Case.Flag)?.Flag ?? false;

    /// <summary>A nested map, empty where there is none.</summary>
    public MapValue Map(Bytes field) => Find(field, Case.Map)?.Map ?? Empty;

    /// <summary>The number of a max or min register, null where there is none.</summary>
    public long? Number(Bytes field) => Find(field, Case.Number)?.Number;

    /// <summary>The members of a sorted set from the highest score down, none where there is no such set.</summary>
    public IReadOnlyList<ScoredMember> SortedSet(Bytes field) => Find(field, Case.SortedSet)?.SortedSet ?? [];

    /// <summary>The values of a sequence, none where there is no such sequence.</summary>
    public IReadOnlyList<string> Sequence(Bytes field) => Find(field, Case.Sequence)?.Sequence ?? [];

    /// <summary>The values of a sequence as bytes, none where there is no such sequence.</summary>
    public IReadOnlyList<Bytes> SequenceBytes(Bytes field) => Find(field, Case.Sequence)?.SequenceBytes ?? [];

    /// <summary>A text, empty where there is none.</summary>
    public string Text(Bytes field) => Find(field, Case.Text)?.Text ?? "";

    /// <summary>A document as JSON text, null where there is none.</summary>
    public string? Json(Bytes field) => Find(field, Case.Json)?.Json;

    /// <summary>About how many distinct elements a HyperLogLog was given, 0 where there is none.</summary>
    public long Distinct(Bytes field) => Find(field, Case.Distinct)?.Distinct ?? 0;

    /// <summary>The map in words, on one line.</summary>
    public override string ToString() => $"{{{string.Join(", ", _fields.Select(static field => $"{field.Name}: {field.Value}"))}}}";

    internal static MapField[] FieldsOf(IEnumerable<Wire.FieldValue> fields) =>
        [.. fields.Select(static field => new MapField(new Bytes(field.Field), new StoredValue(field.Value ?? new())))];

    private StoredValue? Find(Bytes name, Case? what)
    {
        foreach (var field in _fields)
        {
            if (field.Name == name && (what is null || field.Value.Case == what))
                return field.Value;
        }

        return null;
    }
}
