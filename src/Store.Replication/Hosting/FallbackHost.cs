using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Time;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Hosting;

/// <summary>
/// One node's <see cref="FallbackReplica"/> for one partition. The replica begins with its first record in the journal, or else when the
/// journal has been read to its end. It lasts as long as the process. The rules are those of <see cref="PartitionHost"/>: before the
/// journal's end nothing but the journal is taken.
/// </summary>
public sealed class FallbackHost : IReplicaEffects
{
    private static readonly VersionVector Nothing = new();
    private readonly NodeId _self;
    private readonly ReplicaSettings _settings;
    private readonly IHostShell _shell;
    private readonly JournalBatching _batch = new();
    private PartitionLayout _layout;
    private ReplicaId _incarnation;

    /// <summary>A host whose node's journal has yet to be read.</summary>
    public FallbackHost(NodeId self, PartitionLayout layout, ReplicaSettings settings, IHostShell shell) =>
        (_self, _layout, _settings, _shell) = (self, layout, settings, shell);

    /// <summary>True until the journal has been read to its end.</summary>
    public bool IsReading { get; private set; } = true;

    /// <summary>The fallback replica, for inspection; null where there is none yet.</summary>
    public FallbackReplica? FallbackReplica { get; private set; }

    /// <summary>The bytes that wait for <see cref="Flush"/> to append them.</summary>
    public int PendingBytes => _batch.Bytes;

    /// <inheritdoc cref="PartitionHost.Recover"/>
    public void Recover(byte[] record)
    {
        if (!IsReading) throw new InvalidOperationException("a record of the journal comes after its end: it would be lost");
        (FallbackReplica ?? Begin()).Recover(record);
    }

    /// <inheritdoc cref="PartitionHost.RecoverDamage"/>
    public void RecoverDamage(string what)
    {
        if (!IsReading) throw new InvalidOperationException("damage of the journal is told after its end");
        (FallbackReplica ?? Begin()).RecoverDamage(what);
    }

    /// <summary>The journal has been read to its end.</summary>
    public void RecoveryEnded(PartitionLayout newest)
    {
        if (!IsReading) throw new InvalidOperationException("the journal ends twice");
        IsReading = false;
        _layout = newest;
        FallbackReplica?.SetLayout(newest.Owners, newest.StandIns ?? []);
        FallbackReplica ??= Begin();
        foreach (var node in _shell.Near) FallbackReplica.SetReachable(node, true);
        foreach (var node in _shell.Refusing) FallbackReplica.SetTakesWrites(node, false);
    }

    /// <summary>Takes up a new version of the layout.</summary>
    public void SetLayout(PartitionLayout layout)
    {
        if (IsReading) return;
        _layout = layout;
        FallbackReplica!.SetLayout(layout.Owners, layout.StandIns ?? []);
    }

    /// <summary>
    /// Takes a message of an owner or of another fallback node. It is ignored while the journal is read, because senders repeat themselves.
    /// It is ignored of a lost node.
    /// </summary>
    public void Handle(NodeId from, FallbackMessage message, long nowMs)
    {
        if (IsReading) return;
        foreach (var lost in _layout.Lost)
            if (lost.Node == from) return;
        FallbackReplica!.Handle(from, message, nowMs);
    }

    /// <summary>Takes a client's call, or refuses it.</summary>
    public void Handle(ClientRequest request, long nowMs)
    {
        const string Reading = "this node is still reading its journal";
        if (!IsReading) FallbackReplica!.Handle(request, nowMs);
        else if (request is ReadRequest read) _shell.Reply(read, new ReadResult(Outcome.NotServing, null, 0, 0, Nothing, Reading));
        else _shell.Reply((WriteRequest)request, new WriteResult(Outcome.NotServing, 0, 0, Nothing, Reading));
    }

    /// <summary>A node was heard again, or has not been heard for too long.</summary>
    public void SetReachable(NodeId node, bool reachable)
    {
        if (!IsReading) FallbackReplica!.SetReachable(node, reachable);
    }

    /// <summary>A node's journal takes writes again, or takes none any more. The node may be this one.</summary>
    public void SetTakesWrites(NodeId node, bool takesWrites)
    {
        if (!IsReading) FallbackReplica!.SetTakesWrites(node, takesWrites);
    }

    /// <summary>Has the replica write anew what it holds, because the journal is long.</summary>
    public void Rewrite()
    {
        if (!IsReading) FallbackReplica!.Rewrite();
    }

    /// <summary>Takes the journal's confirmation: it holds what an incarnation appended, up to a position.</summary>
    public void Persisted(ReplicaId incarnation, long position)
    {
        if (incarnation == _incarnation && !IsReading) FallbackReplica!.Persisted(position);
    }

    /// <summary>Lets time pass.</summary>
    public void Tick(long nowMs, uint random)
    {
        if (!IsReading) FallbackReplica!.Tick(nowMs, random);
    }

    /// <summary>Ends a batch of inputs: sends and appends what they made.</summary>
    public void Flush(long nowMs)
    {
        if (IsReading) return;
        FallbackReplica!.Flush(nowMs);
        if (_batch.Take(_incarnation) is { } batch) _shell.Append(batch);
    }

    private FallbackReplica Begin()
    {
        _incarnation = _shell.NextId();
        return FallbackReplica = new FallbackReplica(_incarnation, _self, _layout.Owners, _layout.StandIns ?? [], _settings, this);
    }

    long ITimeSource.SteadyMs => _shell.SteadyMs;

    ClusterTime ITimeSource.Time => _shell.Time;

    void IJournal.Append(ReplicaEvent applied, long position, bool awaited) =>
        throw new InvalidOperationException("a stand-in journals what it holds, not what it applies");

    void IJournal.AppendRecord(byte[] record, long position, bool awaited) => _batch.Add(record, position, awaited);

    void IReplicaEffects.Send(NodeId to, PeerMessage message) => _shell.Send(to, message);

    void IReplicaEffects.Follow(WriteRequest request, Dot made, bool isRetry) => _shell.Follow(request, made, isRetry);

    void IReplicaEffects.Follow(ReadRequest request, ulong question) => _shell.Follow(request, question);

    void IReplicaEffects.Failed(string what, Exception unforeseen) => _shell.Failed(what, unforeseen);

    void IReplicaEffects.Reply(WriteRequest request, in WriteResult result) => _shell.Reply(request, result);

    void IReplicaEffects.Reply(ReadRequest request, in ReadResult result) => _shell.Reply(request, result);
}
