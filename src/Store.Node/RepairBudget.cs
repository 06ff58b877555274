using Gossipdb.Replication;

namespace Gossipdb.Node;

/// <summary>A token bucket for all repair traffic of the node: filled at a rate, emptied by what is sent, never fuller than a second's worth. Any thread.</summary>
internal sealed class RepairBudget(long bytesPerSecond) : IRepairBudget
{
    private readonly Lock _lock = new();
    private double _bytes = bytesPerSecond;
    private long _filledAtMs;
    private long _total;
    private long _measuredAtMs = Environment.TickCount64;
    private long _measuredTotal;
    private long _rate;

    /// <summary>Bytes of repair sent since the start.</summary>
    public long Total => Volatile.Read(ref _total);

    /// <summary>Bytes of repair a second, over the last second or two.</summary>
    public long Rate
    {
        get
        {
            lock (_lock)
            {
                Measure(Environment.TickCount64);
                return _rate;
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
            Measure(Environment.TickCount64);
        }
    }

    private void Measure(long nowMs)
    {
        var passed = nowMs - _measuredAtMs;
        if (passed < 1_000) return;
        _rate = (_total - _measuredTotal) * 1_000 / passed;
        _measuredAtMs = nowMs;
        _measuredTotal = _total;
    }
}
