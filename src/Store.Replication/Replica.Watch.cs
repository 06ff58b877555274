using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Recovery;
using Gossipdb.Replication.Watch;

namespace Gossipdb.Replication;

// Watches: who follows the changes of keys. See Watchers.
public sealed partial class Replica
{
    private const long TokensEveryMs = 1_000;
    private readonly Watchers _watchers;
    private readonly List<Watcher> _watchersToBegin = [];
    private long _nextTokensMs;

    /// <summary>How many watch.</summary>
    public int Watching => _watchers.Count + _watchersToBegin.Count;

    /// <summary>Begins a watch, at once or when this replica covers what the watcher comes with. Take what there is to tell with <see cref="TryTake"/> until there is no more, and whenever the watcher is woken.</summary>
    public void Watch(Watcher watcher, long nowMs)
    {
        Advance(ref nowMs);
        _watchersToBegin.Add(watcher);
        if (!Covers(watcher.From)) _repair.TellAll(_effects);
        BeginWatches(nowMs);
    }

    /// <summary>Ends a watch.</summary>
    public void Unwatch(Watcher watcher)
    {
        if (!_watchers.Remove(watcher)) _watchersToBegin.Remove(watcher);
    }

    /// <summary>Takes at most so many changed keys for a watcher, with what they hold now.</summary>
    /// <returns>False where there is nothing to tell: the watcher is woken when there is.</returns>
    public bool TryTake(Watcher watcher, int most, long nowMs, WatchedChanges into)
    {
        Advance(ref nowMs);

        // What only seems to have expired may turn out to live, and nobody would tell the watcher again.
        return _watchers.TryTake(watcher, most, _clock.PassedMs, into);
    }

    /// <summary>Ends all watches: they can go on at another replica.</summary>
    public void EndWatches(string reason)
    {
        _watchers.End(Outcome.NotServing, reason);
        foreach (var watcher in _watchersToBegin) watcher.End(Outcome.NotServing, reason);
        _watchersToBegin.Clear();
    }

    private void BeginWatches(long nowMs)
    {
        for (var i = _watchersToBegin.Count - 1; i >= 0; i--)
        {
            var watcher = _watchersToBegin[i];
            var isLost = LostDotsOf(watcher.From) is not null;
            if (ServingState == ServingState.Serving && (isLost || Covers(watcher.From)))
            {
                _watchersToBegin.RemoveAt(i);

                // Nobody has taken anything yet: the first change, or what there is, is told at once.
                watcher.IsIdle = true;
                _watchers.Add(watcher, isLost);
            }
            else if (watcher.DeadlineMs <= nowMs)
            {
                _watchersToBegin.RemoveAt(i);
                if (ServingState == ServingState.Serving) watcher.End(Outcome.SessionUnavailable, $"this replica does not cover the token {watcher.From} in time");
                else watcher.End(Outcome.NotServing, NotServingBecause ?? "it was still catching up when the time was over");
            }
        }
    }

    private void TickWatches(long nowMs)
    {
        if (Watching == 0) return;
        if (ServingState is ServingState.NeedsImage or ServingState.WithoutSlot)
        {
            EndWatches(NotServingBecause!);
            return;
        }

        BeginWatches(nowMs);
        if (nowMs < _nextTokensMs) return;
        _nextTokensMs = nowMs + TokensEveryMs;
        _watchers.TellTokens();
    }
}
