using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Sets;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Tests.Harness;

/// <summary>Three replicas of one partition whose messages and journals move only when the test says so.</summary>
internal sealed class Trio
{
    public const long Now = 1_800_000_000_000;
    public static readonly NodeId[] Owners = [new(1), new(2), new(3)];

    private long _passed;
    private int _lives;

    public Trio(ReplicaSettings? settings = null)
    {
        for (var i = 0; i < 3; i++)
        {
            Effects[i] = new RecordingEffects();
            Replicas[i] = new Replica(
                new ReplicaId((ulong)(100 + i)),
                Owners[i],
                SlotHolder.Founding(Owners),
                Owners,
                settings ?? new ReplicaSettings(),
                Effects[i]);
        }

        foreach (var replica in Replicas)
            foreach (var owner in Owners) replica.SetReachable(owner, true);
        Deliver();
    }

    /// <summary>Lets time pass: ticks, deliveries and journals, until <paramref name="done"/> or a minute is over.</summary>
    public bool RunUntil(Func<bool> done, Func<int, NodeId, PeerMessage, bool>? lost = null)
    {
        for (var round = 0; round < 600; round++)
        {
            if (done()) return true;
            _passed += 100;
            for (var i = 0; i < 3; i++)
            {
                Effects[i].Time = RecordingEffects.At(Now + _passed);
                Replicas[i].Tick(Now + _passed, ((uint)round * 2_654_435_761) >> 8);
                Replicas[i].Flush(Now + _passed);
                Persist(i);
            }

            Deliver(lost);
        }

        return done();
    }

    /// <summary>A new life of a node, from the records its journal held.</summary>
    public void Restart(int node, IEnumerable<byte[]> journal, ReplicaSettings? settings = null)
    {
        var records = journal.ToList();
        Effects[node] = new RecordingEffects();
        Replicas[node] = new Replica(
            new ReplicaId((ulong)(1_000 + (++_lives * 10) + node)),
            Owners[node],
            SlotHolder.Founding(Owners),
            Owners,
            settings ?? new ReplicaSettings(),
            Effects[node]);
        foreach (var record in records) Replicas[node].Recover(record);
        Replicas[node].RecoveryEnded(Now + _passed);
        foreach (var owner in Owners) Replicas[node].SetReachable(owner, true);
    }

    public bool AreEqual =>
        Replicas.All(replica => replica.Applied.Equals(Replicas[0].Applied) && replica.Keys.Digest() == Replicas[0].Keys.Digest());

    public Replica[] Replicas { get; } = new Replica[3];

    public RecordingEffects[] Effects { get; } = new RecordingEffects[3];

    public static Bytes Key(string text) => Bytes.FromText(text);

    public static WriteRequest Add(string key, string element, int required, Durability durability = Durability.Journal) => new()
    {
        Key = Key(key),
        Operation = new SetAdd([Bytes.FromText(element)]),
        Required = required,
        Durability = durability,
        DeadlineMs = Now + 1_000,
    };

    public static WriteRequest Increment(string key, OperationId id, int required = 1) => new()
    {
        Key = Key(key),
        Operation = new CounterIncrement(1),
        Required = required,
        OperationId = id,
        DeadlineMs = Now + 1_000,
    };

    public static ReadRequest Read(string key, int required, VersionVector? token = null) => new()
    {
        Key = Key(key),
        Required = required,
        DeadlineMs = Now + 1_000,
        Token = token,
    };

    public void Execute(int node, ClientRequest request)
    {
        Replicas[node].Handle(request, Now);
        Replicas[node].Flush(Now);
    }

    public void Persist(int node)
    {
        if (Effects[node].Journal.Count > 0) Replicas[node].Persisted(Effects[node].Journal[^1].Position);
    }

    /// <summary>
    /// Delivers every message under way, as bytes, until none is left; those for which <paramref name="lost"/> is true are lost.
    /// </summary>
    public void Deliver(Func<int, NodeId, PeerMessage, bool>? lost = null)
    {
        for (var moved = true; moved;)
        {
            moved = false;
            for (var from = 0; from < 3; from++)
            {
                var sent = Effects[from].Sent.ToArray();
                Effects[from].Sent.Clear();
                foreach (var (to, message) in sent)
                {
                    moved = true;
                    if (lost?.Invoke(from, to, message) == true) continue;
                    var writer = new ByteWriter();
                    message.Encode(writer);
                    var reader = new ByteReader(writer.Written);
                    Replicas[to.Value - 1].Handle(Owners[from], PeerMessage.Decode(ref reader), Now);
                    reader.ExpectEnd();
                    Replicas[to.Value - 1].Flush(Now);
                }
            }
        }
    }

    public string[] Elements(int node, string key) =>
        Replicas[node].Keys.Find(Key(key))?.Find(CrdtType.Set)?.State is AddWinsSet set
            ? [.. set.Elements().Select(element => element.ToString())]
            : [];
}
