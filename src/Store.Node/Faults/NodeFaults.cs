using Gossipdb.Node.Configuration;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Faults;

/// <summary>
/// The faults in force in the cluster, and what of them concerns this node: its end of each link, its wall clock, its disk. What stands
/// for these is there where the node can be told faults (<c>gossipdb.lab.fault-injection</c>), and in nobody's way where it cannot.
/// Any thread.
/// </summary>
internal sealed class NodeFaults
{
    private readonly NodeSettings _settings;
    private readonly TimeProvider _machine;
    private readonly Lock _gate = new();
    private readonly Dictionary<NodeId, FaultyLink> _links = [];
    private readonly WallClock? _clock;
    private FaultSet _told = FaultSet.None;
    private IReadOnlyDictionary<NodeId, WrongClock> _clocks = new Dictionary<NodeId, WrongClock>();

    /// <param name="settings">The node's settings.</param>
    /// <param name="machine">The machine's clocks.</param>
    public NodeFaults(NodeSettings settings, TimeProvider machine)
    {
        (_settings, _machine) = (settings, machine);
        if (settings.Lab.FaultInjection || settings.Lab.ClockOffset != TimeSpan.Zero)
            _clock = new WallClock(machine, settings.Lab.ClockOffset);
    }

    /// <summary>The node's clocks: all of the node goes by them. Only the wall clock may be wrong.</summary>
    public TimeProvider Clock => _clock ?? _machine;

    /// <summary>The node's disk, as far as the journal goes.</summary>
    public FaultyDisk Disk { get; } = new();

    /// <summary>The faults in force; a clock's offset is what it is by now.</summary>
    public FaultSet Current
    {
        get
        {
            lock (_gate) return _told with { Clocks = [.. _told.Clocks.Select(clock => _clocks[clock.Node].Now())] };
        }
    }

    /// <summary>The link to another node; null where the node can be told no faults.</summary>
    public FaultyLink? LinkTo(NodeId remote)
    {
        if (!_settings.Lab.FaultInjection) return null;
        lock (_gate)
        {
            if (_links.TryGetValue(remote, out var link)) return link;
            link = new FaultyLink(_machine, _settings.Lab.LinkBytes, new Random());
            Tell(remote, link);
            return _links[remote] = link;
        }
    }

    /// <summary>These are in force from here on, and no others. What was in force before goes on undisturbed.</summary>
    /// <exception cref="InvalidOperationException">The node can be told no faults.</exception>
    public void Set(FaultSet faults)
    {
        if (!_settings.Lab.FaultInjection) throw new InvalidOperationException("faults need gossipdb.lab.fault-injection = on");
        lock (_gate)
        {
            var clocks = new Dictionary<NodeId, WrongClock>();
            foreach (var clock in faults.Clocks)
                clocks[clock.Node] = _clocks.GetValueOrDefault(clock.Node) is { } known && known.Told == clock
                    ? known
                    : new WrongClock(clock, _machine);
            (_told, _clocks) = (faults, clocks);
            foreach (var (remote, link) in _links) Tell(remote, link);
            _clock!.Wrong = clocks.GetValueOrDefault(_settings.Id);
            Disk.Set(faults.Disks.FirstOrDefault(disk => disk.Node == _settings.Id));
        }
    }

    private void Tell(NodeId remote, FaultyLink link) => link.Set(
        _told.Links.FirstOrDefault(fault => fault.From == _settings.Id && fault.To == remote),
        _told.Links.FirstOrDefault(fault => fault.From == remote && fault.To == _settings.Id));
}
