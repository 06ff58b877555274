using Gossipdb.Node.Configuration;
using Gossipdb.Node.Lanes;
using Gossipdb.Node.Observability;

namespace Gossipdb.Node.Partitions;

/// <summary>
/// Asks partitions that have something to send that nobody waits for, every so often, whether it is due. All send in one turn: so it takes
/// few messages, and wakes few nodes of its own. Nothing runs while there is nothing to send. Any thread.
/// </summary>
internal sealed class LateSends : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TimeSpan _interval;
    private readonly NodeHealth _health;
    private readonly Timer _timer;
    private List<PartitionPart> _parts = [];

    /// <param name="settings">How often.</param>
    /// <param name="health">Told where it fails.</param>
    public LateSends(NodeSettings settings, NodeHealth health)
    {
        (_interval, _health) = (TimeSpan.FromMilliseconds(settings.Replica.WriteHedgeMs), health);
        _timer = new Timer(static self => ((LateSends)self!).SendDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A partition has something. It is asked once.</summary>
    public void Add(PartitionPart part)
    {
        lock (_gate)
        {
            _parts.Add(part);
            if (_parts.Count == 1) _timer.Change(_interval, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void SendDue()
    {
        List<PartitionPart> due;
        lock (_gate) (due, _parts) = (_parts, new List<PartitionPart>(_parts.Count));
        try
        {
            using var turn = Turn.Begin();
            foreach (var part in due) part.SendDue();
        }
        catch (Exception unexpected)
        {
            _health.Fail("what nobody waits for could not be sent", unexpected);
        }
    }
}
