using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Counters;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Json;
using Gossipdb.Crdt.Sequences;
using Gossipdb.Crdt.Sets;
using Gossipdb.Replication;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Watch;
using Gossipdb.Simulation.Checkers;
using Gossipdb.Simulation.Faults;
using Gossipdb.Simulation.Nodes;

namespace Gossipdb.Simulation.Workload;

// Somebody watches all keys all along, is disconnected at random and goes on at any node with the last token; in the end they know what there is. And somebody scans, each page at another node.
public sealed partial class History
{
    private const int WatchEveryMs = 40;
    private readonly Dictionary<Bytes, string> _view = [];
    private readonly WatchedChanges _watched = new();
    private Random _watchRandom = new(0);
    private VersionVector _watchToken = new();
    private SimulatedWatcher? _watcher;
    private bool _isAhead;
    private int _uncovered;

    private sealed class SimulatedWatcher(Replica replica) : Watcher
    {
        public Replica Replica => replica;

        public Outcome? Ended { get; private set; }

        // Asked every so often: being woken is the nodes' business.
        public override void Wake()
        {
        }

        public override void End(Outcome outcome, string reason) => Ended = outcome;
    }

    private void BeginWatching()
    {
        _watchRandom = new Random(_seed);
        KeepWatching();
    }

    private void KeepWatching()
    {
        if (_watcher is { } watcher)
        {
            var node = _world.Nodes.FirstOrDefault(node => node.IsUp && node.Replica == watcher.Replica);
            if (node is null || watcher.Ended is not null || _watchRandom.Next(20) == 0) Disconnect(watcher);
            else TakeChanges(watcher, node);
        }
        else if (_world.Nodes[_watchRandom.Next(_world.Nodes.Length)] is { IsUp: true, Replica: { } replica } next)
        {
            // Who begins from nothing is told nothing of what is gone.
            if (_watchToken.Count == 0) _view.Clear();
            var from = _world.Fault == Fault.WatchBeginsNow && _watchToken.Count > 0 ? replica.Applied : _watchToken;
            _watcher = new SimulatedWatcher(replica) { Key = default, IsPrefix = true, From = from.Copy(), DeadlineMs = next.SteadyMs + 500 };
            replica.Watch(_watcher, next.SteadyMs);
        }

        _world.After(WatchEveryMs, KeepWatching);
    }

    private void Disconnect(SimulatedWatcher watcher)
    {
        _watcher = null;
        watcher.Replica.Unwatch(watcher);

        // Shown more than the token says.
        if (_isAhead && _world.Fault != Fault.ShortWatchToken) _watchToken = new VersionVector();
        _isAhead = false;
        if (watcher.Ended != Outcome.SessionUnavailable || ++_uncovered < _world.Replication) return;
        _uncovered = 0;
        _watchToken = new VersionVector();
    }

    private void TakeChanges(SimulatedWatcher watcher, SimulatedNode node)
    {
        if (!watcher.Replica.TryTake(watcher, _watchRandom.Next(1, 6), node.SteadyMs, _watched)) return;
        _uncovered = 0;
        if (_watched.IsReset)
        {
            _view.Clear();
            _watchToken = new VersionVector();
        }

        foreach (var (key, held) in _watched.Keys)
        {
            if (held is null) _view.Remove(key);
            else _view[key] = Shown(held.State);
        }

        _isAhead |= _watched.Keys.Count > 0;
        if (_watched.Token is not { } token) return;
        _watchToken = token;
        if (_watched.CoversShown) _isAhead = false;
    }

    private void CheckWatch()
    {
        var since = _world.Now;
        while (Unlike() is { } difference)
        {
            if (_world.Now - since > 15_000) throw new CheckFailed($"15 s after all was quiet the watcher knows something else than there is: {difference}");
            _world.Run(100);
        }
    }

    private string? Unlike()
    {
        var node = _world.Nodes.First(node => node.Replica is not null);
        var there = new HashSet<Bytes>();
        foreach (var (key, entry) in node.Replica!.Keys.Entries)
        {
            if (entry.Answering is not { } held) continue;
            there.Add(key);

            // Whose life is about over, the nodes need not agree on.
            if (entry.ExpiresAtMs < _world.Now + SimulatedClocks.MostOffMs) continue;
            var told = _view.GetValueOrDefault(key);
            if (told != Shown(held.State)) return $"{key} is {Shown(held.State)}, told was {told ?? "nothing"}";
        }

        foreach (var key in _view.Keys)
            if (!there.Contains(key)) return $"{key} is gone, told was {_view[key]}";
        return null;
    }

    /// <summary>Every key is met exactly once, though each page is of another node.</summary>
    private void CheckScan()
    {
        var nodes = _world.Nodes.Where(node => node.Replica is not null).ToArray();
        var met = new List<Bytes>();
        var range = new ScanRange(default, default, 3);
        for (var turn = 0; ; turn++)
        {
            var node = nodes[turn % nodes.Length];
            var page = node.Replica!.Keys.Order.Scan(range, _world.Now, out _);
            met.AddRange(page.Keys.Select(key => key.Key));
            if (page.Next is not { } next) break;
            range = range with { After = next };
        }

        var there = nodes[0].Replica!.Keys.Entries.Where(each => each.Value.AnsweringAt(_world.Now) is not null).Select(each => each.Key).Order().ToArray();
        if (!met.SequenceEqual(there)) throw new CheckFailed($"a scan met {met.Count} keys and there are {there.Length}");
    }

    private static string Shown(Crdt.Crdt state) => state switch
    {
        AddWinsSet set => $"set {string.Join(' ', set.Elements())}",
        PNCounter counter => $"counter {counter.Value}",
        BoundedCounter counter => $"stock {counter.Value}",
        Text text => $"text {text}",
        JsonDocument document => $"json {document.ToJson()}",
        _ => $"{state.Type}",
    };
}
