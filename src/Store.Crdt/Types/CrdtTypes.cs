namespace Gossipdb.Crdt;

/// <summary>The one place that lists the types.</summary>
internal static class CrdtTypes
{
    /// <summary>How deep maps may nest. The encoding refuses more, so that hostile bytes cannot exhaust the stack.</summary>
    internal const int MaxDepth = 32;

    /// <summary>All types in order of number: the types a name may hold side by side.</summary>
    internal static ReadOnlySpan<CrdtType> All =>
        [CrdtType.Counter, CrdtType.Set, CrdtType.Register, CrdtType.MultiRegister, CrdtType.Flag, CrdtType.Map];

    private static readonly Crdt[] Empties = [.. Array.ConvertAll(All.ToArray(), Bottom)];

    internal static Crdt Bottom(CrdtType type) => type switch
    {
        CrdtType.Counter => new PNCounter(),
        CrdtType.Set => new AddWinsSet(),
        CrdtType.Register or CrdtType.MultiRegister => new Register(type),
        CrdtType.Flag => new EnableWinsFlag(),
        CrdtType.Map => new CrdtMap(),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "unknown type"),
    };

    /// <summary>A shared bottom, to mutate or to join from, never to join into.</summary>
    internal static Crdt Empty(CrdtType type) =>
        (uint)(type - 1) < (uint)Empties.Length ? Empties[(int)type - 1] : throw new ArgumentOutOfRangeException(nameof(type), type, "unknown type");

    internal static Crdt Decode(ref ByteReader reader, int depth)
    {
        if (depth > MaxDepth) throw new CorruptDataException($"maps are nested deeper than {MaxDepth}");
        var type = (CrdtType)reader.ReadByte();
        var isFragment = reader.ReadBool();
        return type switch
        {
            CrdtType.Counter => PNCounter.DecodeBody(ref reader, isFragment),
            CrdtType.Set => AddWinsSet.DecodeBody(ref reader, isFragment),
            CrdtType.Register or CrdtType.MultiRegister => Register.DecodeBody(ref reader, isFragment, type),
            CrdtType.Flag => EnableWinsFlag.DecodeBody(ref reader, isFragment),
            CrdtType.Map => CrdtMap.DecodeBody(ref reader, isFragment, depth),
            _ => throw new CorruptDataException($"unknown type {(byte)type}"),
        };
    }
}
