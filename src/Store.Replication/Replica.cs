using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Images;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Watch;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication;

/// <summary>
/// One node's copy of one partition: a deterministic state machine with one writer. Its inputs are client requests, peers' messages, the
/// journal's progress, reachability and time. What it wants done leaves through <see cref="IReplicaEffects"/>. Call <see cref="Flush"/>
/// after each batch of inputs.
/// <para>This class only routes. Every rule lies in the component to which it hands an input.</para>
/// </summary>
public sealed class Replica
{
    private readonly ReplicaParts _parts;

    // Steady time, which never goes back.
    private long _nowMs;

    /// <summary>A replica that holds nothing yet.</summary>
    /// <param name="id">The id of this incarnation, never used before.</param>
    /// <param name="self">The node it runs on. It may hold a slot or not.</param>
    /// <param name="table">The holders of the partition's slots, as far as is known.</param>
    /// <param name="layout">The nodes that should hold them.</param>
    /// <param name="settings">Limits and intervals.</param>
    /// <param name="host">The host.</param>
    /// <param name="budget">What the node may send for repair; null where that is not limited.</param>
    /// <param name="fallbacks">The designated fallback nodes, the first to ask in front; null where there are none.</param>
    /// <param name="lost">The nodes that are lost for good; null where there are none.</param>
    internal Replica(
        ReplicaId id, NodeId self, IReadOnlyList<SlotHolder> table, IReadOnlyList<NodeId> layout, ReplicaSettings settings,
        IReplicaEffects host, IRepairBudget? budget = null, IReadOnlyList<NodeId>? fallbacks = null, IReadOnlyList<LostNode>? lost = null)
    {
        _parts = new ReplicaParts(id, self, table, layout, settings, host, budget ?? UnlimitedRepair.Instance, fallbacks ?? []);
        _parts.Table.SetLost(lost);
    }

    /// <summary>This incarnation.</summary>
    public ReplicaId Id => _parts.State.Id;

    /// <summary>Everything applied.</summary>
    public ClockView Applied => _parts.State.Applied;

    /// <summary>Everything the journal is known to hold.</summary>
    public ClockView Durable => _parts.State.Durable;

    /// <summary>The state, for inspection and digests.</summary>
    public Keyspace Keys => _parts.State.Keys;

    /// <summary>What is known of the other owners.</summary>
    public PeerKnowledge Peers => _parts.Peers;

    /// <summary>How far the replica is. It coordinates and answers only while it is serving.</summary>
    public ServingState ServingState => _parts.Gate.State;

    /// <summary>Why it does not serve, in words for people; null while it does.</summary>
    public string? NotServingBecause => _parts.Gate.Reason;

    /// <summary>How many client requests wait for an answer.</summary>
    public int Waiting => _parts.Coordinator.Waiting;

    /// <summary>How many watches there are.</summary>
    public int Watching => _parts.Watches.Count;

    /// <summary>False where other moves of this node come first.</summary>
    public bool MayMove
    {
        get => _parts.Slots.MayMove;
        set => _parts.Slots.MayMove = value;
    }

    /// <summary>The replica's condition, for status and for checks.</summary>
    public ReplicaInspection Inspection => new(_parts);

    /// <summary>What is done about a damaged journal.</summary>
    internal Recovery.JournalMending Mending => _parts.Mending;

    /// <summary>Takes back a record from the journal, in the order of appending, before any other input.</summary>
    /// <exception cref="CorruptDataException">The bytes are not a record.</exception>
    internal void Recover(byte[] record) => _parts.Recovery.Take(record);

    /// <summary>The journal has been read to its end. The replica finds out whether it is up to date, and then serves.</summary>
    internal void RecoveryEnded(long nowMs)
    {
        Advance(ref nowMs);
        _parts.Recovery.End();
        _parts.Previous.Begin();
        _parts.Gate.RecoveryEnded(nowMs);
        _parts.Gate.ServeWherePossible(nowMs);
    }

    /// <summary>Everything up to <paramref name="position"/> of the appended records is durable.</summary>
    internal void Persisted(long position)
    {
        while (_parts.State.Persisted(position) is { } continuation) _parts.Slots.Continue(continuation);
        _parts.Replicator.SendOwedAcks();
        _parts.Coordinator.AnswerMet();
    }

    /// <summary>Takes up a new version of the layout. A slot that another node holds stays there until it has been handed over.</summary>
    /// <param name="owners">The nodes that should hold the slots.</param>
    /// <param name="fallbacks">The designated fallback nodes; null where there are none.</param>
    /// <param name="lost">The nodes that are lost for good; null where there are none. One that was ever named stays lost.</param>
    internal void SetLayout(IReadOnlyList<NodeId> owners, IReadOnlyList<NodeId>? fallbacks = null, IReadOnlyList<LostNode>? lost = null)
    {
        if (owners.Count != Peers.Slots.Length)
            throw new ArgumentException($"the layout has {owners.Count} slots a partition, not {Peers.Slots.Length}");
        _parts.Table.Layout = owners;
        _parts.Table.SetLost(lost);
        _parts.Fallbacks.Designate(fallbacks ?? [], _parts.State.FallbackMembership, Peers);
    }

    /// <summary>A node was heard again, or has not been heard for too long.</summary>
    internal void SetReachable(NodeId node, bool reachable) => _parts.SetReachable(node, reachable);

    /// <summary>
    /// A node's journal takes writes again, or takes none any more. This node's own takes none for as long as the process lives.
    /// </summary>
    internal void SetTakesWrites(NodeId node, bool takesWrites)
    {
        if (node == Peers.Self && !takesWrites) _parts.State.EndJournal();
        if (Peers.SetTakesWrites(node, takesWrites) && _parts.Fallbacks.Find(node) is { } fallback) fallback.TakesWrites = takesWrites;
    }

    /// <summary>Executes a client's request, or refuses it before anything is applied.</summary>
    internal void Handle(ClientRequest request, long nowMs)
    {
        Advance(ref nowMs);
        _parts.Coordinator.Handle(request, nowMs);
    }

    /// <summary>Takes a message of the same partition's replica on another node, or of a fallback node.</summary>
    internal void Handle(NodeId from, PeerMessage message, long nowMs)
    {
        Advance(ref nowMs);
        _parts.Inbox.Take(from, message, nowMs);
    }

    /// <summary>Lets time pass. Call it every few tens of milliseconds with a fresh random number.</summary>
    internal void Tick(long nowMs, uint random)
    {
        Advance(ref nowMs);
        if (!Peers.Lost.IsSelfLost)
        {
            _parts.Fetcher.SendOwed(nowMs);
            _parts.Exchange.Gossip(nowMs, random);
            _parts.Lag.Tick(nowMs);
            _parts.Fetcher.Tick(nowMs, mayFetch: !_parts.Receiver.IsRunning && _parts.Gate.HasState);
            _parts.Slots.Tick(nowMs);
            _parts.Images.Tick(nowMs);
            _parts.Audit.Tick(nowMs);
            if (ServingState == ServingState.Serving && _parts.Audit.IsOutvoted(out var slot))
                _parts.Gate.LoseMemory(Peers.Slots[slot].Node);
            _parts.Images.TakeWhereNeeded(nowMs);
            _parts.Exchange.StartDue(nowMs);
            _parts.Gate.ServeWherePossible(nowMs);
            _parts.Watches.Tick(nowMs);
            if (ServingState == ServingState.Serving)
            {
                _parts.StableCut.DeleteExpired();
                _parts.StableCut.Tick(nowMs);
                _parts.Rights.Tick(nowMs);
                _parts.Mending.Tick();
            }

            _parts.Hints.Send(nowMs);
        }

        _parts.Coordinator.Tick(nowMs);
    }

    /// <summary>
    /// Ends a batch of inputs. Executes the requests that have what they waited for, and sends the events made since the last call.
    /// </summary>
    internal void Flush(long nowMs)
    {
        Advance(ref nowMs);
        _parts.Coordinator.AnswerCaughtUp();
        _parts.Watches.Flush(nowMs);
        _parts.Rights.Flush();
        _parts.Coordinator.Flush(nowMs);
        _parts.Hints.Send(nowMs);
        _parts.Replicator.SendMade();
    }

    /// <summary>
    /// Begins a snapshot: an image of the whole state in the journal, a slice at every tick. Once the image's end is durable, what the
    /// journal holds from before can go.
    /// <para>The replica need not be serving. An image says the same as the records before it, and whether the replica ever served is said
    /// again. So a replica that waits for a peer does not keep the node's whole journal.</para>
    /// </summary>
    /// <returns>Why that cannot be now, in words for people; null where it has begun or is under way.</returns>
    internal string? BeginSnapshot() => _parts.Images.BeginSnapshot();

    /// <summary>Backups of the state.</summary>
    public BackupSources Backups => _parts.Backups;

    /// <summary>
    /// Gives all rights in bounded counters that this replica holds to another owner, before its process stops. Otherwise they would wait
    /// for an id that has ended.
    /// </summary>
    /// <returns>
    /// The event that does so, for <see cref="IsKnownElsewhere"/>; null where there is nothing to give, or nobody to take it.
    /// </returns>
    internal Dot? HandOverRights(long nowMs)
    {
        Advance(ref nowMs);
        return _parts.Rights.HandOverAll();
    }

    /// <summary>True where another owner has applied an event.</summary>
    public bool IsKnownElsewhere(Dot dot) => Peers.IsAppliedElsewhere(dot);

    /// <summary>
    /// Begins a watch, at once or when this replica covers the watcher's token. Call <see cref="TryTake"/> until there is no more to tell,
    /// and whenever the watcher is woken.
    /// </summary>
    internal void Watch(Watcher watcher, long nowMs)
    {
        Advance(ref nowMs);
        _parts.Watches.Begin(watcher, nowMs);
    }

    /// <summary>Ends a watch.</summary>
    public void Unwatch(Watcher watcher) => _parts.Watches.End(watcher);

    /// <summary>Takes at most <paramref name="most"/> changed keys for a watcher, with what they hold now.</summary>
    /// <returns>False where there is nothing to tell. The watcher is woken when there is.</returns>
    public bool TryTake(Watcher watcher, int most, long nowMs, WatchedChanges into)
    {
        Advance(ref nowMs);
        return _parts.Watches.TryTake(watcher, most, into);
    }

    /// <summary>Ends all watches. They can go on at another replica.</summary>
    internal void EndWatches(string reason) => _parts.Watches.EndAll(reason);

    private void Advance(ref long nowMs)
    {
        _nowMs = nowMs = Math.Max(nowMs, _nowMs);
        _parts.State.Clock.Read();
    }
}
