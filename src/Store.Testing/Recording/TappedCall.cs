using System.Diagnostics;
using Gossipdb.Client;
using Google.Protobuf;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Testing.Recording;

/// <summary>A call as it passed by: what was asked, when, and what came of it once it has ended.</summary>
internal sealed class TappedCall
{
    private volatile CallEnd? _end;

    public required string Caller { get; init; }

    /// <summary>The session whose guarantees it asked for; null of a call without.</summary>
    public string? Session { get; init; }

    /// <summary>The key; of several keys the first.</summary>
    public required ByteString Key { get; init; }

    public required Wire.Request Request { get; init; }

    /// <summary>The level that was asked for: "quorum", "default".</summary>
    public required string Level { get; init; }

    /// <summary>Of changes.</summary>
    public Durability? Durability { get; init; }

    /// <summary>Whether it is no read.</summary>
    public bool IsChange => Durability is not null;

    /// <summary>Whether the keys it changes end with time.</summary>
    public bool GivesLife { get; init; }

    /// <summary>When it was invoked, in ticks of <see cref="Stopwatch"/>.</summary>
    public long Start { get; } = Stopwatch.GetTimestamp();

    /// <summary>What came of it; null while it is under way.</summary>
    public CallEnd? Ended => _end;

    public void End(Wire.Reply? reply, Exception? problem) => _end = new CallEnd(Stopwatch.GetTimestamp(), reply, problem);
}

/// <summary>What came of a call.</summary>
/// <param name="At">When, in ticks of <see cref="Stopwatch"/>.</param>
/// <param name="Reply">The answer, where there was one.</param>
/// <param name="Problem">Else what was in the way.</param>
internal sealed record CallEnd(long At, Wire.Reply? Reply, Exception? Problem);
