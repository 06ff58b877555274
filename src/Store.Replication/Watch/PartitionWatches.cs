using Gossipdb.Replication.AntiEntropy;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.State;

namespace Gossipdb.Replication.Watch;

/// <summary>
/// Begins and ends watches of a partition. A watch begins at once, or when this replica covers the watcher's token. See
/// <see cref="Watchers"/> for what is told.
/// </summary>
internal sealed class PartitionWatches
{
    private const long TokensEveryMs = 1_000;

    // How long watchers wait for a state that is taken anew, before they had better go elsewhere.
    private const long AwaitStateMs = 2_000;
    private readonly PartitionState _state;
    private readonly RejoinGate _gate;
    private readonly ClockExchange _exchange;
    private readonly Watchers _watchers;
    private readonly List<Watcher> _toBegin = [];
    private long _nextTokensMs;

    // When the watchers were told that the state is discarded; null where it is not.
    private long? _discardedMs;

    /// <summary>Begins without watches.</summary>
    public PartitionWatches(PartitionState state, RejoinGate gate, ClockExchange exchange)
    {
        (_state, _gate, _exchange) = (state, gate, exchange);
        _watchers = new Watchers(state.Keys, state.Applied);
        state.Keys.OnDropped = _watchers.NoteDropped;
    }

    /// <summary>How many watches there are.</summary>
    public int Count => _watchers.Count + _toBegin.Count;

    /// <summary>Begins a watch, at once or when this replica covers the watcher's token.</summary>
    public void Begin(Watcher watcher, long nowMs)
    {
        _toBegin.Add(watcher);
        if (!_state.Covers(watcher.From)) _exchange.TellAll();
        BeginReady(nowMs);
    }

    /// <summary>Ends a watch.</summary>
    public void End(Watcher watcher)
    {
        if (!_watchers.Remove(watcher)) _toBegin.Remove(watcher);
    }

    /// <summary>Ends all watches. They can go on at another replica.</summary>
    public void EndAll(string reason)
    {
        _watchers.End(Outcome.NotServing, reason);
        foreach (var watcher in _toBegin) watcher.End(Outcome.NotServing, reason);
        _toBegin.Clear();
    }

    /// <summary>Takes at most <paramref name="most"/> changed keys for a watcher, with what they hold now.</summary>
    /// <returns>False where there is nothing to tell. The watcher is woken when there is.</returns>
    public bool TryTake(Watcher watcher, int most, WatchedChanges into) =>

        // A key that only seems to have expired may turn out to live. Nobody would tell the watcher again.
        _watchers.TryTake(watcher, most, _state.Clock.PassedMs, _gate.HasState, into);

    /// <summary>Notes the keys that an event has changed.</summary>
    public void Note(ReplicaEvent applied)
    {
        if (_watchers.Count == 0) return;
        foreach (var change in applied.Changes) _watchers.Note(change.Key);
    }

    /// <summary>The state was joined with an image, or replaced by a whole one. Any key may have changed.</summary>
    public void NoteImage(bool isWhole)
    {
        // It may have been discarded only just now.
        if (isWhole && _discardedMs is null) _watchers.Discard();
        else _watchers.NoteAll();
        _discardedMs = null;
    }

    /// <summary>Ends a batch of inputs: begins the watches whose tokens are covered by now.</summary>
    public void Flush(long nowMs)
    {
        if (_toBegin.Count > 0) BeginReady(nowMs);
    }

    /// <summary>Lets time pass: renews tokens that grow old, and ends watches that could not begin in time.</summary>
    public void Tick(long nowMs)
    {
        if (Count == 0)
        {
            _discardedMs = null;
            return;
        }

        BeginReady(nowMs);
        if (!_gate.HasState)
        {
            AwaitState(nowMs);
            return;
        }

        if (_discardedMs is not null) NoteImage(isWhole: false); // It is kept after all.
        if (nowMs < _nextTokensMs) return;
        _nextTokensMs = nowMs + TokensEveryMs;
        _watchers.TellTokens();
    }

    private void AwaitState(long nowMs)
    {
        if (_gate.State == ServingState.NeedsImage && _discardedMs is null)
        {
            _discardedMs = nowMs;
            _watchers.Discard();
        }
        else if (_gate.State != ServingState.NeedsImage || nowMs - _discardedMs >= AwaitStateMs)
        {
            EndAll(_gate.Reason!);
            _discardedMs = null;
        }
    }

    private void BeginReady(long nowMs)
    {
        var isServing = _gate.State == ServingState.Serving;
        for (var i = _toBegin.Count - 1; i >= 0; i--)
        {
            var watcher = _toBegin[i];
            var isLost = _state.LostDotsOf(watcher.From) is not null;
            if (isServing && (isLost || _state.Covers(watcher.From)))
            {
                _toBegin.RemoveAt(i);

                // Nobody has taken anything yet. The first change, or what there is, is told at once.
                watcher.IsIdle = true;
                _watchers.Add(watcher, isLost);
            }
            else if (watcher.DeadlineMs <= nowMs)
            {
                _toBegin.RemoveAt(i);
                if (isServing) watcher.End(Outcome.SessionUnavailable, $"this replica does not cover the token {watcher.From} in time");
                else watcher.End(Outcome.NotServing, _gate.Reason ?? "it was still catching up when the time was over");
            }
        }
    }
}
