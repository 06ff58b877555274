namespace Gossipdb.LocalCluster;

/// <summary>
/// Whether nodes that start get on. A busy machine or a slow disk may take minutes, so no fixed time decides: whoever waits gives up when
/// nothing has moved at any node for a while. A move is whatever
/// changes of a node: its process, what it says of itself, its log, and, until it first answers, the processor time it has used.
/// </summary>
internal sealed class StartProgress
{
    /// <summary>What can be seen of a node.</summary>
    /// <param name="ProcessId">Its process.</param>
    /// <param name="Answer">What its health check says; null while it does not answer.</param>
    /// <param name="LogBytes">The length of its log.</param>
    /// <param name="Processor">The processor time it has used, in steps that an idle process does not make.</param>
    public readonly record struct Sight(int ProcessId, string? Answer, long LogBytes, long Processor);

    private readonly Lock _gate = new();
    private readonly Dictionary<int, Sight> _seen = [];
    private readonly Dictionary<int, string> _told = [];
    private readonly Func<long> _nowMs;
    private readonly TimeSpan _patience;
    private readonly TimeSpan _tellEvery;
    private readonly Action<string> _tell;
    private long _movedAtMs;
    private long _toldAtMs;

    /// <param name="patience">How long nothing may move.</param>
    /// <param name="tellEvery">How often somebody who waits is told at most, and not before.</param>
    /// <param name="tell">Told what is waited for.</param>
    /// <param name="nowMs">Steady milliseconds.</param>
    public StartProgress(TimeSpan patience, TimeSpan tellEvery, Action<string> tell, Func<long> nowMs)
    {
        (_patience, _tellEvery, _tell, _nowMs) = (patience, tellEvery, tell, nowMs);
        _movedAtMs = _toldAtMs = nowMs();
    }

    /// <summary>Takes what is seen of a node that does not serve yet.</summary>
    /// <returns>False where nothing has moved for too long, at this node or any other.</returns>
    public bool Note(int node, Sight sight)
    {
        lock (_gate)
        {
            var now = _nowMs();
            if (!_seen.TryGetValue(node, out var before) || before != sight) _movedAtMs = now;
            _seen[node] = sight;
            _told[node] = sight.Answer ?? "it does not answer yet";
            if (now - _toldAtMs >= _tellEvery.TotalMilliseconds)
            {
                _toldAtMs = now;
                var waiting = _told.OrderBy(static each => each.Key).Select(static each => $"node {each.Key}: {each.Value}");
                _tell($"still waiting for {string.Join("; ", waiting)}");
            }

            return now - _movedAtMs < _patience.TotalMilliseconds;
        }
    }

    /// <summary>A node serves: that is a move, and nobody waits for it any more.</summary>
    public void Ready(int node)
    {
        lock (_gate)
        {
            _movedAtMs = _nowMs();
            _told.Remove(node);
        }
    }
}
