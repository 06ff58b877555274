using System.Diagnostics;
using Gossipdb.Checking.History;

namespace Gossipdb.Testing.Recording;

/// <summary>All that a history is made of, as it happens. Any thread may add to it.</summary>
internal sealed class CallLog
{
    /// <summary>How many calls a history takes: some hundred megabytes of them.</summary>
    public const int MaxCalls = 500_000;

    private readonly Lock _gate = new();
    private readonly List<TappedCall> _calls = [];
    private readonly List<HistoryRecord> _notes = [];
    private readonly long _origin = Stopwatch.GetTimestamp();
    private long _missed;
    private bool _hasFinal;

    /// <summary>Microseconds since it was begun.</summary>
    public long Now => Instant(Stopwatch.GetTimestamp());

    /// <summary>How many calls it has.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _calls.Count;
        }
    }

    /// <summary>How many calls it had no room for.</summary>
    public long Missed => Interlocked.Read(ref _missed);

    public void Add(TappedCall call)
    {
        lock (_gate)
        {
            if (_calls.Count < MaxCalls) _calls.Add(call);
            else _missed++;
            if (call.IsChange) ForgetFinal();
        }
    }

    /// <summary>Notes what else happened.</summary>
    public void Note(HistoryRecord record)
    {
        lock (_gate) _notes.Add(record);
    }

    /// <summary>Notes what the nodes hold once all is quiet. It counts until something is changed.</summary>
    public void NoteFinal(IEnumerable<StateRecord> states)
    {
        lock (_gate)
        {
            ForgetFinal();
            _notes.AddRange(states);
            _hasFinal = true;
        }
    }

    /// <summary>What there is now: a call that is under way later may have ended.</summary>
    public (IReadOnlyList<TappedCall> Calls, IReadOnlyList<HistoryRecord> Notes) Snapshot()
    {
        lock (_gate) return ([.. _calls], [.. _notes]);
    }

    /// <summary>Microseconds since it was begun, of ticks of <see cref="Stopwatch"/>.</summary>
    public long Instant(long timestamp) => Stopwatch.GetElapsedTime(_origin, timestamp).Ticks / TimeSpan.TicksPerMicrosecond;

    private void ForgetFinal()
    {
        if (!_hasFinal) return;
        _notes.RemoveAll(static note => note is StateRecord);
        _hasFinal = false;
    }
}
