using System.Threading.Tasks.Sources;

namespace Gossipdb.Client.Connection;

/// <summary>
/// Wakes a writing loop by way of the thread pool's global queue. A thread gets there once it has done what lies in its own queue, and
/// that is the callers whose replies have just come: what they send next travels in the same batch.
/// <para>Set at most once for each time it was reset.</para>
/// </summary>
internal sealed class WriterSignal : IThreadPoolWorkItem, IValueTaskSource
{
    // The loop goes on where the work item runs.
    private ManualResetValueTaskSourceCore<bool> _source;

    public void Reset() => _source.Reset();

    public void Set() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    public ValueTask WaitAsync() => new(this, _source.Version);

    void IThreadPoolWorkItem.Execute() => _source.SetResult(true);

    void IValueTaskSource.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
