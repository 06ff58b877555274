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
/// One node's part of one partition, from the start of the process to its end: opens a <see cref="Replica"/>, recovers it from the
/// journal, drops it and opens the next one; gathers what goes to the journal, and tells
/// what the journal confirms to the life that asked. A deterministic state machine with one writer, run by the node and by the simulator
/// alike.
/// <para>Nothing is decided before the journal's end (<see cref="HostState.Reading"/>): a replica opened as new meanwhile would not know
/// what the journal is about to bring. A life that was dropped takes no more messages
/// and appends nothing: its last record is the one that says it was dropped, so that in the journal one life follows the other.</para>
/// </summary>
public sealed class PartitionHost
{
    private static readonly VersionVector Nothing = new();
    private readonly NodeId _self;
    private readonly ReplicaSettings _settings;
    private readonly IHostShell _shell;
    private readonly IRepairBudget? _budget;
    private readonly JournalBatching _batch = new();
    private PartitionLayout _layout;
    private Life? _life;

    // What one replica wants done. One that was dropped has nothing to say any more: were it to append, the journal would hold something
    // behind its end.
    private sealed class Life(PartitionHost host, ReplicaId id) : IReplicaEffects
    {
        public ReplicaId Id => id;

        public Replica Replica { get; set; } = null!;

        public long SteadyMs => host._shell.SteadyMs;

        public ClusterTime Time => host._shell.Time;

        public void Append(ReplicaEvent applied, long position, bool awaited) => AppendRecord(applied.Encoded, position, awaited);

        public void AppendRecord(byte[] record, long position, bool awaited)
        {
            if (host.State != HostState.Open || host._life != this)
            {
                throw new InvalidOperationException(
                    $"replica {id} appends a {(JournalRecordKind)record[0]} record while its host is {host.State}");
            }
            host._batch.Add(record, position, awaited);
        }

        public void Send(NodeId to, PeerMessage message) => host._shell.Send(to, message);

        public void Failed(string what, Exception unforeseen) => host._shell.Failed(what, unforeseen);

        public void Reply(WriteRequest request, in WriteResult result) => host._shell.Reply(request, result);

        public void Reply(ReadRequest request, in ReadResult result) => host._shell.Reply(request, result);
    }

    /// <summary>A host whose node's journal has yet to be read.</summary>
    /// <param name="self">The node.</param>
    /// <param name="layout">What the layout says that the process starts with.</param>
    /// <param name="settings">Limits and intervals.</param>
    /// <param name="shell">The node.</param>
    /// <param name="budget">What the node may send for repair; null where that is not limited.</param>
    public PartitionHost(NodeId self, PartitionLayout layout, ReplicaSettings settings, IHostShell shell, IRepairBudget? budget = null) =>
        (_self, _layout, _settings, _shell, _budget) = (self, layout, settings, shell, budget);

    /// <summary>What the node has of the partition.</summary>
    public HostState State { get; private set; }

    /// <summary>The replica, for looking at: what is to change it goes through the host. Null where there is none.</summary>
    public Replica? Replica => _life?.Replica;

    /// <summary>True where the node has a part in the partition, or is just giving it up: clients' calls may come here.</summary>
    public bool HasPart => State is HostState.Open or HostState.Dropping;

    /// <summary>
    /// True where the node has a part in the partition already as it starts: its journal, as far as it was read, holds something that was
    /// not dropped later, or its first layout gives it a slot.
    /// </summary>
    public bool IsKept => State == HostState.Reading && (_life is not null || _layout.Owns(_self));

    /// <summary>The bytes that wait for <see cref="Flush"/> to append them.</summary>
    public int PendingBytes => _batch.Bytes;

    /// <summary>The simulator's.</summary>
    internal HostTap Tap { get; init; } = HostTap.None;

    /// <summary>Takes back a record from the journal, in the order they were appended.</summary>
    /// <exception cref="CorruptDataException">The bytes are not a record of a replica.</exception>
    /// <exception cref="InvalidOperationException">The journal has been read to its end.</exception>
    public void Recover(byte[] record)
    {
        if (State != HostState.Reading)
            throw new InvalidOperationException($"a record of the journal comes while the host is {State}: it would be lost");
        if (record.Length > 0 && record[0] == (byte)JournalRecordKind.Dropped)
        {
            // What is dropped was not the cluster's founding any more.
            _life = null;
            _layout = _layout with { IsFirst = false };
            return;
        }

        _life ??= NewLife();
        _life.Replica.Recover(record);
    }

    /// <summary>The journal has been read to its end: from here on the node has a part in the partition, or has none.</summary>
    /// <param name="newest">What the newest layout says that was heard while the journal was read.</param>
    /// <param name="nowMs">Now.</param>
    /// <exception cref="CorruptDataException">The journal has a hole.</exception>
    public void RecoveryEnded(PartitionLayout newest, long nowMs)
    {
        if (State != HostState.Reading) throw new InvalidOperationException($"the journal ends while the host is {State}");
        var isKept = IsKept;
        State = HostState.Closed;
        if (isKept) Open(nowMs);
        SetLayout(newest, nowMs);
    }

    /// <summary>
    /// The layout says this from now on. While the journal is read it waits for <see cref="RecoveryEnded"/>, which is given the newest
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
                _life!.Replica.SetLayout(layout.Owners, layout.StandIns, layout.Lost);
                return;
            case HostState.Closed:
                _layout = layout;
                if (layout.Owns(_self)) Open(nowMs);
                return;
            case HostState.Dropping:
                // Looked at once the replica is gone.
                _layout = layout;
                return;
        }
    }

    /// <summary>Executes a client's request, or refuses it. Another owner may take what is refused here.</summary>
    public void Handle(ClientRequest request, long nowMs)
    {
        if (State == HostState.Open) _life!.Replica.Handle(request, nowMs);
        else if (request is ReadRequest read)
            _shell.Reply(read, new ReadResult(Outcome.NotServing, null, 0, 0, Nothing, NotServingBecause));
        else _shell.Reply((WriteRequest)request, new WriteResult(Outcome.NotServing, 0, 0, Nothing, NotServingBecause));
    }

    /// <summary>
    /// Takes a message of the same partition on another node. Where there is no replica it is ignored, because peers repeat themselves;
    /// but a slot that was sealed for this node gives it a part.
    /// </summary>
    public void Handle(NodeId from, PeerMessage message, long nowMs)
    {
        if (State == HostState.Closed && message is SlotsMessage slots && slots.IsSealedFor(_self)) Open(nowMs);
        if (State == HostState.Open) _life!.Replica.Handle(from, message, nowMs);
    }

    /// <summary>Begins a watch, or ends it at once where there is nothing to watch.</summary>
    public void Watch(Watcher watcher, long nowMs)
    {
        if (State == HostState.Open) _life!.Replica.Watch(watcher, nowMs);
        else watcher.End(Outcome.NotServing, NotServingBecause);
    }

    /// <summary>Ends a watch.</summary>
    public void Unwatch(Watcher watcher) => _life?.Replica.Unwatch(watcher);

    /// <summary>
    /// A node was heard again, or has not been heard for too long. A replica that is opened later looks at <see cref="IHostShell.Near"/>.
    /// </summary>
    public void SetReachable(NodeId node, bool reachable)
    {
        if (State == HostState.Open) _life!.Replica.SetReachable(node, reachable);
    }

    /// <summary>
    /// A node's journal takes writes again, or none any more; this node's own among them. A replica that is opened later looks at
    /// <see cref="IHostShell.Refusing"/>.
    /// </summary>
    public void SetTakesWrites(NodeId node, bool takesWrites)
    {
        if (State == HostState.Open) _life!.Replica.SetTakesWrites(node, takesWrites);
    }

    /// <summary>The journal is long: an image of the state is to be written, so that what lies before can go.</summary>
    /// <returns>Why that cannot be now, in words for people; null where it is done, or under way, or where the journal holds nothing that
    /// is needed.</returns>
    public string? BeginSnapshot() => State == HostState.Open ? _life!.Replica.BeginSnapshot() : null;

    /// <summary>Gives the rights in bounded counters to another owner, before the process stops.</summary>
    /// <returns>The event that does; null where there is nothing to give, or nobody to take it.</returns>
    public Dot? HandOverRights(long nowMs) => State == HostState.Open ? _life!.Replica.HandOverRights(nowMs) : null;

    /// <summary>
    /// The journal holds what a life appended, up to a position. What it confirms to an earlier life is no news to this one.
    /// </summary>
    public void Persisted(ReplicaId life, long position, long nowMs)
    {
        if (_life is null || _life.Id != life) return;
        if (State == HostState.Open) _life.Replica.Persisted(position);
        else if (State == HostState.Dropping && position >= _batch.Position) Close(nowMs);
    }

    /// <summary>Lets time pass. Call it every few tens of milliseconds with a fresh random number.</summary>
    public void Tick(long nowMs, uint random)
    {
        if (State != HostState.Open) return;
        _life!.Replica.Tick(nowMs, random);

        // Who waits for an answer gets one first: at its deadline at the latest.
        if (_life.Replica.Inspection.IsDrained && _life.Replica.Waiting == 0) Drop(nowMs);
    }

    /// <summary>Ends a batch of inputs: what they made leaves.</summary>
    public void Flush(long nowMs)
    {
        if (State == HostState.Open) _life!.Replica.Flush(nowMs);
        Append();
    }

    /// <summary>The process ends.</summary>
    public void EndWatches(string reason) => _life?.Replica.EndWatches(reason);

    private string NotServingBecause => State switch
    {
        HostState.Reading => "this node is still reading its journal",
        HostState.Dropping => "the partition has gone to another node",
        _ => "this node has no part in the partition",
    };

    private Life NewLife()
    {
        _batch.Restart();

        // Whoever founded the cluster holds what the first layout says; else the other nodes have to say who holds what.
        var table = Tap.Table(_layout.IsFirst ? SlotHolder.Founding(_layout.Owners) : SlotHolder.Unknown(_layout.Owners));
        var life = new Life(this, _shell.NextId());
        life.Replica = new Replica(
            life.Id, _self, table, _layout.Owners, _settings, Tap.Between(life), _budget, _layout.StandIns, _layout.Lost);
        return life;
    }

    private void Open(long nowMs)
    {
        _life ??= NewLife();
        State = HostState.Open;
        if (Tap.Rejoins) _life.Replica.RecoveryEnded(nowMs);
        foreach (var node in _shell.Near) _life.Replica.SetReachable(node, true);
        foreach (var node in _shell.Refusing) _life.Replica.SetTakesWrites(node, false);
    }

    // Every holder has on disk what was here: the journal forgets it in its turn.
    private void Drop(long nowMs)
    {
        Flush(nowMs);
        _life!.Replica.EndWatches("the partition has gone to another node");
        State = HostState.Dropping;
        _batch.Add([(byte)JournalRecordKind.Dropped], _batch.Position + 1, isAwaited: true);
        Append();
    }

    private void Close(long nowMs)
    {
        _life = null;
        State = HostState.Closed;
        if (_layout.Owns(_self)) Open(nowMs);
    }

    private void Append()
    {
        if (_life is not null && _batch.Take(_life.Id) is { } batch) _shell.Append(batch);
    }
}
