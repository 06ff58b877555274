using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Time;
using Gossipdb.Replication.Watch;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Hosting;

/// <summary>
/// One node's part of one partition, from the start of the process to its end. It opens a <see cref="Replica"/>, recovers it from the
/// journal, drops it, and opens the next one. It gathers what goes to the journal. What the journal confirms it tells to the incarnation
/// that asked. It is a deterministic state machine with one writer, and the node and the simulator both run it.
/// <para>Nothing is decided before the journal's end (<see cref="HostState.Reading"/>). A replica that was opened as new earlier would not
/// know what the journal is about to bring.</para>
/// <para>An incarnation that was dropped takes no more messages and appends nothing. Its last record says that it was dropped. So in the
/// journal one incarnation follows the other.</para>
/// </summary>
public sealed class PartitionHost
{
    // Carries out one incarnation's effects. A dropped one must not append: the journal would hold something behind its end.
    private sealed class Incarnation(PartitionHost host, ReplicaId id) : IReplicaEffects
    {
        public ReplicaId Id => id;

        public Replica Replica { get; set; } = null!;

        public long SteadyMs => host._shell.SteadyMs;

        public ClusterTime Time => host._shell.Time;

        public void Append(ReplicaEvent applied, long position, bool awaited) => AppendRecord(applied.Encoded, position, awaited);

        public void AppendRecord(byte[] record, long position, bool awaited)
        {
            if (host.State != HostState.Open || host._incarnation != this)
            {
                throw new InvalidOperationException(
                    $"replica {id} appends a {(JournalRecordKind)record[0]} record while its host is {host.State}");
            }
            host._batch.Add(record, position, awaited);
        }

        public void Send(NodeId to, PeerMessage message) => host._shell.Send(to, message);

        public void Failed(string what, Exception unforeseen) => host._shell.Failed(what, unforeseen);

        public void Follow(WriteRequest request, Dot made, bool isRetry) => host._shell.Follow(request, made, isRetry);

        public void Follow(ReadRequest request, ulong question) => host._shell.Follow(request, question);

        public void Reply(WriteRequest request, in WriteResult result) => host._shell.Reply(request, result);

        public void Reply(ReadRequest request, in ReadResult result) => host._shell.Reply(request, result);
    }

    private static readonly VersionVector Nothing = new();
    private readonly NodeId _self;
    private readonly ReplicaSettings _settings;
    private readonly IHostShell _shell;
    private readonly IRepairBudget? _budget;
    private readonly JournalBatching _batch = new();
    private PartitionLayout _layout;
    private Incarnation? _incarnation;

    /// <summary>A host whose node's journal has yet to be read.</summary>
    /// <param name="self">The node.</param>
    /// <param name="layout">What the layout says with which the process starts.</param>
    /// <param name="settings">Limits and intervals.</param>
    /// <param name="shell">The node that it runs in.</param>
    /// <param name="budget">What the node may send for repair; null where that is not limited.</param>
    public PartitionHost(NodeId self, PartitionLayout layout, ReplicaSettings settings, IHostShell shell, IRepairBudget? budget = null) =>
        (_self, _layout, _settings, _shell, _budget) = (self, layout, settings, shell, budget);

    /// <summary>What the node has of the partition.</summary>
    public HostState State { get; private set; }

    /// <summary>The replica, for inspection; null where there is none. Whatever changes the replica goes through the host.</summary>
    public Replica? Replica => _incarnation?.Replica;

    /// <summary>True where the node has a part in the partition or is just giving it up. Clients' calls may come here.</summary>
    public bool HasPart => State is HostState.Open or HostState.Dropping;

    /// <summary>
    /// True where the node has a part in the partition already as it starts. Either the journal, as far as it was read, holds something
    /// that was not dropped later. Or the first layout gives the node a slot.
    /// </summary>
    public bool IsKept => State == HostState.Reading && (_incarnation is not null || _layout.Owns(_self));

    /// <summary>The bytes that wait for <see cref="Flush"/> to append them.</summary>
    public int PendingBytes => _batch.Bytes;

    /// <summary>The simulator's hand in this host.</summary>
    internal HostTap Tap { get; init; } = HostTap.None;

    /// <summary>Takes back a record from the journal, in the order of appending.</summary>
    /// <exception cref="CorruptDataException">The bytes are not a record of a replica.</exception>
    /// <exception cref="InvalidOperationException">The journal has been read to its end.</exception>
    public void Recover(byte[] record)
    {
        if (State != HostState.Reading)
            throw new InvalidOperationException($"a record of the journal comes while the host is {State}: it would be lost");
        if (record.Length > 0 && record[0] == (byte)JournalRecordKind.Dropped)
        {
            // A partition that was dropped is no longer as the founding layout says.
            _incarnation = null;
            _layout = _layout with { IsFirst = false };
            return;
        }

        _incarnation ??= NewIncarnation();
        _incarnation.Replica.Recover(record);
    }

    /// <summary>Here stood a record of the journal that is damaged or missing, or may have stood one.</summary>
    /// <param name="what">What is damaged, in words for people.</param>
    public void RecoverDamage(string what)
    {
        if (State != HostState.Reading) throw new InvalidOperationException($"damage of the journal is told while the host is {State}");
        if (_incarnation is null && !_layout.Owns(_self)) return;
        _incarnation ??= NewIncarnation();
        _incarnation.Replica.Mending.TakeDamage(what);
    }

    /// <inheritdoc cref="Recovery.JournalMending.AcceptLoss"/>
    public string? AcceptLoss(long nowMs) => State == HostState.Open ? _incarnation!.Replica.Mending.AcceptLoss(nowMs) : NotServingBecause;

    /// <inheritdoc cref="Recovery.JournalMending.Rebuild"/>
    public string? Rebuild(long nowMs) => State == HostState.Open ? _incarnation!.Replica.Mending.Rebuild(nowMs) : NotServingBecause;

    /// <summary>The journal has been read to its end. From here on the node has a part in the partition, or has none.</summary>
    /// <param name="newest">The newest layout that was heard while the journal was read.</param>
    /// <param name="nowMs">Now.</param>
    public void RecoveryEnded(PartitionLayout newest, long nowMs)
    {
        if (State != HostState.Reading) throw new InvalidOperationException($"the journal ends while the host is {State}");
        var isKept = IsKept;
        State = HostState.Closed;
        if (isKept) Open(nowMs);
        SetLayout(newest, nowMs);
    }

    /// <summary>
    /// Takes up a new version of the layout. While the journal is read nothing is done: <see cref="RecoveryEnded"/> is given the newest
    /// one.
    /// </summary>
    public void SetLayout(PartitionLayout layout, long nowMs)
    {
        switch (State)
        {
            case HostState.Reading:
                return;
            case HostState.Open:
                _layout = layout;
                _incarnation!.Replica.SetLayout(layout.Owners, layout.StandIns, layout.Lost);
                return;
            case HostState.Closed:
                _layout = layout;
                if (layout.Owns(_self)) Open(nowMs);
                return;
            case HostState.Dropping:
                // It is looked at once the replica is gone.
                _layout = layout;
                return;
        }
    }

    /// <summary>Executes a client's request, or refuses it. Another owner may take what is refused here.</summary>
    public void Handle(ClientRequest request, long nowMs)
    {
        if (State == HostState.Open) _incarnation!.Replica.Handle(request, nowMs);
        else if (request is ReadRequest read)
            _shell.Reply(read, new ReadResult(Outcome.NotServing, null, 0, 0, Nothing, NotServingBecause));
        else _shell.Reply((WriteRequest)request, new WriteResult(Outcome.NotServing, 0, 0, Nothing, NotServingBecause));
    }

    /// <summary>
    /// Takes a message of the same partition on another node. Where there is no replica the message is ignored, because peers repeat
    /// themselves. But a slot that was sealed for this node gives the node a part. So does one that it holds, or has sealed, and has
    /// forgotten with its disk: nobody else can hand that one over. Where the slot has gone meanwhile, the holders of the other slots
    /// know, and the part ends again.
    /// </summary>
    public void Handle(NodeId from, PeerMessage message, long nowMs)
    {
        if (State == HostState.Closed && message is SlotsMessage slots && slots.GivesPartTo(_self)) Open(nowMs);
        if (State == HostState.Open) _incarnation!.Replica.Handle(from, message, nowMs);
    }

    /// <summary>Begins a watch, or ends it at once where there is nothing to watch.</summary>
    public void Watch(Watcher watcher, long nowMs)
    {
        if (State == HostState.Open) _incarnation!.Replica.Watch(watcher, nowMs);
        else watcher.End(Outcome.NotServing, NotServingBecause);
    }

    /// <summary>Ends a watch.</summary>
    public void Unwatch(Watcher watcher) => _incarnation?.Replica.Unwatch(watcher);

    /// <summary>
    /// A node was heard again, or has not been heard for too long. A replica that is opened later looks at <see cref="IHostShell.Near"/>.
    /// </summary>
    public void SetReachable(NodeId node, bool reachable)
    {
        if (State == HostState.Open) _incarnation!.Replica.SetReachable(node, reachable);
    }

    /// <summary>
    /// A node's journal takes writes again, or takes none any more. The node may be this one. A replica that is opened later looks at
    /// <see cref="IHostShell.Refusing"/>.
    /// </summary>
    public void SetTakesWrites(NodeId node, bool takesWrites)
    {
        if (State == HostState.Open) _incarnation!.Replica.SetTakesWrites(node, takesWrites);
    }

    /// <summary>Begins an image of the state in the journal, because the journal is long. What lies before the image can go.</summary>
    /// <returns>
    /// Why that cannot be now, in words for people. Null where it is done or under way, or where the journal holds nothing that is needed.
    /// </returns>
    public string? BeginSnapshot() => State == HostState.Open ? _incarnation!.Replica.BeginSnapshot() : null;

    /// <summary>Gives the rights in bounded counters to another owner, before the process stops.</summary>
    /// <returns>The event that does so; null where there is nothing to give, or nobody to take it.</returns>
    public Dot? HandOverRights(long nowMs) => State == HostState.Open ? _incarnation!.Replica.HandOverRights(nowMs) : null;

    /// <summary>
    /// Takes the journal's confirmation: it holds what an incarnation appended, up to a position. What it confirms to an earlier
    /// incarnation is no news to the present one.
    /// </summary>
    public void Persisted(ReplicaId incarnation, long position, long nowMs)
    {
        if (_incarnation is null || _incarnation.Id != incarnation) return;
        if (State == HostState.Open) _incarnation.Replica.Persisted(position);
        else if (State == HostState.Dropping && position >= _batch.Position) Close(nowMs);
    }

    /// <summary>Lets time pass. Call it every few tens of milliseconds with a fresh random number.</summary>
    public void Tick(long nowMs, uint random)
    {
        if (State != HostState.Open) return;
        _incarnation!.Replica.Tick(nowMs, random);

        // Whoever waits for an answer gets one first, at its deadline at the latest.
        if (_incarnation.Replica.Inspection.IsDrained && _incarnation.Replica.Waiting == 0) Drop(nowMs);
    }

    /// <summary>Ends a batch of inputs: sends and appends what they made.</summary>
    public void Flush(long nowMs)
    {
        if (State == HostState.Open) _incarnation!.Replica.Flush(nowMs);
        Append();
    }

    /// <summary>The process ends: ends all watches.</summary>
    public void EndWatches(string reason) => _incarnation?.Replica.EndWatches(reason);

    private string NotServingBecause => State switch
    {
        HostState.Reading => "this node is still reading its journal",
        HostState.Dropping => "the partition has gone to another node",
        _ => "this node has no part in the partition",
    };

    private Incarnation NewIncarnation()
    {
        _batch.Restart();

        // In a cluster that was just founded, the owners hold the slots as the first layout says. Otherwise the other nodes have to say who
        // holds them.
        var table = Tap.Table(_layout.IsFirst ? SlotHolder.Founding(_layout.Owners) : SlotHolder.Unknown(_layout.Owners));
        var incarnation = new Incarnation(this, _shell.NextId());
        incarnation.Replica = new Replica(
            incarnation.Id, _self, table, _layout.Owners, _settings, Tap.Between(incarnation), _budget, _layout.StandIns, _layout.Lost);
        return incarnation;
    }

    private void Open(long nowMs)
    {
        _incarnation ??= NewIncarnation();
        State = HostState.Open;
        if (Tap.Rejoins) _incarnation.Replica.RecoveryEnded(nowMs);
        foreach (var node in _shell.Near) _incarnation.Replica.SetReachable(node, true);
        foreach (var node in _shell.Refusing) _incarnation.Replica.SetTakesWrites(node, false);
    }

    // Every holder has on disk what was here. The journal forgets it in its turn.
    private void Drop(long nowMs)
    {
        Flush(nowMs);
        _incarnation!.Replica.EndWatches("the partition has gone to another node");
        State = HostState.Dropping;
        _batch.Add([(byte)JournalRecordKind.Dropped], _batch.Position + 1, isAwaited: true);
        Append();
    }

    private void Close(long nowMs)
    {
        _incarnation = null;
        State = HostState.Closed;
        if (_layout.Owns(_self)) Open(nowMs);
    }

    private void Append()
    {
        if (_incarnation is not null && _batch.Take(_incarnation.Id) is { } batch) _shell.Append(batch);
    }
}
