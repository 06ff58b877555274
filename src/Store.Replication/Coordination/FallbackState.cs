using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Handoff;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Time;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Coordination;

/// <summary>
/// The state of a fallback node as a coordinator. It takes <em>sloppy</em> calls of clients while no owner is within reach.
/// <para>The state begins empty, and builds only on what is stable. The node has promised to the decider of stable cuts that its events
/// depend on everything at or below the cut (hard case 3). So to an owner they are events like any other. A removal here removes what is
/// held here, and what was stable (hard case 10).</para>
/// <para>What it makes goes into the node's hint log, durably. From there it goes to the owners. It also goes to the other fallback nodes,
/// whose acks count towards W. What those make is applied here too.</para>
/// <para>A session that has seen anything else than what is held here is refused. The state builds on what is stable, but cannot show
/// it.</para>
/// </summary>
internal sealed class FallbackState(ReplicaId id, HintLog hints, Func<bool> takesWrites, ReplicaSettings settings, ITimeSource time)
    : ICoordinatedState
{
    private const string NoOwner = "no owner of the partition is within reach";

    // Everything stable that its events promise to build on.
    private readonly VersionVector _stable = new();

    // The same, together with everything applied: what the next event depends on.
    private readonly VersionVector _clock = new();
    private VersionVector _applied = new();

    // What other fallback nodes have made that was not applicable when it came, with all that it builds on.
    private readonly VersionVector _missed = new();
    private bool _mayCatchUp;
    private EventLog _log = new(settings.StandInMaxBytes);
    private HybridTimestamp _lastTimestamp;
    private long _namesPassedMs;
    private bool _hasLeft;
    private bool _hasMade;

    /// <inheritdoc/>
    public ReplicaId Id => id;

    /// <inheritdoc/>
    public string Name => "stand-in";

    /// <inheritdoc/>
    public Keyspace Keys { get; private set; } = new();

    /// <inheritdoc/>
    public ClockView Applied => _applied;

    /// <summary>What the next event depends on: what is stable, and what was applied.</summary>
    public ClockView Dependencies => _clock;

    /// <summary>Everything stable that its events promise to build on.</summary>
    public VersionVector Stable => _stable;

    /// <summary>The applied events, for the other fallback nodes.</summary>
    public EventLog Log => _log;

    /// <inheritdoc/>
    public ReplicaClock Clock { get; } = new(time, settings.MaxClockSkewMs);

    /// <inheritdoc/>
    public long NamesPassedMs
    {
        get
        {
            Clock.Read();
            return Math.Max(Clock.NamesPassedMs, _namesPassedMs);
        }
    }

    /// <inheritdoc/>
    public bool IsCatchingUp => false;

    /// <summary>Whether it takes calls. It does once it has promised, in this incarnation, to build on what is stable.</summary>
    public bool MayCoordinate { get; private set; }

    /// <summary>True where the next stable cut needs no promise of it: it has promised already, or it will never make anything.</summary>
    public bool HasPromised => MayCoordinate || _hasLeft;

    /// <summary>
    /// True where it has made something that is no longer here. It makes nothing more then. A type may keep values by origin (a counter's
    /// sums), and these go on from what the origin made before. Another state with another id takes its place.
    /// </summary>
    public bool IsSpent { get; private set; }

    /// <summary>
    /// Takes over from the spent state. Deadlines that have passed there have passed here, and its promises about operation ids hold.
    /// </summary>
    public void Continue(FallbackState before)
    {
        Clock.Continue(before.Clock);
        _namesPassedMs = before._namesPassedMs;
    }

    /// <summary>
    /// Promises that every event made from now on builds on what is about to be stable. Once it was told to leave it makes no more events,
    /// because its id may be retired.
    /// </summary>
    public void Promise(StabilityPollMessage poll)
    {
        _hasLeft |= poll.IsLeaving;
        if (_hasLeft || IsSpent) MayCoordinate = false;
        else MayCoordinate |= poll.MayCoordinate;
        _namesPassedMs = Math.Max(_namesPassedMs, poll.NamesPassedMs);

        // It has passed for every owner. They delete keys whose lives were over by then, and these must be over here too (hard case 9).
        Clock.Hear(poll.NamesPassedMs);
        TakeStable(poll.Stable);
    }

    /// <summary>Takes what another fallback node has promised to build on. Every owner has that on disk.</summary>
    public void TakeStable(VersionVector stable)
    {
        _stable.Merge(stable);
        _clock.Merge(stable);
        _mayCatchUp = true;
    }

    /// <summary>
    /// Applies what another fallback node has made, where its dependencies are here. The hint log holds it already. Where they are not
    /// here, <see cref="CatchUp"/> looks for them.
    /// </summary>
    public void Take(ReplicaEvent made)
    {
        if (MayCoordinate && IsApplicable(made))
        {
            Apply(made);
            return;
        }

        _missed.Merge(made.Clock);
        _mayCatchUp = true;
    }

    /// <summary>
    /// Applies what other fallback nodes have made and what that builds on, as far as the hint log holds it. The other node may have
    /// fetched what it builds on, which owners have made. This node got that to hold for owners, and has not applied it.
    /// </summary>
    public void CatchUp()
    {
        if (!MayCoordinate || !_mayCatchUp) return;
        _mayCatchUp = false;
        if (_clock.Covers(_missed)) return;
        foreach (var encoded in hints.Missing(_clock))
        {
            var one = ReplicaEvent.Decode(encoded);
            if (_missed.Contains(one.Last) && IsApplicable(one)) Apply(one);
        }
    }

    /// <summary>
    /// Applies and holds events fetched from another fallback node, where their dependencies are here and there is room for them.
    /// </summary>
    /// <returns>True where at least one was applied.</returns>
    public bool Take(IReadOnlyList<byte[]> fetched)
    {
        var isProgress = false;
        foreach (var encoded in fetched)
        {
            var one = ReplicaEvent.Decode(encoded);
            if (!IsApplicable(one) || !hints.TryHold(one)) continue;
            Apply(one);
            isProgress = true;
        }

        return isProgress;
    }

    /// <summary>Begins again from an empty state. All that was made here is on the owners' disks.</summary>
    public void Clear()
    {
        if (_log.Count == 0) return;
        if (_hasMade) (IsSpent, MayCoordinate) = (true, false);
        Keys = new Keyspace();
        _log = new EventLog(settings.StandInMaxBytes);
        _applied = new VersionVector();
    }

    /// <inheritdoc/>
    public Refusal? WhyNot(ClientRequest request)
    {
        if (!MayCoordinate) return Refuse("this stand-in has not heard from them since it started what is stable");
        if (!request.Sloppy || request is ReadRequest { Scan: not null } or ReadRequest { MaxStalenessMs: not null })
            return Refuse("a stand-in serves sloppy reads and writes only");
        return request is WriteRequest && !takesWrites() ? Refuse("this stand-in's journal takes no writes") : null;
    }

    /// <inheritdoc/>
    public bool IsReady(ClientRequest request) => request.Token is not { } token || _applied.Covers(token);

    /// <inheritdoc/>
    public Refusal? WhyHopeless(ClientRequest request) => new Refusal(
        Outcome.SessionUnavailable,
        $"{NoOwner}, and the stand-in has not seen what the session has ({request.Token}); a call in a session of its own may go on");

    /// <inheritdoc/>
    public void AskForWhatIsMissing(ClientRequest request)
    {
        // No node within reach has it.
    }

    /// <inheritdoc/>
    public bool IsBetterElsewhere(ClientRequest request, long waitedMs) => true;

    /// <inheritdoc/>
    public Refusal WhyNotReady(ClientRequest request) => WhyHopeless(request)!.Value;

    /// <inheritdoc/>
    public Refusal? WhyNotWrite() => null;

    /// <inheritdoc/>
    public UpdateContext NewContext(OperationId operation) =>
        new(id, _clock, HybridTimestamp.Next(_lastTimestamp, Clock.UnixMs), operation);

    /// <inheritdoc/>
    public Refusal? TryMake(ReplicaEvent made, Durability durability)
    {
        if (!hints.TryHold(made))
            return new Refusal(Outcome.Overloaded, $"{NoOwner}, and this stand-in holds all it may: {settings.StandInMaxBytes} bytes");
        Apply(made);
        _hasMade = true;
        return null;
    }

    /// <inheritdoc/>
    public VersionVector ClockFor(ReplicaEvent made)
    {
        var clock = new VersionVector();
        clock.Advance(made.Origin, made.Last.Sequence);
        return clock;
    }

    private static Refusal? Refuse(string reason) => new Refusal(Outcome.NotServing, $"{NoOwner}, and {reason}");

    private bool IsApplicable(ReplicaEvent one) => !one.LeavesOut && !_clock.Contains(one.Last) && one.IsApplicableAt(_clock);

    private void Apply(ReplicaEvent made)
    {
        foreach (var change in made.Changes) Keys.Join(change, made, made.Clock, _clock);
        _clock.Advance(made.Origin, made.Last.Sequence);
        _applied.Advance(made.Origin, made.Last.Sequence);
        if (made.Timestamp.CompareTo(_lastTimestamp) > 0) _lastTimestamp = made.Timestamp;
        _log.Append(made);
    }
}
