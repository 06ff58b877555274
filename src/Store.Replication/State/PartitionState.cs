using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Time;

namespace Gossipdb.Replication.State;

/// <summary>
/// What one node holds of one partition: the keys, the applied clock, the durable clock, the event log, and what was decided to be stable.
/// This is the only place that applies an event. Everybody else looks at it through read-only views.
/// <para>Events are applied in causal order, so the state is a pure function of its clock (rule 1). So every question of who knows what is
/// a comparison of clocks.</para>
/// </summary>
/// <param name="id">The incarnation that makes events here.</param>
/// <param name="eventLogMaxBytes">The most bytes of events kept for peers that fetch.</param>
/// <param name="clock">The time.</param>
/// <param name="journal">Takes a record of whatever changes the state.</param>
/// <param name="listener">Is told of changes.</param>
internal sealed class PartitionState(ReplicaId id, long eventLogMaxBytes, ReplicaClock clock, IJournal journal, IStateListener listener)
{
    private readonly VersionVector _applied = new();
    private readonly VersionVector _stableCutNeeds = new();
    private readonly EventLog _log = new(eventLogMaxBytes);
    private readonly JournalProgress _progress = new();
    private readonly ByteWriter _scratch = new();
    private UpdateContext? _context;
    private HybridTimestamp _lastTimestamp;

    /// <summary>The incarnation that makes events here.</summary>
    public ReplicaId Id => id;

    /// <summary>Everything applied.</summary>
    public ClockView Applied => _applied;

    /// <summary>Everything the journal is known to hold.</summary>
    public ClockView Durable => _progress.Durable;

    /// <summary>The greatest timestamp of a change in the partition.</summary>
    public HybridTimestamp LastTimestamp => _lastTimestamp;

    /// <summary>What a replica must have applied before it may collect at this one's stable cut.</summary>
    public ClockView StableCutNeeds => _stableCutNeeds;

    /// <summary>The keys. Only this class changes them.</summary>
    public Keyspace Keys { get; } = new();

    /// <summary>The applied events, for peers that fetch. Only this class appends to it.</summary>
    public EventLog Log => _log;

    /// <summary>The nodes that may hold or make events beside the owners.</summary>
    public FallbackMembership FallbackMembership { get; private set; } = FallbackMembership.Empty;

    /// <summary>What is left of a damaged journal and cannot be applied yet.</summary>
    public SalvagedEvents Salvaged { get; } = new(eventLogMaxBytes);

    /// <summary>The time.</summary>
    public ReplicaClock Clock => clock;

    /// <summary>The ended incarnations whose rights in bounded counters are this one's to use. Asked whenever an event is made.</summary>
    public IInheritedRights InheritedRights { get; set; } = IInheritedRights.None;

    /// <summary>True where everything that was appended to the journal is durable.</summary>
    public bool IsAllDurable => _progress.WaitingCount == 0;

    /// <summary>The continuations of journal records that are not durable yet.</summary>
    public IEnumerable<JournalContinuation> Pending => _progress.Pending;

    /// <summary>Sets the members that a partition begins with. They are part of the state before the first event.</summary>
    public void Found(FallbackMembership founding) => FallbackMembership = founding;

    /// <summary>
    /// What a mutator needs to know of the next event that is made here. It is lent, and holds until it is asked for again.
    /// </summary>
    public UpdateContext NewContext(OperationId operation)
    {
        _context ??= new UpdateContext(id, _applied, default, default);
        _context.Restart(HybridTimestamp.Next(_lastTimestamp, clock.UnixMs), operation, InheritedRights.Ids);
        return _context;
    }

    /// <summary>Names and encodes an event from changes that were just computed against a context. The event is not applied yet.</summary>
    public ReplicaEvent NewEvent(IReadOnlyList<KeyChange> changes, UpdateContext context, StableCutDecision? decision = null) =>
        ReplicaEvent.Create(context, changes, _scratch, decision, Keys.Retired);

    /// <summary>True where everything that a token names is here: it is applied, or it belongs to a retired id.</summary>
    public bool Covers(ClockView token)
    {
        if (_applied.Covers(token)) return true;
        if (Keys.StableCut.Retired.Count == 0) return false;
        foreach (var entry in token.Entries)
            if (entry.Sequence > LastKnownOf(entry.Replica)) return false;
        return true;
    }

    /// <summary>
    /// What a token names and nobody will ever have again (hard case 15): changes of an ended incarnation, above its last one. Somebody saw
    /// them before they were durable anywhere, and they died with their origin. Null where there are none.
    /// </summary>
    public VersionVector? LostDotsOf(ClockView token)
    {
        VersionVector? lost = null;
        foreach (var entry in token.Entries)
        {
            if (!Keys.StableCut.HasRetired(entry.Replica) || entry.Sequence <= LastKnownOf(entry.Replica)) continue;
            (lost ??= new VersionVector()).Advance(entry.Replica, entry.Sequence);
        }

        return lost;
    }

    /// <summary>Applies an event whose dependencies are applied, and appends it to the journal.</summary>
    /// <param name="applicable">The event.</param>
    /// <param name="isAwaited">Whether somebody waits for it to be durable.</param>
    public void Apply(ReplicaEvent applicable, bool isAwaited)
    {
        Join(applicable);
        journal.Append(applicable, _progress.Append(applicable.Last), isAwaited);
    }

    /// <summary>Appends a record that changes nothing here.</summary>
    /// <param name="record">The record, its kind in front.</param>
    /// <param name="isAwaited">Whether somebody waits for it to be durable.</param>
    /// <param name="then">What to do once the record is durable.</param>
    public void Append(byte[] record, bool isAwaited, JournalContinuation? then = null) =>
        journal.AppendRecord(record, _progress.Append(null, then), isAwaited);

    /// <summary>
    /// Joins an image, or replaces what is here by it. Appends the record that ends the image: once that is durable, the journal covers the
    /// image.
    /// </summary>
    public void Join(IReadOnlyDictionary<Bytes, KeyEntry> entries, ImageHead head, byte[] record)
    {
        Join(entries, head);
        journal.AppendRecord(record, _progress.Append(_applied.Copy(), null), awaited: true);
    }

    /// <summary>Describes an image of the state as it is now.</summary>
    /// <param name="since">What the image builds on. Empty where it is to hold every key.</param>
    public ImageHead Head(VersionVector since) =>
        new(_applied.Copy(), Keys.StableCut, _stableCutNeeds.Copy(), FallbackMembership, _lastTimestamp, since);

    /// <summary>Joins another membership into the fallback membership.</summary>
    public void Follow(FallbackMembership membership)
    {
        FallbackMembership = FallbackMembership.Union(membership);
        listener.FallbackMembershipChanged(FallbackMembership);
    }

    /// <summary>
    /// Notes that everything up to <paramref name="position"/> is durable. Returns what is to be done next, or null. See
    /// <see cref="JournalProgress.MarkDurable"/>.
    /// </summary>
    public JournalContinuation? Persisted(long position) => _progress.MarkDurable(position);

    /// <summary>The journal takes nothing more in this incarnation.</summary>
    public void EndJournal() => _progress.End();

    /// <summary>Takes back an event from the journal.</summary>
    public void Recover(ReplicaEvent applicable)
    {
        Join(applicable);
        _progress.MarkDurable(_progress.Append(applicable.Last));
    }

    /// <summary>Takes back the end of an image from the journal. The arguments are null where it says nothing new.</summary>
    public void Recover(IReadOnlyDictionary<Bytes, KeyEntry>? entries, ImageHead? head)
    {
        if (head is not null) Join(entries!, head);
        _progress.MarkDurable(_progress.Append(_applied.Copy(), null));
    }

    /// <summary>
    /// Takes what is intact of a damaged image for the whole of it: an operator accepts the loss. The journal holds it as it is.
    /// </summary>
    public void RecoverTorn(IReadOnlyDictionary<Bytes, KeyEntry> entries, ImageHead head)
    {
        Join(entries, head);
        _progress.MarkHeldElsewhere(head.Clock);
    }

    /// <summary>Notes a record of the journal that changes nothing here.</summary>
    public void RecoverOther() => _progress.MarkDurable(_progress.Append(null, null));

    private void Join(ReplicaEvent applicable)
    {
        // Whatever has not seen all of the stable cut was applied before it (StableCutDecision.Needs). So this event has seen every change
        // of the ids that have retired here.
        var seen = Keys.Retired.AddTo(applicable.Clock);
        foreach (var change in applicable.Changes) Keys.Join(change, applicable, seen, _applied);
        _applied.Advance(applicable.Origin, applicable.Last.Sequence);
        if (applicable.StableCut is { } decided)
        {
            Keys.Collect(decided.StableCut);
            _stableCutNeeds.Merge(decided.Needs);
            Follow(decided.FallbackMembership);
        }

        if (applicable.Timestamp.CompareTo(_lastTimestamp) > 0) _lastTimestamp = applicable.Timestamp;
        listener.EventApplied(applicable);
        _log.Append(applicable);
    }

    private void Join(IReadOnlyDictionary<Bytes, KeyEntry> entries, ImageHead head)
    {
        if (head.IsWhole)
        {
            Keys.Replace(entries, head.StableCut);
        }
        else
        {
            Keys.Collect(head.StableCut);
            Keys.Join(entries, _applied, head.Clock);
        }

        _applied.Merge(head.Clock);
        _stableCutNeeds.Merge(head.StableCutNeeds);
        Follow(head.FallbackMembership);
        if (head.LastTimestamp.CompareTo(_lastTimestamp) > 0) _lastTimestamp = head.LastTimestamp;
        _log.StartAt(_applied);
        listener.ImageJoined(entries, head.IsWhole);
    }

    private long LastKnownOf(ReplicaId replica) =>
        Keys.StableCut.HasRetired(replica) ? Math.Max(_applied[replica], Keys.StableCut.Clock[replica]) : _applied[replica];
}
