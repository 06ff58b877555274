using System.Text;

namespace Gossipdb.Crdt.Tests;

/// <summary>One step of a schedule. Choices are taken modulo what there is to choose from, so that every schedule is possible.</summary>
internal abstract record Step(int To)
{
    internal sealed record Do(int To, Operation Operation, OperationId Id, int Physical) : Step(To);

    internal sealed record Deliver(int To, int Choice) : Step(To);

    internal sealed record JoinState(int To, int From, bool Whole) : Step(To);
}

/// <summary>
/// Runs a schedule over three replicas and checks after every step what must hold of any state: it is a function of its clock, it
/// means what the specification says, and it survives encoding. (After the properties of AntidoteDB's antidote_crdt.)
/// </summary>
internal sealed class Schedule(CrdtType type)
{
    private readonly SimulatedReplica[] _replicas = [new(type, 0xA), new(type, 0xB), new(type, 0xC)];
    private readonly List<Event> _history = [];
    private readonly List<string> _deltas = [];
    private readonly Dictionary<string, string> _stateAt = [];

    public static void Run(CrdtType type, Step[] steps)
    {
        var schedule = new Schedule(type);
        foreach (var step in steps) schedule.Take(step);
        schedule.CheckLaws();
        schedule.DeliverAll();
        for (var i = 0; i < schedule._history.Count; i++) Assert.Equal(schedule._deltas[i], schedule._history[i].Delta.ToHex());
    }

    public static string Print(Step[] steps)
    {
        var text = new StringBuilder();
        foreach (var step in steps) text.Append('\n').Append("ABC"[step.To]).Append(": ").Append(Print(step));
        return text.ToString();
    }

    private static string Print(Step step) => step switch
    {
        Step.Do { Operation: var operation, Id: var id, Physical: var physical } => $"{Print(operation)} {(id.IsPresent ? id : "")} at {physical}",
        Step.JoinState { From: var from, Whole: var whole } => $"join {"ABC"[from]} {(whole ? "whole" : "since")}",
        _ => step.ToString(),
    };

    private static string Print(Operation operation) => operation switch
    {
        SetAdd { Elements: var elements } => $"add {string.Join(",", elements)}",
        SetRemove { Elements: var elements } => $"remove {string.Join(",", elements)}",
        MapUpdate { Fields: var fields } => $"update {string.Join("; ", fields.Select(f => $"{f.Field}: {Print(f.Operation)}"))}",
        MapRemove { Fields: var fields } => $"remove {string.Join(",", fields)}",
        _ => operation.ToString(),
    };

    private void Take(Step step)
    {
        var replica = _replicas[step.To];
        switch (step)
        {
            case Step.Do @do:
                var before = replica.State.ToHex();
                var happened = replica.Do(@do.Operation, @do.Id, @do.Physical);
                CheckDelta(happened, before, replica);
                _history.Add(happened);
                _deltas.Add(happened.Delta.ToHex());
                break;
            case Step.Deliver deliver:
                var ready = _history.Where(replica.CanApply).ToList();
                if (ready.Count > 0) replica.Apply(ready[deliver.Choice % ready.Count]);
                break;
            case Step.JoinState join:
                replica.Join(_replicas[join.From], join.Whole);
                break;
        }

        Check(replica);
    }

    /// <summary>A delta survives encoding, and a whole one is the state of the object at the event's clock.</summary>
    private static void CheckDelta(Event happened, string before, SimulatedReplica origin)
    {
        var bytes = happened.Delta.ToBytes();
        Assert.Equal(bytes, Reading.Decode(bytes).ToBytes());
        if (!happened.Delta.IsFragment) Assert.Equal(origin.State.ToHex(), happened.Delta.ToHex());
        var again = Reading.Decode(Convert.FromHexString(before));
        again.Join(happened.Dependencies, Reading.Decode(bytes), happened.Clock);
        Assert.Equal(origin.State.ToHex(), again.ToHex());
    }

    private void Check(SimulatedReplica replica)
    {
        var hex = replica.State.ToHex();
        Assert.Equal(StateAt(replica.Clock), hex);
        Assert.Equal(Spec.Value(type, _history.Where(e => replica.Clock.Contains(e.Name))), replica.State.Read());
        var decoded = Reading.Decode(Convert.FromHexString(hex));
        Assert.Equal(hex, decoded.ToHex());
        Assert.Equal(replica.State.Digest(), decoded.Digest());
        Assert.Equal(replica.State.Describe(), decoded.Describe());
        if (replica.State.IsBottom) Assert.Equal(Crdt.Bottom(type).ToHex(), hex);
        Assert.False(replica.State is { IsBottom: true, IsVisible: true });
    }

    /// <summary>The state of a clock, by definition: its events, in the order they were made.</summary>
    private string StateAt(VersionVector clock)
    {
        if (_stateAt.TryGetValue(clock.ToString(), out var known)) return known;
        var replay = new SimulatedReplica(type, 0xF);
        foreach (var e in _history.Where(e => clock.Contains(e.Name))) replay.Apply(e);
        Assert.Equal(clock, replay.Clock);
        return _stateAt[clock.ToString()] = replay.State.ToHex();
    }

    private void CheckLaws()
    {
        var (a, b, c) = (_replicas[0], _replicas[1], _replicas[2]);
        Assert.Equal(a.State.ToHex(), Joined(a.State, a.Clock, a.State, a.Clock));
        foreach (var left in _replicas)
        {
            foreach (var right in _replicas)
            {
                var union = StateAt(left.Clock.Union(right.Clock));
                Assert.Equal(union, Joined(left.State, left.Clock, right.State, right.Clock));
                Assert.Equal(union, Joined(left.State, left.Clock, right.State.DeltaSince(left.Clock), right.Clock));
            }
        }

        var all = StateAt(a.Clock.Union(b.Clock).Union(c.Clock));
        var ab = Reading.Decode(Convert.FromHexString(Joined(a.State, a.Clock, b.State, b.Clock)));
        var bc = Reading.Decode(Convert.FromHexString(Joined(b.State, b.Clock, c.State, c.Clock)));
        Assert.Equal(all, Joined(ab, a.Clock.Union(b.Clock), c.State, c.Clock));
        Assert.Equal(all, Joined(a.State, a.Clock, bc, b.Clock.Union(c.Clock)));
    }

    private static string Joined(Crdt left, VersionVector leftClock, Crdt right, VersionVector rightClock)
    {
        var copy = left.Copy();
        Assert.Equal(left.ToHex(), copy.ToHex());
        copy.Join(leftClock, right, rightClock);
        return copy.ToHex();
    }

    private void DeliverAll()
    {
        foreach (var replica in _replicas)
        {
            while (_history.FirstOrDefault(replica.CanApply) is { } next) replica.Apply(next);
            Check(replica);
            Assert.Equal(_replicas[0].Clock, replica.Clock);
            Assert.Equal(_replicas[0].State.Digest(), replica.State.Digest());
        }
    }
}
