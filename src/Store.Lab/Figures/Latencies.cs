namespace Gossipdb.Lab.Figures;

/// <summary>How long answers took. Every one is kept, in 4 bytes, so percentiles are exact: a million calls take 4 MB.</summary>
internal sealed class Latencies
{
    private readonly List<int> _micros = [];
    private bool _isSorted = true;

    /// <summary>How many there are.</summary>
    public int Count => _micros.Count;

    /// <summary>Adds one, in microseconds. What lies before zero counts as zero.</summary>
    public void Add(long micros)
    {
        _micros.Add((int)Math.Clamp(micros, 0, int.MaxValue));
        _isSorted = false;
    }

    /// <summary>Adds all of others.</summary>
    public void Add(Latencies others)
    {
        _micros.AddRange(others._micros);
        _isSorted = false;
    }

    /// <summary>
    /// The least latency that at least this share of the answers did not exceed (the nearest rank), in milliseconds; null where there are
    /// none.
    /// </summary>
    /// <param name="share">0 to 1.</param>
    public double? Percentile(double share)
    {
        if (_micros.Count == 0) return null;
        if (!_isSorted)
        {
            _micros.Sort();
            _isSorted = true;
        }

        var rank = (int)Math.Ceiling(share * _micros.Count);
        return _micros[Math.Clamp(rank - 1, 0, _micros.Count - 1)] / 1000.0;
    }
}
