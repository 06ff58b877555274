using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Counters;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Json;
using Gossipdb.Crdt.Sequences;
using Gossipdb.Crdt.Sets;
using Gossipdb.Replication;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Watch;
using Gossipdb.Simulation.Faults;
using Gossipdb.Simulation.Network;
using Gossipdb.Simulation.Nodes;

namespace Gossipdb.Simulation.Checkers;

/// <summary>
/// Somebody watches all keys all along, is disconnected at random and goes on at any node with the last token. In the end they know what
/// there is.
/// </summary>
internal sealed class WatchChecker(World world, int seed)
{
    private const int WatchEveryMs = 40;
    private readonly Dictionary<Bytes, string> _view = [];
    private readonly WatchedChanges _watched = new();
    private readonly Random _random = new(seed);
    private VersionVector _token = new();
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

    /// <summary>Where they watch now; null while they are disconnected.</summary>
    public Replica? Watched => _watcher?.Replica;

    /// <summary>Begins, and goes on for ever.</summary>
    public void Begin() => KeepWatching();

    private void KeepWatching()
    {
        if (_watcher is { } watcher)
        {
            var node = world.Nodes.FirstOrDefault(node => node.IsUp && node.Replica == watcher.Replica);
            if (node is null || watcher.Ended is not null || _random.Next(20) == 0) Disconnect(watcher);
            else TakeChanges(watcher, node);
        }
        else if (world.Nodes[_random.Next(world.Nodes.Length)] is { IsUp: true, Replica: { } replica } next)
        {
            // Who begins from nothing is told nothing of what is gone.
            if (_token.Count == 0) _view.Clear();
            var from = world.Fault == Fault.WatchBeginsNow && _token.Count > 0 ? replica.Applied : _token;
            _watcher = new SimulatedWatcher(replica)
            {
                Key = default,
                IsPrefix = true,
                From = from.Copy(),
                DeadlineMs = next.SteadyMs + 500,
            };
            replica.Watch(_watcher, next.SteadyMs);
        }

        world.After(WatchEveryMs, KeepWatching);
    }

    private void Disconnect(SimulatedWatcher watcher)
    {
        _watcher = null;
        watcher.Replica.Unwatch(watcher);

        // Shown more than the token says.
        if (_isAhead && world.Fault != Fault.ShortWatchToken) _token = new VersionVector();
        _isAhead = false;
        if (watcher.Ended != Outcome.SessionUnavailable || ++_uncovered < world.Replication) return;
        _uncovered = 0;
        _token = new VersionVector();
    }

    private void TakeChanges(SimulatedWatcher watcher, SimulatedNode node)
    {
        if (!watcher.Replica.TryTake(watcher, _random.Next(1, 6), node.SteadyMs, _watched)) return;
        _uncovered = 0;
        if (_watched.IsReset)
        {
            _view.Clear();
            _token = new VersionVector();
        }

        foreach (var (key, held) in _watched.Keys)
        {
            if (held is null) _view.Remove(key);
            else _view[key] = Shown(held.State);
        }

        _isAhead |= _watched.Keys.Count > 0;
        if (_watched.Token is not { } token) return;
        _token = token;
        if (_watched.CoversShown) _isAhead = false;
    }

    /// <summary>Fails where they do not get to know what there is within bounded time.</summary>
    public void Check()
    {
        var since = world.Now;
        while (Unlike() is { } difference)
        {
            if (world.Now - since > 15_000)
                throw new CheckFailed($"15 s after all was quiet the watcher knows something else than there is: {difference}");
            world.Run(100);
        }
    }

    private string? Unlike()
    {
        var node = world.Nodes.First(node => node.Replica is not null);
        var there = new HashSet<Bytes>();
        foreach (var (key, entry) in node.Replica!.Keys.Entries)
        {
            if (entry.Answering is not { } held) continue;
            there.Add(key);

            // Whose life is about over, the nodes need not agree on.
            if (entry.ExpiresAtMs < world.Now + SimulatedClocks.MostOffMs) continue;
            var told = _view.GetValueOrDefault(key);
            if (told != Shown(held.State)) return $"{key} is {Shown(held.State)}, told was {told ?? "nothing"}";
        }

        foreach (var key in _view.Keys)
            if (!there.Contains(key)) return $"{key} is gone, told was {_view[key]}";
        return null;
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
