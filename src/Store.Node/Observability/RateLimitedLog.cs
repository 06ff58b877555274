namespace Gossipdb.Node.Observability;

/// <summary>
/// The log of what callers and other nodes can bring about as often as they like, so that they do not fill the disk. Each kind is told of
/// once in a while, with how often it happened meanwhile. Any thread.
/// </summary>
internal sealed class RateLimitedLog(ILogger logger, Func<long>? steadyMs = null)
{
    private const long WarningsEveryMs = 10_000;
    private const long FailuresEveryMs = 60_000;
    private const int MostKinds = 100;

    // Longer ones, and what breaks a line, are of no use in a log.
    private const int MaxLength = 500;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Kind> _kinds = [];

    private sealed class Kind
    {
        public long NextMs { get; set; }

        public long Untold { get; set; }
    }

    /// <summary>Somebody sent what makes no sense, say.</summary>
    /// <param name="kind">One of a few names known when the program was written.</param>
    /// <param name="what">What happened.</param>
    public void Warn(string kind, string what)
    {
        if (!MayTell(kind, WarningsEveryMs, out var untold)) return;
        what = what.ReplaceLineEndings(" ");
        if (what.Length > MaxLength) what = string.Concat(what.AsSpan(0, MaxLength), "…");
        if (untold == 0) logger.LogWarning("{Warning}", what);
        else logger.LogWarning("{Warning} (and {Count} more like it since the last such line)", what, untold);
    }

    /// <summary>
    /// A single call failed in a way nobody foresaw. Each place in the code is a kind of its own. Neither keys and values nor the message
    /// of the exception, which may hold some, are written.
    /// </summary>
    /// <param name="where">What part of the node it happened in.</param>
    /// <param name="what">What was asked for: its kind, nothing of its content.</param>
    /// <param name="unforeseen">What happened.</param>
    public void Failed(string where, string what, Exception unforeseen)
    {
        var stack = unforeseen.StackTrace ?? "";
        var end = stack.IndexOf('\n', StringComparison.Ordinal);
        if (!MayTell($"{unforeseen.GetType()} {(end < 0 ? stack : stack[..end])}", FailuresEveryMs, out var untold)) return;
        logger.LogError(
            "{Where}: {What} failed with {Exception}, which nobody foresaw; nothing was applied, and the node goes on. Please report this. "
            + "Failures here since last told: {Count}\n{Stack}",
            where, what, unforeseen.GetType().FullName, untold, stack);
    }

    private bool MayTell(string kind, long everyMs, out long untold)
    {
        lock (_gate)
        {
            var now = steadyMs?.Invoke() ?? Environment.TickCount64;
            if (!_kinds.TryGetValue(kind, out var known))
            {
                if (_kinds.Count == MostKinds) _kinds.Clear();
                _kinds.Add(kind, known = new Kind());
            }
            else if (now < known.NextMs)
            {
                known.Untold++;
                untold = 0;
                return false;
            }

            (untold, known.Untold, known.NextMs) = (known.Untold, 0, now + everyMs);
            return true;
        }
    }
}
