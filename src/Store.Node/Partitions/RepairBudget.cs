using Gossipdb.Replication.Contract;

namespace Gossipdb.Node.Partitions;

/// <summary>
/// A token bucket for all repair traffic of the node: filled at a rate, emptied by what is sent, never fuller than a second's worth. Any
/// thread.
/// </summary>
internal sealed class RepairBudget(long bytesPerSecond) : IRepairBudget
{
    private readonly Lock _lock = new();
    private double _bytes = bytesPerSecond;
    private long _filledAtMs;
    private long _total;

    // What was sent in the second that has begun, and in the one before.
    private long _second;
    private long _inThis;
    private long _inLast;

    /// <summary>Bytes of repair sent since the start.</summary>
    public long Total => Volatile.Read(ref _total);

    /// <summary>Bytes of repair a second, over the last second or two.</summary>
    public long Rate
    {
        get
        {
            lock (_lock)
            {
                var nowMs = Environment.TickCount64;
                TurnTo(nowMs / 1_000);
                return (_inLast + _inThis) * 1_000 / (1_000 + (nowMs % 1_000));
            }
        }
    }

    public bool HasRoom(long nowMs)
    {
        lock (_lock)
        {
            if (nowMs > _filledAtMs)
            {
                if (_filledAtMs > 0) _bytes = Math.Min(bytesPerSecond, _bytes + ((nowMs - _filledAtMs) * (bytesPerSecond / 1000.0)));
                _filledAtMs = nowMs;
            }

            return _bytes > 0;
        }
    }

    public void Charge(int bytes)
    {
        lock (_lock)
        {
            _bytes -= bytes;
            _total += bytes;
            TurnTo(Environment.TickCount64 / 1_000);
            _inThis += bytes;
        }
    }

    private void TurnTo(long second)
    {
        if (second == _second) return;
        _inLast = second == _second + 1 ? _inThis : 0;
        _inThis = 0;
        _second = second;
    }
}
