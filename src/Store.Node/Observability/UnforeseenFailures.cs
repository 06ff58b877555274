namespace Gossipdb.Node.Observability;

/// <summary>
/// The log of single calls that failed in a way nobody foresaw. A caller may repeat such a call as fast as it can, so each place in the
/// code is told of in full once a minute, with how often it
/// failed meanwhile. Neither keys and values nor the message of the exception, which may hold some, are written. From any thread.
/// </summary>
internal sealed class UnforeseenFailures(ILogger logger, Func<long>? steadyMs = null)
{
    private const long OnceInMs = 60_000;
    private const int MostPlaces = 100;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Place> _places = [];

    private sealed class Place
    {
        public long ToldAtMs { get; set; }

        public long Untold { get; set; }
    }

    /// <summary>Notes a failure.</summary>
    /// <param name="where">What part of the node it happened in.</param>
    /// <param name="what">What was asked for: its kind, nothing of its content.</param>
    /// <param name="unforeseen">What happened.</param>
    public void Note(string where, string what, Exception unforeseen)
    {
        var stack = unforeseen.StackTrace ?? "";
        var end = stack.IndexOf('\n', StringComparison.Ordinal);
        var place = $"{unforeseen.GetType()} {(end < 0 ? stack : stack[..end])}";
        long before;
        lock (_lock)
        {
            var now = steadyMs?.Invoke() ?? Environment.TickCount64;
            var isKnown = _places.TryGetValue(place, out var known);
            if (!isKnown)
            {
                if (_places.Count == MostPlaces) _places.Clear();
                _places.Add(place, known = new Place());
            }

            if (isKnown && now - known!.ToldAtMs < OnceInMs)
            {
                known.Untold++;
                return;
            }

            (before, known!.Untold, known.ToldAtMs) = (known.Untold, 0, now);
        }

        logger.LogError(
            "{Where}: {What} failed with {Exception}, which nobody foresaw; nothing was applied, and the node goes on. Please report this. Failures here since last told: {Count}\n{Stack}",
            where, what, unforeseen.GetType().FullName, before, stack);
    }
}
