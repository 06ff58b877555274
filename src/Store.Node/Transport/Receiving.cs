using System.Collections.Concurrent;
using Gossipdb.Node.Configuration;

namespace Gossipdb.Node.Transport;

/// <summary>
/// What clients may make a node hold of frames that are not whole: room for the large ones, which those who find none wait for, and a time
/// within which any must have come. Any thread.
/// </summary>
internal sealed class Receiving : IDisposable
{
    /// <summary>Frames up to this size need no room.</summary>
    public const int SmallBytes = 64 * 1024;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private readonly long _max;
    private readonly long _withinMs;
    private readonly Lock _gate = new();
    private readonly Queue<(int Bytes, FrameConnection By, TaskCompletionSource Found)> _waiting = [];
    private readonly ConcurrentDictionary<FrameConnection, byte> _connections = [];
    private readonly TimeSpan _every;
    private readonly Timer _looking;
    private long _taken;
    private long _slow;

    /// <param name="limits">The limits.</param>
    public Receiving(ConnectionLimits limits)
    {
        (_max, _withinMs) = (limits.ReceiveBytes, (long)limits.FrameWithin.TotalMilliseconds);
        _every = limits.FrameWithin < 4 * LookEvery ? limits.FrameWithin / 4 : LookEvery;
        _looking = new Timer(_ => HangUpOnSlow(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Bytes of large frames that have begun and are not whole.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate) return _taken;
        }
    }

    /// <summary>How many of them there may be.</summary>
    public long MaxBytes => _max;

    /// <summary>Connections that were closed because a frame did not come in time.</summary>
    public long Slow => Volatile.Read(ref _slow);

    /// <summary>A connection whose frames are to come in time, until it leaves.</summary>
    public void Enter(FrameConnection connection)
    {
        if (_connections.IsEmpty) _looking.Change(_every, _every);
        _connections.TryAdd(connection, 0);
    }

    /// <summary>It has ended.</summary>
    public void Leave(FrameConnection connection) => _connections.TryRemove(connection, out _);

    /// <summary>Waits for room for a frame.</summary>
    /// <exception cref="OperationCanceledException">The connection was closed meanwhile.</exception>
    public Task TakeAsync(int bytes, FrameConnection by)
    {
        lock (_gate)
        {
            if (_waiting.Count == 0 && _taken + bytes <= _max)
            {
                _taken += bytes;
                return Task.CompletedTask;
            }

            var found = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue((bytes, by, found));
            return found.Task;
        }
    }

    /// <summary>Gives room back.</summary>
    public void Give(int bytes)
    {
        if (bytes == 0) return;
        lock (_gate)
        {
            _taken -= bytes;
            LetInThoseWithRoom();
        }
    }

    public void Dispose() => _looking.Dispose();

    private void LetInThoseWithRoom()
    {
        while (_waiting.TryPeek(out var next) && (next.By.IsClosed || _taken + next.Bytes <= _max))
        {
            _waiting.Dequeue();
            if (next.By.IsClosed)
            {
                next.Found.SetCanceled();
                continue;
            }

            _taken += next.Bytes;
            next.Found.SetResult();
        }
    }

    private void HangUpOnSlow()
    {
        if (_connections.IsEmpty)
        {
            _looking.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            if (!_connections.IsEmpty) _looking.Change(_every, _every);
            return;
        }

        var now = Environment.TickCount64;
        foreach (var (connection, _) in _connections)
        {
            if (connection.PartialSinceMs is not (> 0 and var since) || now - since < _withinMs) continue;
            if (!_connections.TryRemove(connection, out _)) continue;
            Interlocked.Increment(ref _slow);
            connection.Close("a frame has not come in time");
        }

        lock (_gate) LetInThoseWithRoom();
    }
}
