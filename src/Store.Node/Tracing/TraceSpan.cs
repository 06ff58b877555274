using System.Diagnostics;

namespace Gossipdb.Node.Tracing;

/// <summary>
/// A stretch of time of a trace. It begins and ends on any threads, and never stays the current one of a thread. Ending it twice does
/// nothing.
/// </summary>
internal sealed class TraceSpan(NodeTraces traces, Activity activity)
{
    private int _hasEnded;

    /// <summary>What its children name.</summary>
    public ActivityContext Context => activity.Context;

    /// <summary>The same as text, for a request.</summary>
    public string Traceparent => activity.Id!;

    public bool HasEnded => Volatile.Read(ref _hasEnded) != 0;

    public TraceSpan Set(string key, object? value)
    {
        activity.SetTag(key, value);
        return this;
    }

    /// <summary>Something happens in it.</summary>
    public void Happens(string what) => activity.AddEvent(new ActivityEvent(what));

    /// <summary>Makes it the thread's current one, for its lines in the log, until the scope ends.</summary>
    public Scope Enter()
    {
        var around = Activity.Current;
        Activity.Current = activity;
        return new Scope(around, isEntered: true);
    }

    /// <summary>The same of a span that may not be there: then nothing changes.</summary>
    public static Scope Enter(TraceSpan? span) => span is null ? default : span.Enter();

    /// <summary>Ends it.</summary>
    /// <param name="error">What went wrong, in a word or a code; null where nothing did.</param>
    /// <param name="because">The same in words for people.</param>
    public void End(string? error = null, string? because = null)
    {
        if (Interlocked.Exchange(ref _hasEnded, 1) != 0) return;
        if (error is not null) activity.SetTag("error.type", error).SetStatus(ActivityStatusCode.Error, because);
        var around = Activity.Current;
        activity.Stop();
        Activity.Current = around;
        traces.Ended();
    }

    /// <summary>For as long as a span is the current one.</summary>
    public readonly ref struct Scope(Activity? around, bool isEntered)
    {
        public void Dispose()
        {
            if (isEntered) Activity.Current = around;
        }
    }
}
