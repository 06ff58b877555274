using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Replication.Time;

/// <summary>
/// What two nodes tell each other of their clocks, every so often, as in NTP (RFC 5905, section 8). The answer to the last stamp that
/// arrived goes along with the next one that leaves.
/// </summary>
/// <param name="SentMs">
/// The sender's steady time as the stamp leaves. It comes back as <paramref name="EchoMs"/>, and means nothing to anybody else.
/// </param>
/// <param name="UnixMs">The sender's wall clock as the stamp leaves.</param>
/// <param name="EchoMs">The <paramref name="SentMs"/> of the last stamp that the sender had of the receiver; -1 where it had none.</param>
/// <param name="HeldMs">How long the sender had kept that stamp, by its steady clock.</param>
public readonly record struct ClockStamp(long SentMs, long UnixMs, long EchoMs, long HeldMs)
{
    /// <summary>Writes all four.</summary>
    public void Encode(ByteWriter writer)
    {
        writer.WriteSigned(SentMs);
        writer.WriteSigned(UnixMs);
        writer.WriteSigned(EchoMs);
        writer.WriteSigned(HeldMs);
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="CorruptDataException">The bytes are not a stamp.</exception>
    public static ClockStamp Decode(ref ByteReader reader) =>
        new(reader.ReadSigned(), reader.ReadSigned(), reader.ReadSigned(), reader.ReadSigned());
}

/// <summary>
/// Another node's wall clock, measured against this node's steady clock. So a step of this node's own wall clock changes nothing here.
/// <para>An exchange whose way there and back took d bounds the other clock to d/2 either way. Of the last few exchanges the closest one
/// counts (NTP's clock filter). If an exchange contradicts those before it, the other clock was set, and those are forgotten.</para>
/// </summary>
public sealed class PeerClock
{
    // An exchange that took longer says nothing.
    private const long LongestMs = 10_000;

    // Nothing is known of a node that was not heard for so long.
    private const long FreshMs = 10_000;
    private const int Kept = 16;

    // So many exchanges say how a link is now.
    private const int Recent = 4;
    private readonly (long OffsetMs, long DelayMs, long AtMs)[] _samples = new (long, long, long)[Kept];
    private int _count;
    private int _next;
    private long _heardMs = -1;
    private long _heardAtMs;

    /// <summary>
    /// How far two good clocks may drift apart in so many milliseconds: five hundred millionths. NTP lets a clock be slewed by no more than
    /// that.
    /// </summary>
    internal static long Drift(long ms) => Math.Max(0, ms) / 2_000;

    /// <summary>The stamp to send now.</summary>
    public ClockStamp Stamp(long steadyMs, long wallMs) =>
        _heardMs < 0 ? new ClockStamp(steadyMs, wallMs, -1, 0) : new ClockStamp(steadyMs, wallMs, _heardMs, steadyMs - _heardAtMs);

    /// <summary>Takes a stamp that has arrived.</summary>
    public void Take(ClockStamp heard, long steadyMs)
    {
        if (heard.SentMs >= 0) (_heardMs, _heardAtMs) = (heard.SentMs, steadyMs);

        // Times until the year 9999 are taken, as with keys' lives.
        if (heard.EchoMs < 0
            || heard.EchoMs > steadyMs
            || heard.HeldMs < 0
            || heard.HeldMs > steadyMs - heard.EchoMs
            || heard.UnixMs is < 0 or > 253_402_300_799_999)
        {
            return;
        }
        var delay = steadyMs - heard.EchoMs - heard.HeldMs;
        if (delay > LongestMs) return;
        var sample = (OffsetMs: heard.UnixMs + (delay / 2) - steadyMs, DelayMs: delay, AtMs: steadyMs);
        if (Best(steadyMs) is { } best && Math.Abs(best.OffsetMs - sample.OffsetMs) > best.UncertaintyMs + Uncertainty(sample, steadyMs))
            _count = _next = 0;
        _samples[_next] = sample;
        _next = (_next + 1) % Kept;
        _count = Math.Min(_count + 1, Kept);
    }

    /// <summary>The other wall clock less this node's steady time, and how far that may be off. Null where too little is known.</summary>
    public (long OffsetMs, long UncertaintyMs)? Best(long steadyMs)
    {
        if (_count == 0 || steadyMs - _samples[(_next + Kept - 1) % Kept].AtMs > FreshMs) return null;
        var best = _samples[0];
        for (var i = 1; i < _count; i++)
            if (Uncertainty(_samples[i], steadyMs) < Uncertainty(best, steadyMs)) best = _samples[i];
        return (best.OffsetMs, Uncertainty(best, steadyMs));
    }

    /// <summary>
    /// How long the way there and back takes, in milliseconds: the least of the last few exchanges, which had to wait for nothing else.
    /// Null where too little is known.
    /// </summary>
    public long? RoundTripMs(long steadyMs)
    {
        if (_count == 0 || steadyMs - _samples[(_next + Kept - 1) % Kept].AtMs > FreshMs) return null;
        var least = long.MaxValue;
        for (var i = 1; i <= Math.Min(_count, Recent); i++) least = Math.Min(least, _samples[(_next + Kept - i) % Kept].DelayMs);
        return least;
    }

    // The millisecond is what clocks that tick in milliseconds leave out.
    private static long Uncertainty((long OffsetMs, long DelayMs, long AtMs) sample, long steadyMs) =>
        ((sample.DelayMs + 1) / 2) + 1 + Drift(steadyMs - sample.AtMs);
}
