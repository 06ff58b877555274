namespace Gossipdb.Crdt.Tests;

/// <summary>What a reader gets of a state, in the form of <see cref="Spec"/>.</summary>
internal static class Reading
{
    public static string? Read(this Crdt state) => !state.IsVisible ? null : state switch
    {
        PNCounter counter => counter.Value.ToString(),
        AddWinsSet set => string.Join(",", set.Elements()),
        Register { Type: CrdtType.Register } register => register.TryGetLatest(out var latest) ? latest.Value.ToString() : null,
        Register register => string.Join(",", register.Siblings.ToArray().Select(s => s.Value)),
        EnableWinsFlag => "on",
        CrdtMap map => "{" + string.Join("; ", map.Fields().Select(f => $"{f.Key}={f.Value.Read()}")) + "}",
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };

    public static byte[] ToBytes(this Crdt state)
    {
        var writer = new ByteWriter();
        state.Encode(writer);
        return writer.ToArray();
    }

    public static string ToHex(this Crdt state) => Convert.ToHexStringLower(state.ToBytes());

    public static Crdt Decode(byte[] bytes)
    {
        var reader = new ByteReader(bytes);
        var state = Crdt.Decode(ref reader);
        reader.ExpectEnd();
        return state;
    }

    /// <summary>A copy: a state joined into one that has seen nothing.</summary>
    public static Crdt Copy(this Crdt state)
    {
        var copy = Crdt.Bottom(state.Type);
        copy.Join(new VersionVector(), state, new VersionVector());
        return copy;
    }

    public static VersionVector Union(this VersionVector left, VersionVector right)
    {
        var union = left.Copy();
        union.Merge(right);
        return union;
    }
}
