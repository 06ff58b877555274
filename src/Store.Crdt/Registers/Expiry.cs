using System.Buffers.Binary;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Registers;

/// <summary>
/// Until when a key lives, kept beside its objects as a register of type <see cref="CrdtType.Expiry"/>.
/// A new expiry replaces those it has observed. Of concurrent ones the longest life wins.
/// Expiry only filters what readers see. No state changes because time passes, for clocks differ.
/// Deleting an expired key is an ordinary deletion.
/// </summary>
public static class Expiry
{
    /// <summary>The expiry of a key that lives for ever: it wins over every other one.</summary>
    public const long Never = long.MaxValue;

    /// <summary>
    /// The last moment that a life may end at, in Unix milliseconds: the end of the year 9999. Clients' dates go no further.
    /// </summary>
    public const long Latest = 253_402_300_799_999;

    /// <summary>The longest life that may be given, in milliseconds: a thousand years of 365.25 days.</summary>
    public const long LongestLifetimeMs = 365_250L * 86_400_000;

    internal const int ValueBytes = 8;

    /// <summary>Why a life of so many milliseconds cannot be given; null where it can.</summary>
    public static string? ProblemOf(long lifetimeMs) => lifetimeMs is >= 1 and <= LongestLifetimeMs
        ? null
        : $"a lifetime of {lifetimeMs} ms is not from 1 ms to {LongestLifetimeMs} ms, a thousand years; a key can live for ever, too";

    /// <summary>The operation that lets a key live so long from now on, or for ever.</summary>
    /// <param name="nowMs">Now, in Unix milliseconds.</param>
    /// <param name="lifetimeMs">Milliseconds, or <see cref="Never"/>.</param>
    /// <exception cref="ArgumentException">The life is out of range, or ends after <see cref="Latest"/>: the clock is off then.</exception>
    public static RegisterAssign After(long nowMs, long lifetimeMs)
    {
        if (lifetimeMs == Never) return At(Never);
        if (ProblemOf(lifetimeMs) is { } problem) throw new ArgumentException(problem);
        return lifetimeMs <= Latest - nowMs
            ? At(nowMs + lifetimeMs)
            : throw new ArgumentException(
                $"a lifetime of {lifetimeMs} ms from now on ends after the year 9999: the node's clock says {nowMs} ms since 1970");
    }

    /// <summary>The operation that lets a key live until a time.</summary>
    /// <param name="unixMilliseconds">Unix milliseconds, or <see cref="Never"/>.</param>
    public static RegisterAssign At(long unixMilliseconds)
    {
        var value = new byte[ValueBytes];
        BinaryPrimitives.WriteInt64BigEndian(value, unixMilliseconds);
        return new RegisterAssign(CrdtType.Expiry, new Bytes(value));
    }

    /// <summary>
    /// The longest life among the surviving assignments, in Unix milliseconds.
    /// <see cref="Never"/> where there is none, and where it ends after <see cref="Latest"/>: states of earlier versions hold such
    /// lives.
    /// </summary>
    public static long Of(Register expiry)
    {
        if (expiry.Siblings.IsEmpty) return Never;
        var longest = long.MinValue;
        foreach (var sibling in expiry.Siblings) longest = Math.Max(longest, BinaryPrimitives.ReadInt64BigEndian(sibling.Value.Span));
        return longest <= Latest ? longest : Never;
    }
}
