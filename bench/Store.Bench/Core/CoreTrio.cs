using System.Buffers;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Hosting;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Time;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Bench.Core;

/// <summary>
/// Three owners of one partition (or fewer) in one process, run as a node runs them, over the real codec: every message is encoded and
/// decoded, a journal is durable as soon as the batch of inputs ends. What is measured with it is the core alone: no network, no disk, no
/// client.
/// </summary>
internal sealed class CoreTrio
{
    private readonly Owner[] _owners;
    private readonly Queue<(int From, int To, byte[] Buffer, int Length)> _underWay = new();
    private readonly ByteWriter _scratch = new();
    private readonly Random _random = new(1);
    private ulong _lastNumber;

    public CoreTrio(ReplicaSettings settings, int owners = 3)
    {
        var layout = new PartitionLayout([.. Enumerable.Range(1, owners).Select(static id => new NodeId(id))], null, [], IsFirst: true);
        _owners = [.. Enumerable.Range(0, owners).Select(index => new Owner(this, index))];
        foreach (var owner in _owners) owner.Host = new PartitionHost(new NodeId(owner.Index + 1), layout, settings, owner);
        foreach (var owner in _owners) owner.Host.RecoveryEnded(layout, NowMs);

        // At first they find out that none of them has lost anything.
        for (var i = 0; i < 100; i++) Tick(50);
        foreach (var owner in _owners)
        {
            if (owner.Host.Replica?.NotServingBecause is { } reason)
                throw new InvalidOperationException($"owner {owner.Index} does not serve: {reason}");
        }
    }

    /// <summary>The owners' clock.</summary>
    public long NowMs { get; private set; } = 1_800_000_000_000;

    /// <summary>A number for an operation, never given before.</summary>
    public ulong NextNumber() => ++_lastNumber;

    /// <summary>How many requests were answered as asked.</summary>
    public long Done { get; private set; }

    /// <summary>The bytes of all messages between the owners.</summary>
    public long MessageBytes { get; private set; }

    /// <summary>Hands a batch of requests to one owner, and delivers until nothing is under way.</summary>
    public void Handle(int owner, ReadOnlySpan<ClientRequest> requests)
    {
        foreach (var request in requests) _owners[owner].Host.Handle(request, NowMs);
        _owners[owner].EndBatch();
        Deliver();
    }

    /// <summary>One owner begins a snapshot.</summary>
    /// <exception cref="InvalidOperationException">It cannot.</exception>
    public void BeginSnapshot(int owner)
    {
        if (_owners[owner].Host.BeginSnapshot() is { } because) throw new InvalidOperationException($"no snapshot: {because}");
    }

    /// <summary>Whether an owner is writing a snapshot.</summary>
    public bool IsSnapshotting(int owner) => _owners[owner].Host.Replica!.Inspection.IsSnapshotting;

    /// <summary>Lets time pass at all owners.</summary>
    public void Tick(long ms)
    {
        NowMs += ms;
        foreach (var owner in _owners)
        {
            owner.Host.Tick(NowMs, (uint)_random.NextInt64(1L << 32));
            owner.EndBatch();
        }

        Deliver();
    }

    private void Deliver()
    {
        while (_underWay.TryDequeue(out var next))
        {
            var owner = _owners[next.To];
            var reader = new ByteReader(next.Buffer.AsSpan(0, next.Length));
            var message = PeerMessage.Decode(ref reader);
            ArrayPool<byte>.Shared.Return(next.Buffer);
            owner.Host.Handle(new NodeId(next.From + 1), message, NowMs);

            // What has arrived together is one batch of inputs, as it is in a node.
            if (_underWay.TryPeek(out var further) && further.To == next.To) continue;
            owner.EndBatch();
        }
    }

    private void Send(int from, NodeId to, PeerMessage message)
    {
        _scratch.Clear();
        message.Encode(_scratch);

        // What carries messages has buffers of its own, and uses them again.
        var buffer = ArrayPool<byte>.Shared.Rent(_scratch.Length);
        _scratch.Written.CopyTo(buffer);
        MessageBytes += _scratch.Length;
        _underWay.Enqueue((from, to.Value - 1, buffer, _scratch.Length));
    }

    private sealed class Owner(CoreTrio trio, int index) : IHostShell
    {
        private JournalBatch? _appended;

        public int Index => index;

        public PartitionHost Host { get; set; } = null!;

        public long SteadyMs => trio.NowMs;

        public ClusterTime Time => new(trio.NowMs, 1, IsKnown: true, MayRemove: true);

        public IEnumerable<NodeId> Near
        {
            get
            {
                for (var i = 0; i < trio._owners.Length; i++)
                    if (i != index) yield return new NodeId(i + 1);
            }
        }

        public IEnumerable<NodeId> Refusing => [];

        public ReplicaId NextId() => new((ulong)(0xa0 + index));

        public void Append(JournalBatch batch) => _appended = batch;

        public void EndBatch()
        {
            Host.Flush(trio.NowMs);
            while (_appended is { } batch)
            {
                _appended = null;
                Host.Persisted(batch.Incarnation, batch.Position, trio.NowMs);
                Host.Flush(trio.NowMs);
            }
        }

        public void Send(NodeId to, PeerMessage message) => trio.Send(index, to, message);

        public void Failed(string what, Exception unforeseen) => throw new InvalidOperationException(what, unforeseen);

        public void Reply(WriteRequest request, in WriteResult result) => Note(result.Outcome, result.Message);

        public void Reply(ReadRequest request, in ReadResult result) => Note(result.Outcome, result.Message);

        private void Note(Outcome outcome, string? message)
        {
            if (outcome != Outcome.Done) throw new InvalidOperationException($"a request ended {outcome}: {message}");
            trio.Done++;
        }
    }
}
