using System.Globalization;
using Gossipdb.Client.Admin;

namespace Gossipdb.LocalCluster;

/// <summary>
/// Whether nodes that start make progress. A busy machine or a slow disk may take minutes, so no short time decides. Progress is whatever
/// changes of a node: its process, what it says of itself, its log, and, until it first answers, the processor time it has used.
/// A node that answers may be waiting for another one, so it is given up only where no node makes progress. A node that does not answer
/// yet waits for nobody: it is judged by its own progress.
/// </summary>
internal sealed class StartProgress
{
    /// <summary>What can be seen of a node.</summary>
    /// <param name="ProcessId">Its process.</param>
    /// <param name="Answer">What its health check says; null while it does not answer.</param>
    /// <param name="LogBytes">The length of its log.</param>
    /// <param name="Processor">The processor time it has used, in steps that an idle process does not make.</param>
    public readonly record struct Sight(int ProcessId, string? Answer, long LogBytes, long Processor);

    /// <summary>What to do about a node that does not serve yet.</summary>
    public enum Verdict
    {
        /// <summary>Wait on.</summary>
        Waiting,

        /// <summary>Give it up: there has been no progress for too long.</summary>
        Stuck,

        /// <summary>Give it up: however much progress there is, the start as a whole takes too long.</summary>
        OutOfTime,
    }

    private readonly Lock _gate = new();
    private readonly Dictionary<int, (Sight Sight, long SinceMs)> _seen = [];
    private readonly Dictionary<int, string> _told = [];
    private readonly Func<long> _nowMs;
    private readonly TimeSpan _patience;
    private readonly TimeSpan _limit;
    private readonly TimeSpan _tellEvery;
    private readonly Action<string> _tell;
    private readonly long _startedAtMs;
    private long _movedAtMs;
    private long _toldAtMs;

    /// <param name="patience">How long there may be no progress.</param>
    /// <param name="limit">How long the start may take as a whole.</param>
    /// <param name="tellEvery">How often somebody who waits is told at most, and not before.</param>
    /// <param name="tell">Told what is waited for.</param>
    /// <param name="nowMs">Steady milliseconds.</param>
    public StartProgress(TimeSpan patience, TimeSpan limit, TimeSpan tellEvery, Action<string> tell, Func<long> nowMs)
    {
        (_patience, _limit, _tellEvery, _tell, _nowMs) = (patience, limit, tellEvery, tell, nowMs);
        _startedAtMs = _movedAtMs = _toldAtMs = nowMs();
    }

    /// <summary>Takes what is seen of a node that does not serve yet.</summary>
    public Verdict Note(int node, Sight sight)
    {
        lock (_gate)
        {
            var now = _nowMs();
            if (!_seen.TryGetValue(node, out var before) || before.Sight != sight)
            {
                _movedAtMs = now;
                _seen[node] = before = (sight, now);
            }

            _told[node] = sight.Answer ?? "it does not answer yet";
            TellNowAndThen(now);
            if (now - _startedAtMs >= _limit.TotalMilliseconds) return Verdict.OutOfTime;
            var since = sight.Answer is null ? before.SinceMs : _movedAtMs;
            return now - since < _patience.TotalMilliseconds ? Verdict.Waiting : Verdict.Stuck;
        }
    }

    /// <summary>A node serves: that is progress, and nobody waits for it any more.</summary>
    public void Ready(int node)
    {
        lock (_gate)
        {
            _movedAtMs = _nowMs();
            _told.Remove(node);
        }
    }

    private void TellNowAndThen(long now)
    {
        if (now - _toldAtMs < _tellEvery.TotalMilliseconds) return;
        _toldAtMs = now;
        var waiting =
            from each in _told
            orderby each.Key
            group each.Key by each.Value into alike
            select $"{NodeNumbers.Named([.. alike])}: {alike.Key}";
        var seconds = ((now - _startedAtMs) / 1_000).ToString(CultureInfo.InvariantCulture);
        _tell($"still waiting after {seconds} s for {string.Join("; ", waiting)}");
    }
}
