using System.Text;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Counters;

namespace Gossipdb.Crdt.Tests.Harness;

/// <summary>
/// Runs a schedule over three replicas and checks after every step what must hold of any state: it is a function of its clock and
/// stable cut, it means what the specification says, and it survives encoding. (After the properties of AntidoteDB's antidote_crdt.)
/// </summary>
internal sealed class Schedule(CrdtType type)
{
    private const long EveryDeadline = 6;

    private readonly TypeSpec _spec = TypeSpecs.Of(type);
    private readonly SimulatedReplica[] _replicas = [new(type, 0xA0), new(type, 0xB0), new(type, 0xC0)];
    private readonly List<ReplicaId> _ended = [];
    private readonly List<Event> _history = [];
    private readonly List<string> _deltas = [];
    private readonly Dictionary<string, string> _stateAt = [];

    // The stable cut agreed on, and the clock that covers every change that had not seen all of it: who covers that may collect.
    private StableCut _agreed = StableCut.None;

    // The last stable cut that all have collected at: its heirs may use what they inherit.
    private StableCut _known = StableCut.None;
    private VersionVector _needed = new();
    private long _deadlinesPassed = long.MinValue;

    public static void Run(CrdtType type, Step[] steps)
    {
        var schedule = new Schedule(type);
        foreach (var step in steps) schedule.Take(step);
        schedule.CheckLaws();
        schedule.DeliverAll();
        for (var i = 0; i < schedule._history.Count; i++) Assert.Equal(schedule._deltas[i], schedule._history[i].Delta.ToHex());
    }

    public static string Print(CrdtType type, Step[] steps)
    {
        var text = new StringBuilder();
        foreach (var step in steps) text.Append('\n').Append(Print(TypeSpecs.Of(type), step));
        return text.ToString();
    }

    private static string Print(TypeSpec spec, Step step) => step switch
    {
        Step.Do { Operation: var operation, Id: var id } @do =>
            $"{"ABC"[@do.At]}: {(operation is Delete ? "delete" : spec.Print(operation))} "
            + $"{(id.IsGiven ? id : "")}{(@do.FirstAttempt ? "" : " retried")} at {@do.Physical}",
        Step.Deliver deliver => $"{"ABC"[deliver.At]}: deliver {deliver.Choice}",
        Step.JoinState join => $"{"ABC"[join.At]}: join {"ABC"[join.From]} {(join.Whole ? "whole" : "since")}",
        Step.Restart restart => $"{"ABC"[restart.At]}: restart",
        Step.Collect collect => $"{"ABC"[collect.At]}: collect",
        _ => step.ToString(),
    };

    private void Take(Step step)
    {
        switch (step)
        {
            case Step.Do @do:
                Do(_replicas[@do.At], @do);
                Check(_replicas[@do.At]);
                break;
            case Step.Deliver deliver:
                var ready = _history.Where(_replicas[deliver.At].CanApply).ToList();
                if (ready.Count > 0) _replicas[deliver.At].Apply(ready[deliver.Choice % ready.Count]);
                Check(_replicas[deliver.At]);
                break;
            case Step.JoinState join:
                if (_replicas[join.At].StableCut != _replicas[join.From].StableCut) CatchUp();
                _replicas[join.At].Join(_replicas[join.From], join.Whole);
                Check(_replicas[join.At]);
                break;
            case Step.Restart restart:
                _ended.Add(_replicas[restart.At].Id);
                _replicas[restart.At].Restart(_replicas[restart.At].Id.Value + 1);
                break;
            case Step.Agree agree:
                Agree(agree.DeadlinesPass);
                break;
            case Step.Collect collect:
                if (_replicas[collect.At].Clock.Covers(_needed)) _replicas[collect.At].CollectAt(_agreed);
                Check(_replicas[collect.At]);
                break;
        }
    }

    private void Do(SimulatedReplica replica, Step.Do @do)
    {
        // No coordinator executes an id past its deadline.
        var id = @do.Id.IsGiven && @do.Id.DeadlineUnixMs <= _deadlinesPassed ? OperationId.None : @do.Id;
        id = id with { IsFirstAttempt = @do.FirstAttempt && !_history.Any(e => e.Id == id && e.Id.IsFirstAttempt) };
        if (_replicas.All(each => each.StableCut == _agreed)) _known = _agreed;
        replica.Inherits = _known.InheritedBy(replica.Id);
        var before = replica.State.ToHex();
        Event happened;
        try
        {
            happened = replica.Do(@do.Operation is Delete ? @do.Operation : _spec.Fit(@do.Operation, replica.State), id, @do.Physical);
        }
        catch (Exception refused)
            when (refused is InsufficientRightsException || (refused is ArgumentException && @do.Operation is CounterTransfer))
        {
            Assert.Equal(before, replica.State.ToHex());
            return;
        }

        CheckDelta(happened, before, replica);
        _spec.CheckStep(Reading.Decode(Convert.FromHexString(before)), happened, replica.State);
        _history.Add(happened);
        _deltas.Add(happened.Delta.ToHex());
    }

    private void Agree(bool deadlinesPass)
    {
        // One stable cut at a time: the next one is agreed on when all have collected at the last.
        if (_replicas.Any(replica => replica.StableCut != _agreed)) return;
        if (deadlinesPass) _deadlinesPassed = EveryDeadline;
        var common = _replicas.Select(replica => replica.Clock).Aggregate(static (left, right) => VersionVector.Minimum(left, right));
        var retired = _ended.Where(id => _replicas.All(replica => replica.Clock[id] == common[id]))
            .Order()
            .Select(id => Retire(id))
            .ToList();
        _needed = _replicas.Select(replica => replica.Clock).Aggregate((left, right) => left.Union(right));
        _agreed = new StableCut(common, _deadlinesPassed, retired);
    }

    /// <summary>Who decides differs from stable cut to stable cut; an heir once named stays.</summary>
    private RetiredReplica Retire(ReplicaId ended) =>
        _agreed.Retired.FirstOrDefault(retired => retired.Id == ended) is { By.Sequence: > 0 } earlier
            ? earlier
            : new RetiredReplica(ended, new Dot(_replicas[_history.Count % 3].Id, 1));

    /// <summary>
    /// Delivers what stands between a replica and the stable cut agreed on. States of two stable cuts are joined only then: who collects
    /// without knowing every change that has not seen the stable cut may fold what one of those changes removes.
    /// </summary>
    private void CatchUp()
    {
        foreach (var replica in _replicas)
        {
            foreach (var e in _history.Where(e => _needed.Contains(e.Name)))
            {
                if (!replica.Clock.Contains(e.Name)) replica.Apply(e);
            }
        }
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
        Assert.Equal(StateAt(replica.Clock, replica.StableCut), hex);
        var history = _history.Where(e => replica.Clock.Contains(e.Name)).Select(e => new TypeSpec.Step(e, e.Operation)).ToList();
        _spec.Check(history, replica.State);
        var decoded = Reading.Decode(Convert.FromHexString(hex));
        Assert.Equal(hex, decoded.ToHex());
        Assert.Equal(replica.State.Digest(), decoded.Digest());
        Assert.Equal(replica.State.Describe(), decoded.Describe());
        if (replica.State.IsBottom) Assert.Equal(Crdt.Bottom(type).ToHex(), hex);
        Assert.False(replica.State is { IsBottom: true, IsVisible: true });
    }

    /// <summary>The state of a clock at a stable cut, by definition: its events, in the order they were made, collected once.</summary>
    private string StateAt(VersionVector clock, StableCut cut)
    {
        var name = $"{clock} at {cut.Clock} {cut.DeadlinesPassedUnixMs} {cut.Retired.Count}";
        if (_stateAt.TryGetValue(name, out var known)) return known;
        var replay = new SimulatedReplica(type, 0xF);
        foreach (var e in _history.Where(e => clock.Contains(e.Name))) replay.Apply(e);
        Assert.Equal(clock, replay.Clock);
        replay.CollectAt(cut);
        return _stateAt[name] = replay.State.ToHex();
    }

    private void CheckLaws()
    {
        var (a, b, c) = (_replicas[0], _replicas[1], _replicas[2]);
        if (_replicas.Any(replica => replica.StableCut != a.StableCut)) CatchUp();
        Assert.Equal(a.State.ToHex(), Joined(a.State, a.Clock, a.State, a.Clock));
        foreach (var left in _replicas)
        {
            foreach (var right in _replicas)
            {
                var cut = left.StableCut.Or(right.StableCut);
                var union = StateAt(left.Clock.Union(right.Clock), cut);
                var (mine, theirs) = (left.State.AtCut(cut), right.State.AtCut(cut));
                Assert.Equal(union, Joined(mine, left.Clock, theirs, right.Clock));
                Assert.Equal(union, Joined(mine, left.Clock, theirs.DeltaSince(left.Clock), right.Clock));
            }
        }

        var common = a.StableCut.Or(b.StableCut).Or(c.StableCut);
        var all = StateAt(a.Clock.Union(b.Clock).Union(c.Clock), common);
        var (x, y, z) = (a.State.AtCut(common), b.State.AtCut(common), c.State.AtCut(common));
        var xy = Reading.Decode(Convert.FromHexString(Joined(x, a.Clock, y, b.Clock)));
        var yz = Reading.Decode(Convert.FromHexString(Joined(y, b.Clock, z, c.Clock)));
        Assert.Equal(all, Joined(xy, a.Clock.Union(b.Clock), z, c.Clock));
        Assert.Equal(all, Joined(x, a.Clock, yz, b.Clock.Union(c.Clock)));
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
            replica.CollectAt(_agreed);
            Check(replica);
            Assert.Equal(_replicas[0].Clock, replica.Clock);
            Assert.Equal(_replicas[0].State.Digest(), replica.State.Digest());
        }
    }
}
