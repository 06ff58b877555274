using Akka.Actor;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Observability;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Links;

/// <summary>
/// Tells the other nodes, over Akka.Remote, where this node's data port is, and hears theirs. They go on saying so: it is also the sign
/// that Akka.Remote itself works between two nodes, which nothing else would notice for minutes.
/// </summary>
internal sealed class DataPortExchange : UntypedActor, IWithTimers
{
    /// <summary>The name of the actor.</summary>
    public const string Name = "data-ports";

    private sealed record Tick
    {
        public static readonly Tick Instance = new();
    }

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    // Whoever is connected is told less often.
    private const int TicksPerNotice = 4;
    private readonly NodeClock _clock;
    private readonly NodeLinks _links;
    private readonly AddressBook _addresses;
    private readonly DataPortNotice _own;
    private int _ticks;

    /// <param name="settings">The node's settings.</param>
    /// <param name="clock">Its clocks.</param>
    /// <param name="links">Its links.</param>
    /// <param name="addresses">Told what is heard.</param>
    /// <param name="port">Its data port.</param>
    public DataPortExchange(NodeSettings settings, NodeClock clock, NodeLinks links, AddressBook addresses, int port)
    {
        (_clock, _links, _addresses) = (clock, links, addresses);
        _own = new DataPortNotice(settings.Id, port);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartPeriodicTimer(Tick.Instance, Tick.Instance, TimeSpan.Zero, Interval);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Tick:
                var isForAll = _ticks++ % TicksPerNotice == 0;
                foreach (var node in _links.Nodes.Where(node => !_links.IsLost(node)))
                    if ((isForAll || !_links[node].IsConnected) && OtherEnd(node) is { } other) other.Tell(_own);
                break;
            case DataPortNotice notice:
                _addresses.LearnDataPort(notice.From, notice.Port, _clock.SteadyMs);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private IActorRef? OtherEnd(NodeId node) => _addresses.Find(node) is { } address
        ? ((ExtendedActorSystem)Context.System).Provider.ResolveActorRef($"{AkkaConfiguration.AddressOf(address)}/user/{Name}")
        : null;
}
