using Akka.Actor;
using Akka.Cluster;
using Akka.DistributedData;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Journal;
using Gossipdb.Node.Links;
using Gossipdb.Node.Observability;
using Gossipdb.Node.Partitions;
using Gossipdb.Node.Security;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Membership;

/// <summary>
/// Turns the layout and what the links hear into the node's <see cref="PartitionPlacement"/>, and keeps the node a member of the Akka
/// cluster, which carries cluster metadata. Membership informs and never decides whether a replica may serve: a node cut off, or
/// restarted while cut off, serves all the same.
/// <para>Akka.Remote: where Akka keeps an association that works one way only, or not at all (the other end died or gave up during the
/// handshake), nothing would notice for minutes. A node that is not heard over it (<see cref="DataPortExchange"/>) has its association
/// torn down, so that the next message makes a new one.</para>
/// <para>Founding: a node forms a cluster of its own only where it hears a majority of the layout, none of which is a member, and has the
/// lowest number among them (nodes with lower numbers get some seconds to turn up first); otherwise it joins through a member it hears.
/// So two sides of a cut never found two clusters.</para>
/// </summary>
internal sealed class ClusterView : UntypedActor, IWithTimers
{
    /// <summary>Makes a layout the cluster's, where it is the next version of this node's. Answered with an <see cref="Answer"/>.</summary>
    public sealed record Apply(Layout Next) : IPartQuestion;

    /// <summary>Puts changes forward for the next layout; null takes back what was. Answered with an <see cref="Answer"/>.</summary>
    public sealed record Stage(StagedLayout? Staged) : IPartQuestion;

    /// <summary>Why something was not done; null where it was.</summary>
    public sealed record Answer(string? Problem);

    private sealed record Probed(Layout? Layout);

    private sealed record MembershipTick
    {
        public static readonly MembershipTick Instance = new();
    }

    private static readonly LWWRegisterKey<byte[]> LayoutKey = new("gossipdb-layout");
    private static readonly LWWRegisterKey<byte[]> StagedKey = new("gossipdb-layout-staged");
    private static readonly TimeSpan MembershipInterval = TimeSpan.FromMilliseconds(500);
    private const int TicksPerSubscription = 10;
    private const string PublishedLayout = "the layout that the cluster publishes";
    private const string ProbedLayout = "the layout that another node tells";
    private const string NewLayout = "the layout's new version";
    private const string StagedChanges = "what is staged to be the next layout";
    private const long PatienceMs = 10_000;

    // The end with the lower number goes first, so that the two do not tear down each other's new association in step.
    private const long ResetAfterMs = 4_000;
    private const long ResetAfterAsSecondMs = 7_000;

    // Each time it was for nothing the wait doubles, up to eight times: on a busy machine Akka's own attempt would never end in time.
    private const int MostDoublings = 3;
    private readonly Dictionary<NodeId, (long SinceMs, int Resets)> _quiet = [];
    private readonly long _startedMs;
    private readonly NodeSettings _settings;
    private readonly NodeHealth _health;
    private readonly NodeClock _clock;
    private readonly PartitionDirectory _partitions;
    private readonly NodeLinks _links;
    private readonly AddressBook _addresses;
    private readonly StagedChanges _staged;
    private readonly PeerRoll _roll;
    private readonly ILogger _logger;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly IActorRef _replicator = DistributedData.Get(Context.System).Replicator;
    private readonly Dictionary<NodeId, LinkState> _states = [];
    private readonly LayoutProbe _probe;
    private int _ticks;
    private bool _founded;
    private bool _published;

    public ClusterView(
        NodeSettings settings,
        NodeCertificates certificates,
        PeerSecrets secrets,
        NodeHealth health,
        NodeClock clock,
        PartitionDirectory partitions,
        NodeLinks links,
        AddressBook addresses,
        StagedChanges staged,
        PeerRoll roll,
        ILogger logger)
    {
        (_settings, _health, _clock, _partitions, _links, _addresses, _staged, _roll, _logger) =
            (settings, health, clock, partitions, links, addresses, staged, roll, logger);
        _startedMs = clock.SteadyMs;
        _probe = new LayoutProbe(settings, certificates, secrets, clock, partitions, links, addresses);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Subscribe();
        Timers.StartPeriodicTimer(MembershipTick.Instance, MembershipTick.Instance, TimeSpan.Zero, MembershipInterval);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case LinkState state:
                Take(state);
                break;
            case MembershipTick:
                if (++_ticks % TicksPerSubscription == 0) Subscribe();
                ResetDeadAssociations();
                KeepMembership();
                LostMembers.Down(_cluster, _roll);
                Probe();
                break;
            case Changed changed when changed.Key.Equals(LayoutKey):
                if (Read(PublishedLayout, () => Fitting(LayoutFile.Decode(changed.Get(LayoutKey).Value))) is { } published) Hear(published);
                break;
            case Changed changed when changed.Key.Equals(StagedKey):
                HearStaged(changed);
                break;
            case Probed { Layout: { } probed }:
                if (Read(ProbedLayout, () => Fitting(probed)) is { } layout) Hear(layout);
                break;
            case Probed:
                break;
            case Apply apply:
                Sender.Tell(new Answer(TryApply(apply.Next)));
                break;
            case Stage stage:
                Put(stage);
                Sender.Tell(new Answer(null));
                break;
            case IUpdateResponse:
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Take(LinkState state)
    {
        var before = _states.TryGetValue(state.Node, out var known) && known.Reachable;
        _states[state.Node] = state;
        if (_partitions.Placement.TakesWrites(state.Node) != state.TakesWrites)
        {
            _partitions.Placement = _partitions.Placement.WithJournal(state.Node, state.TakesWrites);
            _partitions.TellAll(new JournalState(state.Node, state.TakesWrites));
        }

        // A lost node that turns up again may hear the layout, and so what it is; nothing else is heard of it.
        if (before == state.Reachable || _partitions.Layout.IsLost(state.Node)) return;
        _partitions.Placement = _partitions.Placement.With(state.Node, state.Reachable);
        _partitions.TellAll(new HostPart.Reachability(state.Node, state.Reachable));
    }

    private void ResetDeadAssociations()
    {
        var now = _clock.SteadyMs;
        foreach (var other in _partitions.Layout.Nodes)
        {
            if (other == _settings.Id || _links.MayBeCut(other) || _addresses.Find(other) is null)
            {
                _quiet.Remove(other);
                continue;
            }

            var heardMs = _addresses.DataPortSaidMs(other) ?? _startedMs;
            if (!_quiet.TryGetValue(other, out var quiet)) _quiet[other] = quiet = (now, 0);
            if (heardMs > quiet.SinceMs) quiet = (heardMs, 0);
            var patienceMs = (_settings.Id.CompareTo(other) < 0 ? ResetAfterMs : ResetAfterAsSecondMs) << quiet.Resets;
            if (now - quiet.SinceMs < patienceMs) continue;
            _quiet[other] = (now, Math.Min(quiet.Resets + 1, MostDoublings));

            // Without the id of a life, Akka does not quarantine the address: it drops the association and tries anew after
            // retry-gate-closed-for.
            var provider = (Akka.Remote.IRemoteActorRefProvider)((ExtendedActorSystem)Context.System).Provider;
            provider.Quarantine(Address.Parse(AkkaConfiguration.AddressOf(_addresses.Find(other)!)), null);
        }
    }

    private void KeepMembership()
    {
        if (_cluster.SelfMember.Status == MemberStatus.Up)
        {
            Publish();
            return;
        }

        NodeId? member = null;
        var lowest = _settings.Id;
        var heard = 1;
        foreach (var (id, link) in _states)
        {
            if (!link.Reachable) continue;
            heard++;
            if (id.CompareTo(lowest) < 0) lowest = id;
            if (link.IsMember && (member is null || id.CompareTo(member.Value) < 0)) member = id;
        }

        if (member is { } through)
        {
            var address = Address.Parse(AkkaConfiguration.AddressOf(_addresses.Find(through)!));
            _cluster.JoinSeedNodes([address]);
        }
        else if (!_founded
            && _partitions.Layout.Find(_settings.Id) is not null
            && heard > _partitions.Layout.Nodes.Count / 2
            && lowest == _settings.Id
            && (lowest == _partitions.Layout.Nodes[0] || _clock.SteadyMs - _startedMs > PatienceMs))
        {
            _founded = true;
            _logger.LogInformation(
                "no member of the Akka cluster within reach, {Heard} of {Nodes} nodes heard: founding it",
                heard,
                _partitions.Layout.Nodes.Count);
            _cluster.Join(_cluster.SelfAddress);
        }
    }

    private void Publish()
    {
        if (_published) return;
        _published = true;
        var (layout, version) = (LayoutFile.Encode(_partitions.Layout), _partitions.Layout.Version);
        _replicator.Tell(Dsl.Update(
            LayoutKey,
            new LWWRegister<byte[]>(_cluster.SelfUniqueAddress, [], 0),
            WriteLocal.Instance,
            register => register.Value.Length > 0 && !IsBefore(register.Value, version)
                ? register
                : new LWWRegister<byte[]>(_cluster.SelfUniqueAddress, layout, version)));
    }

    // Who subscribes is told what is there now: a replicator that had to start anew knows no subscribers, and what could not be kept on
    // this disk is taken when it can.
    private void Subscribe()
    {
        _replicator.Tell(Dsl.Subscribe(LayoutKey, Self));
        _replicator.Tell(Dsl.Subscribe(StagedKey, Self));
        _published = false;
    }

    // What others publish is theirs: where this node cannot read it, it says so and goes on with what it has.
    private T? Read<T>(string what, Func<T?> decode)
        where T : class
    {
        try
        {
            var read = decode();
            _health.LayoutUnusable(what, null);
            return read;
        }
        catch (Exception unreadable)
        {
            _health.LayoutUnusable(what, unreadable.Message.ReplaceLineEndings(" "));
            return null;
        }
    }

    private Layout Fitting(Layout layout) => layout.Partitions == _partitions.Count
        ? layout
        : throw new ArgumentException($"it has {layout.Partitions} partitions, and this cluster {_partitions.Count}");

    // What cannot be read is somebody's who knows more: it is not written over.
    private static bool IsBefore(byte[] published, long version)
    {
        try
        {
            return LayoutFile.Decode(published).Version < version;
        }
        catch (Exception unreadable) when (unreadable is System.Text.Json.JsonException or ArgumentException)
        {
            return false;
        }
    }

    // Of two layouts of one version, made on two sides of a cut, the register keeps one: that is everybody's then. No slot is held twice
    // for it: slots move by hand-over.
    private void Hear(Layout published)
    {
        var own = _partitions.Layout;
        if (published.Version < own.Version)
        {
            _published = false;
            return;
        }

        if (published.Version == own.Version && (own.Version == 1 || published.IsSame(own)))
        {
            if (!published.PlacesLike(own))
                _health.LayoutDiffers(
                    $"the cluster's layout is {LayoutFile.Describe(published)}, this node's is {LayoutFile.Describe(own)}");
            return;
        }

        if (published.Version == own.Version)
        {
            _logger.LogWarning(
                "two layouts of version {Version} were applied on two sides of a cut; this node gives up its own ({Own}) for the other: "
                + "look at 'gossipdb layout show'",
                own.Version, LayoutFile.Describe(own));
        }

        _health.LayoutUnusable(NewLayout, TryTake(published));
        TellOutdated();
    }

    private void HearStaged(Changed changed)
    {
        _staged.Last = Read(
            StagedChanges, () => changed.Get(StagedKey).Value is { Length: > 0 } bytes ? LayoutFile.DecodeStaged(bytes) : null);
        TellOutdated();
    }

    private void TellOutdated()
    {
        if (_staged.Last is not { } staged || staged.Version > _partitions.Layout.Version) return;
        _logger.LogWarning(
            "changes staged for version {Staged} of the layout are out of date and are ignored: it is at version {Version}",
            staged.Version,
            _partitions.Layout.Version);
    }

    private string? TryApply(Layout next)
    {
        if (next.Version != _partitions.Layout.Version + 1)
            return $"the layout is at version {_partitions.Layout.Version} by now: look at the plan again";
        if (TryTake(next) is { } problem) return problem;
        _published = false;
        Publish();
        Put(new Stage(null));
        return null;
    }

    // Null, or why not: a layout is followed once it is on this disk.
    private string? TryTake(Layout layout)
    {
        layout = layout.WithLost(_partitions.Layout.Lost);
        try
        {
            LayoutFile.Save(_settings.DataDirectory, layout);
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            return $"version {layout.Version} of the layout cannot be kept on the disk of node {_settings.Id}: {unwritable.Message}";
        }

        var moves = layout.MovesFrom(_partitions.Layout);
        _addresses.Learn(layout);
        _partitions.Placement = _partitions.Placement.With(layout);
        _logger.LogInformation(
            "layout version {Version}: {Layout}; {Moves} slots are to move", layout.Version, LayoutFile.Describe(layout), moves);
        foreach (var lost in layout.Lost) TakeLost(lost);
        foreach (var member in layout.Nodes) _links.Open(member);
        _partitions.TellLayoutChanged(layout);
        return null;
    }

    private void TakeLost(LostNode lost)
    {
        if (lost.Node == _settings.Id)
        {
            _health.DeclaredLost($"node {lost.Node} was declared lost in version {_partitions.Layout.Version} of the layout: it serves "
                + "nobody any more; stop it, and set it up anew with another number and an empty data directory");
            return;
        }

        _links.HangUp(lost.Node);
        if (!_partitions.Placement.IsReachable(lost.Node)) return;
        _partitions.Placement = _partitions.Placement.With(lost.Node, false);
        _partitions.TellFallbacks(new HostPart.Reachability(lost.Node, false));
    }

    private void Probe() =>
        _probe.Ask()?.PipeTo(Self, success: static layout => new Probed(layout), failure: static _ => new Probed(null));

    private void Put(Stage stage)
    {
        _staged.Last = stage.Staged;
        var bytes = stage.Staged is { } staged ? LayoutFile.EncodeStaged(staged) : [];

        // Between two that were staged on two sides of a cut; the next one of the same side is above in any case.
        var now = _clock.ClusterTime.UnixMs;
        _replicator.Tell(Dsl.Update(
            StagedKey,
            new LWWRegister<byte[]>(_cluster.SelfUniqueAddress, [], 0),
            WriteLocal.Instance,
            register => new LWWRegister<byte[]>(_cluster.SelfUniqueAddress, bytes, Math.Max(now, register.Timestamp + 1))));
    }
}
