using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;
using Gossipdb.Simulation.Faults;
using Gossipdb.Simulation.Nodes;

namespace Gossipdb.Simulation.Network;

/// <summary>
/// Time, network and disks of one simulated history. One thread; everything that happens is an entry in one queue, ordered by (time,
/// number), and every choice comes from one seeded generator, so a seed replays.
/// </summary>
public sealed class World
{
    private readonly PriorityQueue<Action, (long Time, long Number)> _queue = new();
    private readonly bool[,] _cut;
    private readonly long[,] _linkedSince;
    private long _number;

    /// <param name="seed">Of every choice.</param>
    /// <param name="nodes">How many nodes hold a slot at first.</param>
    /// <param name="fault">A deliberate fault.</param>
    /// <param name="spares">How many further nodes there are, which slots may move to.</param>
    public World(int seed, int nodes, Fault fault, int spares = 0)
    {
        Replication = nodes;
        nodes += spares;
        Random = new Random(seed);
        ClockRandom = new Random(seed ^ 0x0c10c4);
        Fault = fault;
        BytesSent = new long[nodes];
        _cut = new bool[nodes, nodes];
        _linkedSince = new long[nodes, nodes];
        Nodes = new SimulatedNode[nodes];
        for (var i = 0; i < nodes; i++) Nodes[i] = new SimulatedNode(this, i);
        Layout = new SimulatedLayout(1, Array.ConvertAll(Nodes[..Replication], static node => node.Id), []);
        foreach (var node in Nodes) node.Take(Layout);
    }

    /// <summary>N.</summary>
    public int Replication { get; }

    /// <summary>Who should hold the slots.</summary>
    public SimulatedLayout Layout { get; private set; }

    /// <summary>Gives a slot to another node. Every node learns it in its own time.</summary>
    public void MoveSlot(int slot, NodeId to)
    {
        var owners = Layout.Owners.ToArray();
        owners[slot] = to;
        Tell(Layout with { Version = Layout.Version + 1, Owners = owners }, () => Random.Next(1, 1_500));
    }

    /// <summary>
    /// Declares a node lost for good, and gives its slot to another node. It is no matter whether it is: it may be cut off, and not hear
    /// of it.
    /// </summary>
    public void DeclareLost(NodeId node, NodeId? heir, bool acceptsLoss)
    {
        var owners = Array.ConvertAll(Layout.Owners, owner => owner == node && heir is { } next ? next : owner);
        Tell(
            new SimulatedLayout(Layout.Version + 1, owners, [.. Layout.Lost, new LostNode(node, acceptsLoss)]),
            () => Random.Next(1, Random.Next(2) == 0 ? 100 : 3_000));
    }

    /// <summary>True where a node was declared lost.</summary>
    public bool IsLost(NodeId node) => Layout.Lost.Any(lost => lost.Node == node);

    private void Tell(SimulatedLayout layout, Func<int> afterMs)
    {
        Layout = layout;
        foreach (var node in Nodes) After(afterMs(), () => node.Take(layout));
    }

    public Random Random { get; }

    /// <summary>Of what happens to clocks: other choices do not depend on it.</summary>
    public Random ClockRandom { get; }

    public Fault Fault { get; }

    public SimulatedNode[] Nodes { get; }

    /// <summary>Where time begins: where real clocks are, so that timestamps look like real ones.</summary>
    public const long StartMs = 1_800_000_000_000;

    /// <summary>Virtual milliseconds: the true time.</summary>
    public long Now { get; private set; } = StartMs;

    /// <summary>Keys that nobody deletes, and until when the last life they were given may last, by true time.</summary>
    public Dictionary<Crdt.Encoding.Bytes, long> LivesUntil { get; } = [];

    /// <summary>How much the network misbehaves: 0 in the quiet end of a history.</summary>
    public double Loss { get; set; }

    public double Duplication { get; set; }

    /// <summary>Event logs are so short that repair needs images; else in a third of all lives.</summary>
    public bool HasSmallLogs { get; init; }

    /// <summary>Some nodes take their time to read their journal when they start, and hear the others meanwhile.</summary>
    public bool ReadsSlowly { get; init; }

    /// <summary>The settings of every replica; null where each life draws its own.</summary>
    public ReplicaSettings? Settings { get; init; }

    /// <summary>Events that a coordinator pushes are lost: only gossip brings them.</summary>
    public bool LosesPushes { get; set; }

    /// <summary>What owners fetch from each other is lost, images included.</summary>
    public bool LosesRepairs { get; set; }

    /// <summary>What each node has sent, in bytes, frames included.</summary>
    public long[] BytesSent { get; }

    public int MaxDelayMs { get; set; } = 5;

    /// <summary>Whether the nodes without a slot stand in for absent owners.</summary>
    public bool HasFallbacks { get; init; }

    /// <summary>What a stand-in may hold.</summary>
    public long StandInMaxBytes { get; set; } = 100_000;

    /// <summary>The designated stand-ins of a layout: whoever owns nothing in it; null where there are none.</summary>
    public IReadOnlyList<NodeId>? StandInsOf(SimulatedLayout layout) =>
        HasFallbacks ? [.. Nodes.Select(static node => node.Id).Where(node => Array.IndexOf(layout.Owners, node) < 0)] : null;

    /// <summary>Every event that was ever made, by its first dot: a dot names one event for ever.</summary>
    public Dictionary<Dot, byte[]> EventsByDot { get; } = [];

    /// <summary>The whole clock each event was made at, by its first dot.</summary>
    public Dictionary<Dot, VersionVector> ClocksByDot { get; } = [];

    /// <summary>Told of every message as it leaves.</summary>
    public Action<int, int, byte[]>? OnSent { get; set; }

    public void After(long delayMs, Action action) => _queue.Enqueue(action, (Now + Math.Max(0, delayMs), _number++));

    /// <summary>Runs what is due within the next <paramref name="ms"/> milliseconds.</summary>
    public void Run(long ms)
    {
        var end = Now + ms;
        while (_queue.TryPeek(out _, out var due) && due.Time <= end)
        {
            Now = due.Time;
            _queue.Dequeue()();
        }

        Now = end;
    }

    public bool IsCut(int from, int to) => _cut[from, to];

    /// <summary>Cuts or heals one direction. Both ends notice after a while, as real links do.</summary>
    public void SetCut(int from, int to, bool cut)
    {
        if (from == to) return;
        _cut[from, to] = cut;
        NoticeLater(from, to);
    }

    public void HealAll()
    {
        for (var a = 0; a < Nodes.Length; a++)
            for (var b = 0; b < Nodes.Length; b++) SetCut(a, b, false);
    }

    /// <summary>Any change at a link's other end is noticed by then.</summary>
    public const int NoticedWithinMs = 200;

    /// <summary>Since when a link has been as it is.</summary>
    public long LinkedSince(int a, int b) => _linkedSince[Math.Min(a, b), Math.Max(a, b)];

    /// <param name="a">One end.</param>
    /// <param name="b">The other.</param>
    /// <param name="isNews">Whether the link itself has changed, and not only what is said on it.</param>
    public void NoticeLater(int a, int b, bool isNews = true)
    {
        if (isNews) _linkedSince[Math.Min(a, b), Math.Max(a, b)] = Now;
        After(Random.Next(20, NoticedWithinMs), () =>
        {
            var up = Nodes[a].IsUp && Nodes[b].IsUp && !_cut[a, b] && !_cut[b, a];
            Nodes[a].Notice(b, up);
            Nodes[b].Notice(a, up);
            if (!up || Fault == Fault.RefusingJournalsCount) return;
            Nodes[a].NoticeJournal(Nodes[b].Id, Nodes[b].JournalFailedAt is null);
            Nodes[b].NoticeJournal(Nodes[a].Id, Nodes[a].JournalFailedAt is null);
        });
    }

    /// <summary>Puts a message's bytes on the wire.</summary>
    public void Send(int from, int to, byte[] bytes)
    {
        BytesSent[from] += bytes.Length + 3;
        OnSent?.Invoke(from, to, bytes);
        if (_cut[from, to] || Random.NextDouble() < Loss) return;
        Deliver(from, to, bytes);
        if (Random.NextDouble() < Duplication) Deliver(from, to, bytes);
    }

    /// <summary>Puts what a node tells of its clocks on the wire.</summary>
    public void SendStamp(int from, int to, byte[] bytes)
    {
        if (_cut[from, to] || ClockRandom.NextDouble() < Loss) return;
        After(1 + ClockRandom.Next(MaxDelayMs), () =>
        {
            if (!_cut[from, to]) Nodes[to].Clocks.Hear(Nodes[from].Id, bytes);
        });
    }

    private void Deliver(int from, int to, byte[] bytes) =>
        After(1 + Random.Next(MaxDelayMs), () =>
        {
            if (!_cut[from, to]) Nodes[to].Receive(from, bytes);
        });
}
