using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Maps;

/// <summary>
/// What names a state inside a map: the field and the type. So one name used for two types on two sides of a cut keeps both.
/// </summary>
public readonly record struct MapField(Bytes Name, CrdtType Type) : IComparable<MapField>
{
    /// <inheritdoc/>
    public int CompareTo(MapField other)
    {
        var byName = Name.CompareTo(other.Name);
        return byName != 0 ? byName : Type.CompareTo(other.Type);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name.ToDisplayString()} ({Type})";
}
