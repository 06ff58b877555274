using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Counters;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Maps;
using Gossipdb.Crdt.Registers;
using Gossipdb.Crdt.Sets;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Membership;
using Gossipdb.Simulation.Checkers;
using Gossipdb.Simulation.Faults;
using Gossipdb.Simulation.Network;
using Gossipdb.Simulation.Nodes;

namespace Gossipdb.Simulation.Scenarios;

/// <summary>
/// A history told step by step, on nodes named A, B, C … that all own the partition. The network loses nothing unless it is cut; a disk
/// holds back what it has not synced for as long as the story wants.
/// </summary>
internal sealed class Scenario
{
    private readonly World _world;

    public Scenario(
        Fault fault = Fault.None,
        int nodes = 3,
        int spares = 0,
        bool fallbacks = false,
        ReplicaSettings? settings = null,
        long standInMaxBytes = 100_000,
        int seed = 1)
    {
        _world = new World(seed, nodes, fault, spares)
        {
            HasSmallLogs = true,
            HasFallbacks = fallbacks,
            Settings = settings,
            StandInMaxBytes = standInMaxBytes,
        };
        foreach (var node in _world.Nodes)
        {
            node.OnWritten = (request, result) => ((Asked)request).Result = result;
            node.OnRead = (request, result) => ((AskedRead)request).Take(result);
            node.Start();
        }

        _world.Run(1_500);
    }

    /// <summary>Runs a story: as it stands it must hold, and under a fault a checker must notice.</summary>
    public static void Told(
        Fault fault,
        Action<Scenario> story,
        int spares = 0,
        bool fallbacks = false,
        ReplicaSettings? settings = null,
        long standInMaxBytes = 100_000)
    {
        if (fault == Fault.None) story(Begin());
        else Assert.True(Record.Exception(() => story(Begin())) is CheckFailed or CorruptDataException, $"no checker noticed {fault}");

        Scenario Begin() => new(fault, spares: spares, fallbacks: fallbacks, settings: settings, standInMaxBytes: standInMaxBytes);
    }

    /// <summary>The nodes, their network and their time.</summary>
    public World World => _world;

    public SimulatedNode A => _world.Nodes[0];

    public SimulatedNode B => _world.Nodes[1];

    public SimulatedNode C => _world.Nodes[2];

    public SimulatedNode D => _world.Nodes[3];

    public SimulatedNode E => _world.Nodes[4];

    public SimulatedNode F => _world.Nodes[5];

    public SimulatedNode G => _world.Nodes[6];

    /// <summary>Declares a node lost for good: another one is to take its slot by force.</summary>
    public void Lose(SimulatedNode lost, SimulatedNode heir, bool isGone = true)
    {
        lost.HearsNoLayouts = true;
        if (isGone) lost.Crash();
        _world.DeclareLost(lost.Id, heir.Id, acceptsLoss: false);
    }

    /// <summary>The operator accepts what may be lost with a node.</summary>
    public void AcceptLoss(SimulatedNode lost) => _world.DeclareLost(lost.Id, null, acceptsLoss: true);

    /// <summary>Whether the layout gives a node a slot.</summary>
    public bool IsOwner(SimulatedNode node) => _world.Layout.Owners.Contains(node.Id);

    /// <summary>The layout gives a slot to another node; the nodes learn it within a moment.</summary>
    public void Move(int slot, SimulatedNode to) => _world.MoveSlot(slot, to.Id);

    /// <summary>A node learns now what the layout is.</summary>
    public void TellLayout(SimulatedNode node) => node.Take(_world.Layout);

    /// <summary>Lets time pass.</summary>
    public void Wait(long ms = 1_000) => _world.Run(ms);

    /// <summary>Lets time pass, a millisecond at a time, until something holds; false where it does not within a minute.</summary>
    public bool WaitUntil(Func<bool> holds)
    {
        for (var i = 0; i < 60_000 && !holds(); i++) Wait(1);
        return holds();
    }

    /// <summary>Cuts both directions between two nodes, and waits until they know.</summary>
    public void Cut(SimulatedNode one, params SimulatedNode[] others)
    {
        foreach (var other in others)
        {
            CutOneWay(one, other);
            CutOneWay(other, one);
        }

        Wait(300);
    }

    /// <summary>What <paramref name="from"/> sends does not reach <paramref name="to"/> any more.</summary>
    public void CutOneWay(SimulatedNode from, SimulatedNode to) => _world.SetCut(Index(from), Index(to), true);

    /// <summary>Heals both directions between two nodes.</summary>
    public void Uncut(SimulatedNode one, SimulatedNode other)
    {
        _world.SetCut(Index(one), Index(other), false);
        _world.SetCut(Index(other), Index(one), false);
        Wait(300);
    }

    public void Heal()
    {
        _world.HealAll();
        Wait(300);
    }

    /// <summary>Writes, and waits for the answer.</summary>
    public WriteResult Write(
        SimulatedNode node,
        string key,
        Operation? operation,
        int required = 1,
        Durability durability = Durability.Journal,
        OperationId id = default,
        bool sloppy = false,
        long? lifetimeMs = null,
        VersionVector? token = null,
        KeyWrite[]? batch = null,
        Action? meanwhile = null)
    {
        var asked = new Asked
        {
            LifetimeMs = lifetimeMs,
            Token = token,
            Batch = batch,
            Sloppy = sloppy,
            Key = Bytes.FromText(key),
            Operation = operation,
            Required = required,
            Durability = durability,
            OperationId = id,
            DeadlineMs = node.SteadyMs + 1_000,
        };
        node.Execute(asked);
        if (meanwhile is not null)
        {
            Wait(10);
            meanwhile();
        }

        for (var i = 0; i < 300 && asked.Result is null && node.IsUp; i++) Wait(10);
        return asked.Result ?? default;
    }

    /// <summary>Reads, and waits for the answer, told by the type's own description.</summary>
    public (Outcome Outcome, string Value) Read(
        SimulatedNode node, string key, int required = 1, bool sloppy = false, VersionVector? token = null)
    {
        var asked = new AskedRead
        {
            Token = _world.Fault == Fault.NoTokens ? null : token,
            Sloppy = sloppy,
            Key = Bytes.FromText(key),
            Required = required,
            DeadlineMs = node.SteadyMs + 1_000,
        };
        node.Execute(asked);
        for (var i = 0; i < 300 && asked.Answer is null; i++) Wait(10);
        return asked.Answer ?? throw new CheckFailed("a read was never answered");
    }

    /// <summary>Reads two keys at one clock, and waits for the answer.</summary>
    public (Outcome Outcome, string Value) ReadTwo(SimulatedNode node, string one, string other, int required = 1)
    {
        var asked = new AskedRead
        {
            Key = Bytes.FromText(one),
            Keys = [Bytes.FromText(one), Bytes.FromText(other)],
            Required = required,
            DeadlineMs = node.SteadyMs + 1_000,
        };
        node.Execute(asked);
        for (var i = 0; i < 300 && asked.Answer is null; i++) Wait(10);
        return asked.Answer ?? throw new CheckFailed("a read was never answered");
    }

    /// <summary>While true, events that coordinators push are lost: only what is fetched arrives.</summary>
    public bool LosesPushes
    {
        set => _world.LosesPushes = value;
    }

    /// <summary>While true, what owners fetch from each other is lost.</summary>
    public bool LosesRepairs
    {
        set => _world.LosesRepairs = value;
    }

    public void Expect(bool holds, string what)
    {
        if (!holds) throw new CheckFailed(what);
    }

    /// <summary>All links heal, all nodes come up; then every replica holds the same, and it is as told.</summary>
    public void ExpectInTheEnd(string key, string value)
    {
        Heal();
        foreach (var node in _world.Nodes)
        {
            if (_world.IsLost(node.Id)) node.Crash();
            else if (!node.IsUp) node.Start();
        }

        for (var i = 0; i < 300 && !AreEqual(); i++) Wait(100);
        Expect(AreEqual(), "the replicas do not come to hold the same");
        foreach (var node in Holders)
        {
            Expect(node.Replica!.Keys.Digest() == Holders[0].Replica!.Keys.Digest(), $"{node.Id} holds another state at the same clock");
            var seen = Value(node.Replica.Keys.Find(Bytes.FromText(key))?.AnsweringAt(_world.Now)?.State);
            Expect(seen == value, $"{key} is {seen} at node {node.Id}, not {value}");
        }
    }

    /// <summary>A value in few words.</summary>
    public static string Value(Crdt.Crdt? state) => state switch
    {
        null => "nothing",
        PNCounter counter => $"{counter.Value}",
        BoundedCounter stock => $"{stock.Value}",
        AddWinsSet set => string.Join(",", set.Elements().Select(element => element.ToString()).Order(StringComparer.Ordinal)),
        RemoveWinsSet set => string.Join(",", set.Elements().Select(element => element.ToString()).Order(StringComparer.Ordinal)),
        Register register when register.TryGetLatest(out var latest) => latest.Value.ToDisplayString(),
        CrdtMap map => string.Join(",", map.Fields().Select(field => $"{field.Key.Name}={Value(field.Value)}")),
        _ => string.Join(",", state.Describe()),
    };

    private SimulatedNode[] Holders => [.. _world.Nodes.Where(node => _world.Layout.Owners.Contains(node.Id))];

    private bool AreEqual() => Holders.All(node => node.Replica is { ServingState: ServingState.Serving } replica
        && replica.Applied.Equals(Holders[0].Replica!.Applied))
        && _world.Nodes.Except(Holders).All(node => node.Replica is null);

    private int Index(SimulatedNode node) => Array.IndexOf(_world.Nodes, node);

    private sealed class Asked : WriteRequest
    {
        public WriteResult? Result { get; set; }
    }

    private sealed class AskedRead : ReadRequest
    {
        public (Outcome Outcome, string Value)? Answer { get; private set; }

        public void Take(in ReadResult result) => Answer = (result.Outcome, result.States is { } states
            ? string.Join(" and ", states.Select(Scenario.Value))
            : Scenario.Value(result.State));
    }
}
