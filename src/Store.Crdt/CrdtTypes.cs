using Gossipdb.Crdt.Counters;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Flags;
using Gossipdb.Crdt.Json;
using Gossipdb.Crdt.Maps;
using Gossipdb.Crdt.Registers;
using Gossipdb.Crdt.Sequences;
using Gossipdb.Crdt.Sets;
using Gossipdb.Crdt.Sketches;

namespace Gossipdb.Crdt;

/// <summary>The one place that lists the types.</summary>
internal static class CrdtTypes
{
    /// <summary>How deep states may nest. The encoding refuses more, so that hostile bytes cannot exhaust the stack.</summary>
    internal const int MaxDepth = 32;

    private delegate Crdt Decoder(ref ByteReader reader, bool isFragment, int depth);

    /// <summary>How to make a type's bottom and how to read its body.</summary>
    private sealed record Known(CrdtType Type, Func<Crdt> Bottom, Decoder Decode)
    {
        /// <summary>A shared bottom, to mutate or to join from, never to join into.</summary>
        public Crdt Empty { get; } = Bottom();
    }

    private static readonly Known?[] ByNumber = Table(
        new(CrdtType.Counter, static () => new PNCounter(CrdtType.Counter), static (ref reader, isFragment, _) =>
            PNCounter.DecodeBody(ref reader, isFragment, CrdtType.Counter)),
        new(CrdtType.Set, static () => new AddWinsSet(CrdtType.Set), static (ref reader, isFragment, _) =>
            AddWinsSet.DecodeBody(ref reader, isFragment, CrdtType.Set)),
        new(CrdtType.Register, static () => new Register(CrdtType.Register), static (ref reader, isFragment, _) =>
            Register.DecodeBody(ref reader, isFragment, CrdtType.Register)),
        new(CrdtType.MultiRegister, static () => new Register(CrdtType.MultiRegister), static (ref reader, isFragment, _) =>
            Register.DecodeBody(ref reader, isFragment, CrdtType.MultiRegister)),
        new(CrdtType.Flag, static () => new EnableWinsFlag(), static (ref reader, isFragment, _) =>
            EnableWinsFlag.DecodeBody(ref reader, isFragment)),
        new(CrdtType.Map, static () => new CrdtMap(), CrdtMap.DecodeBody),
        new(CrdtType.Sequence, static () => new Sequence(), static (ref reader, isFragment, _) =>
            Sequence.DecodeBody(ref reader, isFragment)),
        new(CrdtType.Text, static () => new Text(), static (ref reader, isFragment, _) => Text.DecodeBody(ref reader, isFragment)),
        new(CrdtType.GrowOnlyCounter, static () => new PNCounter(CrdtType.GrowOnlyCounter), static (ref reader, isFragment, _) =>
            PNCounter.DecodeBody(ref reader, isFragment, CrdtType.GrowOnlyCounter)),
        new(CrdtType.BoundedCounter, static () => new BoundedCounter(), static (ref reader, isFragment, _) =>
            BoundedCounter.DecodeBody(ref reader, isFragment)),
        new(CrdtType.MaxRegister, static () => new ExtremumRegister(CrdtType.MaxRegister), static (ref reader, isFragment, _) =>
            ExtremumRegister.DecodeBody(ref reader, isFragment, CrdtType.MaxRegister)),
        new(CrdtType.MinRegister, static () => new ExtremumRegister(CrdtType.MinRegister), static (ref reader, isFragment, _) =>
            ExtremumRegister.DecodeBody(ref reader, isFragment, CrdtType.MinRegister)),
        new(CrdtType.DisableWinsFlag, static () => new DisableWinsFlag(), static (ref reader, isFragment, _) =>
            DisableWinsFlag.DecodeBody(ref reader, isFragment)),
        new(CrdtType.GrowOnlySet, static () => new AddWinsSet(CrdtType.GrowOnlySet), static (ref reader, isFragment, _) =>
            AddWinsSet.DecodeBody(ref reader, isFragment, CrdtType.GrowOnlySet)),
        new(CrdtType.RemoveWinsSet, static () => new RemoveWinsSet(), static (ref reader, isFragment, _) =>
            RemoveWinsSet.DecodeBody(ref reader, isFragment)),
        new(CrdtType.SortedSet, static () => new SortedSet(), SortedSet.DecodeBody),
        new(CrdtType.Json, static () => new JsonDocument(), static (ref reader, isFragment, _) =>
            JsonDocument.DecodeBody(ref reader, isFragment)),
        new(CrdtType.HyperLogLog, static () => new HyperLogLog(), static (ref reader, isFragment, _) =>
            HyperLogLog.DecodeBody(ref reader, isFragment)),
        new(CrdtType.Expiry, static () => new Register(CrdtType.Expiry), static (ref reader, isFragment, _) =>
            Register.DecodeBody(ref reader, isFragment, CrdtType.Expiry)));

    private static readonly CrdtType[] Types = [.. from known in ByNumber where known is not null select known.Type];

    /// <summary>All types in order of number: the types a name may hold side by side.</summary>
    internal static ReadOnlySpan<CrdtType> All => Types;

    internal static Crdt Bottom(CrdtType type) => Find(type).Bottom();

    /// <summary>A shared bottom, to mutate or to join from, never to join into.</summary>
    internal static Crdt Empty(CrdtType type) => Find(type).Empty;

    internal static Crdt Decode(ref ByteReader reader, int depth, PNCounter? spare = null)
    {
        if (depth > MaxDepth) throw new CorruptDataException($"states are nested deeper than {MaxDepth}");
        var number = reader.ReadByte();
        var known = number < ByNumber.Length ? ByNumber[number] : null;
        if (known is null) throw new CorruptDataException($"unknown type {number}");
        var isFragment = reader.ReadBool();
        if (isFragment && spare is not null && spare.Type == known.Type)
            return PNCounter.DecodeBody(ref reader, isFragment, known.Type, spare);
        return known.Decode(ref reader, isFragment, depth);
    }

    private static Known Find(CrdtType type) =>
        ((int)type < ByNumber.Length ? ByNumber[(int)type] : null)
        ?? throw new ArgumentOutOfRangeException(nameof(type), type, "unknown type");

    private static Known?[] Table(params ReadOnlySpan<Known> types)
    {
        var table = new Known?[(int)types[^1].Type + 1];
        foreach (var known in types) table[(int)known.Type] = known;
        return table;
    }
}
