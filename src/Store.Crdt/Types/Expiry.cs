using System.Buffers.Binary;

namespace Gossipdb.Crdt;

/// <summary>
/// Until when a key lives, kept beside its objects as a register of type <see cref="CrdtType.Expiry"/>: a new expiry replaces those it has
/// observed, and of concurrent ones the longest life wins. Expiry only filters what readers see; no state changes because time passes
/// (clocks differ). Reaping an expired key is an ordinary deletion.
/// </summary>
public static class Expiry
{
    /// <summary>The expiry of a key that lives for ever: it wins over every other one.</summary>
    public const long Never = long.MaxValue;

    internal const int ValueBytes = 8;

    /// <summary>The operation that lets a key live until a time.</summary>
    /// <param name="unixMilliseconds">Unix milliseconds, or <see cref="Never"/>.</param>
    public static RegisterAssign At(long unixMilliseconds)
    {
        var value = new byte[ValueBytes];
        BinaryPrimitives.WriteInt64BigEndian(value, unixMilliseconds);
        return new RegisterAssign(CrdtType.Expiry, new Bytes(value));
    }

    /// <summary>The longest life among the surviving assignments, in Unix milliseconds; <see cref="Never"/> where there is none.</summary>
    public static long Of(Register expiry)
    {
        if (expiry.Siblings.IsEmpty) return Never;
        var longest = long.MinValue;
        foreach (var sibling in expiry.Siblings) longest = Math.Max(longest, BinaryPrimitives.ReadInt64BigEndian(sibling.Value.Span));
        return longest;
    }
}
