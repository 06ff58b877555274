using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Tests.Harness;

/// <summary>States as readers, bytes and copies.</summary>
internal static class Reading
{
    /// <summary>What a reader gets, in the form of <see cref="TypeSpec.Value"/>.</summary>
    public static string? Read(this Crdt state) => state.IsVisible ? TypeSpecs.Of(state.Type).Read(state) : null;

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

    /// <summary>The higher of two stable cuts of one partition: they follow one another.</summary>
    public static StableCut Or(this StableCut left, StableCut right) => right.IsAbove(left) ? right : left;

    public static bool IsAbove(this StableCut cut, StableCut other) =>
        cut != other
        && cut.Clock.Covers(other.Clock)
        && cut.DeadlinesPassedUnixMs >= other.DeadlinesPassedUnixMs
        && cut.Retired.Count >= other.Retired.Count;
}
