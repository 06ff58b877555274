using System.Collections.Concurrent;

namespace Gossipdb.Node.Observability;

/// <summary>
/// Writes one line of a kind every ten seconds at most, with how many like it there were since: whoever sends us nonsense does not fill
/// the disk. Any thread.
/// </summary>
internal sealed class RateLimitedLog(ILogger logger)
{
    private const long EveryMs = 10_000;

    // Longer ones, and what breaks a line, are of no use in a log.
    private const int MaxLength = 500;
    private readonly ConcurrentDictionary<string, Kind> _kinds = new();

    private sealed class Kind
    {
        public long NextMs;
        public int Left;
    }

    /// <summary>Writes the line, or counts it.</summary>
    /// <param name="kind">One of a few names known when the program was written.</param>
    /// <param name="what">What happened.</param>
    public void Warn(string kind, string what)
    {
        var known = _kinds.GetOrAdd(kind, static _ => new Kind());
        var now = Environment.TickCount64;
        int left;
        lock (known)
        {
            if (now < known.NextMs)
            {
                known.Left++;
                return;
            }

            known.NextMs = now + EveryMs;
            (left, known.Left) = (known.Left, 0);
        }

        what = what.ReplaceLineEndings(" ");
        if (what.Length > MaxLength) what = string.Concat(what.AsSpan(0, MaxLength), "…");
        if (left == 0) logger.LogWarning("{Warning}", what);
        else logger.LogWarning("{Warning} (and {Count} more like it since the last such line)", what, left);
    }
}
