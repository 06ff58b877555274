using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Sets;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Time;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Tests;

/// <summary>Keeps what a replica asked for; the test decides what of it happens.</summary>
internal sealed class RecordingEffects : IReplicaEffects
{
    public List<(ReplicaEvent Event, long Position)> Appended { get; } = [];

    public List<(NodeId To, PeerMessage Message)> Sent { get; } = [];

    public List<WriteResult> Writes { get; } = [];

    public List<(Outcome Outcome, IReadOnlyList<string> Elements, ulong Slots)> Reads { get; } = [];

    public List<(byte[] Record, long Position)> Journal { get; } = [];

    public long SteadyMs { get; set; } = 1_000;

    /// <summary>What time it is. Tests that tick a replica with times of day set it alike.</summary>
    public ClusterTime Time { get; set; } = At(Trio.Now);

    /// <summary>A time that is known to the millisecond.</summary>
    public static ClusterTime At(long unixMs) => new(unixMs, 0, IsKnown: true, MayRemove: true);

    public void Append(ReplicaEvent applied, long position, bool awaited)
    {
        Appended.Add((applied, position));
        AppendRecord(applied.Encoded, position, awaited);
    }

    public void AppendRecord(byte[] record, long position, bool awaited) => Journal.Add((record, position));

    public void Send(NodeId to, PeerMessage message) => Sent.Add((to, message));

    public List<ScanPage> Pages { get; } = [];

    public List<VersionVector> Clocks { get; } = [];

    public List<VersionVector?> Seen { get; } = [];

    /// <summary>Of reads of several keys, the elements of the set at each.</summary>
    public List<string[]> Several { get; } = [];

    public List<(string What, Exception Unforeseen)> Failures { get; } = [];

    public void Failed(string what, Exception unforeseen) => Failures.Add((what, unforeseen));

    public void Reply(WriteRequest request, in WriteResult result)
    {
        Writes.Add(result);
        Clocks.Add(result.Clock.Copy());
    }

    public void Reply(ReadRequest request, in ReadResult result)
    {
        Seen.Add(result.Seen);
        if (result.Page is { } page) Pages.Add(page);
        if (result.States is { } states) Several.Add([.. states.Select(state => string.Join(",", state is AddWinsSet held ? held.Elements().Select(element => element.ToString()) : []))]);
        Reads.Add((result.Outcome, result.State is AddWinsSet set ? [.. set.Elements().Select(element => element.ToString())] : [], result.AnsweredSlots));
    }
}

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
            Replicas[i] = new Replica(new ReplicaId((ulong)(100 + i)), Owners[i], SlotHolder.Founding(Owners), Owners, settings ?? new ReplicaSettings(), Effects[i]);
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
        Replicas[node] = new Replica(new ReplicaId((ulong)(1_000 + (++_lives * 10) + node)), Owners[node], SlotHolder.Founding(Owners), Owners, settings ?? new ReplicaSettings(), Effects[node]);
        foreach (var record in records) Replicas[node].Recover(record);
        Replicas[node].RecoveryEnded(Now + _passed);
        foreach (var owner in Owners) Replicas[node].SetReachable(owner, true);
    }

    public bool AreEqual => Replicas.All(replica => replica.Applied.Equals(Replicas[0].Applied) && replica.Keys.Digest() == Replicas[0].Keys.Digest());

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

    /// <summary>Delivers every message under way, as bytes, until none is left; those for which <paramref name="lost"/> is true are lost.</summary>
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
        Replicas[node].Keys.Find(Key(key))?.Find(CrdtType.Set)?.State is AddWinsSet set ? [.. set.Elements().Select(element => element.ToString())] : [];
}
