namespace Gossipdb.Node.Server;

/// <summary>
/// The room for large answers that were built and are not read yet. An answer takes its room before it is built; where there is none the
/// read waits, holding no more than its question, and
/// is made again. A caller that does not read therefore stalls itself: it gets no more room while an answer of it has been unread for a
/// second.
/// <para>Shared fairly: a caller may hold no more than what is left free (a dynamic threshold, Choudhury and Hahne 1998), so n of them
/// leave one share of n + 1 to whoever comes next. Where even
/// that is not enough for somebody who does read, the answer that has been unread for longest is ended.</para>
/// Any thread.
/// </summary>
/// <param name="maxBytes">The room.</param>
/// <param name="maxPerCaller">What one caller may hold of it, unless it is a single answer.</param>
/// <param name="slowReaderMs">How long an answer may be unread.</param>
/// <param name="steadyMs">The node's steady clock: the one that deadlines are of.</param>
internal sealed class AnswerBudget(long maxBytes, long maxPerCaller, long slowReaderMs, Func<long> steadyMs)
{
    /// <summary>Answers up to this size are not counted here but with their requests.</summary>
    public const int SmallBytes = 4 * 1024;

    // After that long without progress a caller counts as one that does not read.
    private const long StalledMs = 1_000;
    private readonly Lock _gate = new();
    private readonly Queue<CallerAccount> _waiting = new();
    private readonly HashSet<UnreadAnswer> _unread = [];
    private long _bytes;
    private long _deferred;
    private long _ended;

    /// <summary>The room.</summary>
    public long MaxBytes => maxBytes;

    /// <summary>Bytes taken.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Reads that wait for room.</summary>
    public long Deferred => Volatile.Read(ref _deferred);

    /// <summary>Answers ended because nobody read them, since the start.</summary>
    public long Ended => Volatile.Read(ref _ended);

    /// <summary>Takes room, where the caller may have it now.</summary>
    public bool TryTake(CallerAccount caller, long bytes, long nowMs)
    {
        lock (_gate)
        {
            if (caller.Deferred.Count > 0 || !Fits(caller, bytes, nowMs)) return false;
            Take(caller, bytes);
            return true;
        }
    }

    /// <summary>Takes room for what is there already; or gives some back, where the answer turned out smaller.</summary>
    public void Adjust(CallerAccount caller, long bytes)
    {
        if (bytes < 0) Give(caller, -bytes);
        else
            lock (_gate) Take(caller, bytes);
    }

    /// <summary>Gives room back, and resumes whoever waits for it.</summary>
    public void Give(CallerAccount caller, long bytes)
    {
        lock (_gate)
        {
            Take(caller, -bytes);
            ResumeReady(steadyMs());
        }
    }

    /// <summary>Has a read wait for room for its answer.</summary>
    public void Defer(CallerAccount caller, IDeferredAnswer answer)
    {
        lock (_gate)
        {
            caller.Deferred.Enqueue(answer);
            _deferred++;
            if (caller.Deferred.Count == 1) _waiting.Enqueue(caller);
            ResumeReady(steadyMs());
        }
    }

    /// <summary>Watches whether an answer is read.</summary>
    public UnreadAnswer Watch(CallerAccount caller, Action end)
    {
        var answer = new UnreadAnswer(caller, end, steadyMs);
        lock (_gate)
        {
            caller.Unread.Add(answer);
            _unread.Add(answer);
        }

        return answer;
    }

    /// <summary>The answer is read, or over.</summary>
    public void Unwatch(UnreadAnswer answer)
    {
        answer.Over();
        lock (_gate)
        {
            answer.Account.Unread.Remove(answer);
            _unread.Remove(answer);
            if (_waiting.Count > 0) ResumeReady(steadyMs());
        }
    }

    /// <summary>Ends answers that nobody reads, and reads that have waited too long for room. Called every so often.</summary>
    /// <returns>How many answers were ended.</returns>
    public int Sweep(long nowMs)
    {
        List<UnreadAnswer>? slow = null;
        List<IDeferredAnswer>? expired = null;
        lock (_gate)
        {
            UnreadAnswer? longest = null;
            foreach (var answer in _unread)
            {
                if (answer.SinceMs is not (> 0 and var since)) continue;
                if (nowMs - since >= slowReaderMs) (slow ??= []).Add(answer);
                else if (nowMs - since >= StalledMs && (longest is null || since < longest.SinceMs)) longest = answer;
            }

            ExpireDeferred(nowMs, ref expired);
            ResumeReady(nowMs);
            if (slow is null && longest is not null && SomebodyWhoReadsWaits(nowMs)) slow = [longest];
            foreach (var answer in slow ?? [])
            {
                _unread.Remove(answer);
                answer.Account.Unread.Remove(answer);
            }
        }

        foreach (var answer in slow ?? []) answer.End();
        foreach (var answer in expired ?? []) answer.Expire();
        _ended += slow?.Count ?? 0;
        return slow?.Count ?? 0;
    }

    private static bool IsStalled(CallerAccount caller, long nowMs)
    {
        foreach (var answer in caller.Unread)
            if (answer.SinceMs is > 0 and var since && nowMs - since >= StalledMs) return true;
        return false;
    }

    private bool Fits(CallerAccount caller, long bytes, long nowMs)
    {
        var free = maxBytes - _bytes;
        return caller.UnreadBytes + bytes <= (caller.UnreadBytes == 0 ? free : Math.Min(free, maxPerCaller)) && !IsStalled(caller, nowMs);
    }

    private void Take(CallerAccount caller, long bytes)
    {
        caller.UnreadBytes += bytes;
        _bytes += bytes;
    }

    private bool SomebodyWhoReadsWaits(long nowMs)
    {
        foreach (var caller in _waiting)
            if (!IsStalled(caller, nowMs)) return true;
        return false;
    }

    // One read of each caller in turn, until nobody's fits.
    private void ResumeReady(long nowMs)
    {
        for (var missed = 0; missed < _waiting.Count;)
        {
            var caller = _waiting.Dequeue();
            var next = caller.Deferred.Peek();
            if (Fits(caller, next.AnswerBytes, nowMs))
            {
                missed = 0;
                Take(caller, next.AnswerBytes);
                caller.Deferred.Dequeue();
                _deferred--;

                // Not under the lock, and not on the stack of whoever gave the room back.
                ThreadPool.UnsafeQueueUserWorkItem(static answer => answer.Resume(), next, preferLocal: false);
            }
            else
            {
                missed++;
            }

            if (caller.Deferred.Count > 0) _waiting.Enqueue(caller);
        }
    }

    private void ExpireDeferred(long nowMs, ref List<IDeferredAnswer>? expired)
    {
        for (var i = _waiting.Count; i > 0; i--)
        {
            var caller = _waiting.Dequeue();
            for (var j = caller.Deferred.Count; j > 0; j--)
            {
                var answer = caller.Deferred.Dequeue();
                if (answer.DeadlineMs > nowMs)
                {
                    caller.Deferred.Enqueue(answer);
                    continue;
                }

                _deferred--;
                (expired ??= []).Add(answer);
            }

            if (caller.Deferred.Count > 0) _waiting.Enqueue(caller);
        }
    }
}
