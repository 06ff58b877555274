using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.State;
using Gossipdb.Simulation.Checkers;
using Gossipdb.Simulation.Faults;
using Gossipdb.Simulation.Nodes;

namespace Gossipdb.Simulation.Workload;

// Keys that come and go while others scan them, page by page, each page at another node and some of those failing. What a scan must list
// is known: a key is made once, and deleted at most by a session that has seen it. So the same keys check that a session's writes follow
// its reads.
public sealed partial class History
{
    private const int MostRefusedPages = 8;
    private static readonly Bytes ListedPrefix = Bytes.FromText("k/");
    private readonly List<Listed> _listed = [];
    private int _openScans;
    private int _scans;

    /// <summary>A key that is made once.</summary>
    private sealed class Listed(Bytes key)
    {
        public Bytes Key { get; } = key;
        public ulong AckedBy { get; set; }

        /// <summary>The token of the receipt of its making.</summary>
        public VersionVector? Token { get; set; }
        public bool DeleteRequested { get; set; }
        public ulong DeletedBy { get; set; }

        /// <summary>A stand-in acked the deletion, for an owner that had not.</summary>
        public bool IsDeletionHeld { get; set; }
    }

    /// <summary>A scan under way. What it must list is of the moment it began.</summary>
    private sealed class Scanning(Random random, int required, bool isSloppy, List<Listed> seen, List<Listed> must)
    {
        public Random Random => random;
        public int Required => required;
        public bool IsSloppy => isSloppy;

        /// <summary>What the session has seen made.</summary>
        public List<Listed> Seen => seen;
        public List<Listed> Must => must;
        public VersionVector? Token { get; set; }
        public Bytes After { get; set; }
        public List<Bytes> Met { get; } = [];
        public int Refused { get; set; }
    }

    private void MakeListed(SimulatedNode node, Durability? inMemory = null)
    {
        var listed = new Listed(Bytes.FromText($"k/{_random.Next(100):00}-{_listed.Count}"));
        _listed.Add(listed);
        var durability = inMemory ?? AnyDurability();
        Write(node, listed.Key, new RegisterAssign(CrdtType.Register, listed.Key), AnyCount(), durability, default, result =>
        {
            if (result.Outcome != Outcome.Done) return;
            listed.Token = result.Clock.Copy();
            if (durability == Durability.Journal) listed.AckedBy = result.AckedSlots;
        });
    }

    /// <summary>
    /// A session reads a key at one node and deletes it at another: the deletion removes what was read (writes follow reads).
    /// </summary>
    private void DeleteListed(SimulatedNode node)
    {
        if (_listed.Count == 0) return;
        var listed = _listed[_random.Next(_listed.Count)];
        var next = _world.Nodes[_random.Next(_world.Nodes.Length)];
        Tell($"{node.Id} reads {listed.Key}, to delete it at {next.Id}");
        node.Execute(new SimulatedRead
        {
            Key = listed.Key,
            Required = 1,
            DeadlineMs = node.SteadyMs + 400,
            Done = result =>
            {
                Count(result.Outcome);
                if (result.State is null) return;
                var token = _world.Fault == Fault.WritesForgetReads ? null : result.Seen!.Copy();
                _world.After(1, () => Delete(next, listed, token));
            },
        });
    }

    private void Delete(SimulatedNode node, Listed listed, VersionVector? token)
    {
        listed.DeleteRequested = true;
        Write(node, listed.Key, operation: null, AnyCount(), Durability.Journal, default, result =>
        {
            if (result.Outcome != Outcome.Done) return;
            listed.DeletedBy |= result.AckedSlots;
            listed.IsDeletionHeld |= result.StandIns is not null;
        }, token: token);
    }

    private void BeginScan(SimulatedNode node)
    {
        var random = new Random(_random.Next());
        var seen = new List<Listed>();
        VersionVector? token = null;
        for (var i = random.Next(4); i > 0 && _listed.Count > 0; i--)
        {
            if (_listed[random.Next(_listed.Count)] is not { Token: { } made } one) continue;
            seen.Add(one);
            (token ??= new VersionVector()).Merge(made);
        }

        var required = random.Next(1, _world.Replication + 1);
        var must = _listed.FindAll(one => !one.DeleteRequested && (seen.Contains(one) || IsAckedFor(one, required)));
        Tell($"{node.Id} begins a scan "
            + $"R={required}{(seen.Count == 0 ? "" : $" of a session that saw {string.Join(' ', seen.Select(one => one.Key))}")}");
        _openScans++;
        AskForPage(node, new Scanning(random, required, _world.HasFallbacks && random.Next(2) == 0, seen, must) { Token = token });
    }

    // R + W > N.
    private bool IsAckedFor(Listed one, int required) =>
        SurvivingAcks(one.AckedBy) > 0 && SurvivingAcks(one.AckedBy) + required > _world.Replication;

    private void AskForPage(SimulatedNode node, Scanning scan)
    {
        var range = new ScanRange(ListedPrefix, scan.After, scan.Random.Next(1, 6));

        // Asked for now: acked before that.
        var acked = scan.IsSloppy ? [] : _listed.FindAll(one => !one.DeleteRequested && IsAckedFor(one, scan.Required));
        var gone = scan.IsSloppy
            ? []
            : _listed.FindAll(one => SurvivingAcks(one.DeletedBy) + scan.Required > _world.Replication && SurvivingAcks(one.DeletedBy) > 0);
        var settled = false;
        node.Execute(new SimulatedRead
        {
            Key = default,
            Scan = range,
            Required = scan.Required,
            Sloppy = scan.IsSloppy,
            Token = _world.Fault == Fault.NoTokens ? null : scan.Token,
            DeadlineMs = node.SteadyMs + 400,
            Done = result =>
            {
                Count(result.Outcome);
                if (settled) return;
                settled = true;
                if (result.Outcome != Outcome.Done || _world.IsLost(node.Id))
                {
                    GoOn(scan, isRefused: true);
                    return;
                }

                var page = result.Page!;
                CheckPage(scan, range, page, acked.FindAll(one => IsAckedFor(one, scan.Required)), gone);
                scan.Met.AddRange(page.Keys.Select(key => key.Key));
                (scan.Token ??= new VersionVector()).Merge(result.Seen!);
                if (page.Next is { } next)
                {
                    scan.After = next;
                    GoOn(scan, isRefused: false);
                }
                else
                {
                    EndScan(scan);
                }
            },
        });
        _world.After(600, () =>
        {
            if (settled) return;
            settled = true;
            GoOn(scan, isRefused: true);
        });
    }

    private void GoOn(Scanning scan, bool isRefused)
    {
        if (isRefused && ++scan.Refused > MostRefusedPages)
        {
            _openScans--;
            return;
        }

        var node = _world.Nodes[scan.Random.Next(_world.Nodes.Length)];
        _world.After(scan.Random.Next(1, 150), () => AskForPage(node, scan));
    }

    private void CheckPage(Scanning scan, ScanRange range, ScanPage page, List<Listed> acked, List<Listed> gone)
    {
        var last = range.After;
        foreach (var (key, _) in page.Keys)
        {
            if (!key.Span.StartsWith(range.Prefix.Span) || key.CompareTo(last) <= 0)
                throw new CheckFailed($"a page behind {range.After} of the keys with {range.Prefix} tells {key} after {last}");
            last = key;
        }

        if (page.Keys.Count > range.Limit) throw new CheckFailed($"a page of {range.Limit} tells {page.Keys.Count} keys");
        if (page.Next is { } next && (next.CompareTo(last) < 0 || next == range.After))
            throw new CheckFailed($"a page that ends with {last} goes on behind {next}");
        foreach (var one in scan.Seen.Concat(acked))
        {
            if (one.DeleteRequested || one.Key.CompareTo(range.After) <= 0 || (page.Next is { } end && one.Key.CompareTo(end) > 0))
                continue;
            if (scan.Seen.Contains(one) || IsAckedFor(one, scan.Required))
            {
                Expect(
                    page,
                    one,
                    isThere: true,
                    $"a page of a scan at R={scan.Required} misses {one.Key}, "
                    + $"{(scan.Seen.Contains(one) ? "seen by its session" : "acked")}");
            }
        }

        foreach (var one in gone)
            if (SurvivingAcks(one.DeletedBy) + scan.Required > _world.Replication)
                Expect(page, one, isThere: false, $"a page of a scan at R={scan.Required} tells {one.Key}, whose deletion is acked");
    }

    private static void Expect(ScanPage page, Listed one, bool isThere, string what)
    {
        if (page.Keys.Any(key => key.Key == one.Key) != isThere) throw new CheckFailed(what);
    }

    /// <summary>Whatever was there all the time is listed, and nothing twice.</summary>
    private void EndScan(Scanning scan)
    {
        _openScans--;
        _scans++;
        foreach (var one in scan.Must)
        {
            if (one.DeleteRequested || (!scan.Seen.Contains(one) && (scan.IsSloppy || !IsAckedFor(one, scan.Required)))) continue;
            if (!scan.Met.Contains(one.Key))
                throw new CheckFailed($"a whole scan at R={scan.Required} misses {one.Key}, which was there all the time");
        }

        if (scan.Met.Distinct().Count() != scan.Met.Count) throw new CheckFailed("a scan tells a key twice");
    }

    private void CheckListed(Replica replica)
    {
        foreach (var one in _listed)
        {
            var isThere = replica.Keys.Find(one.Key)?.Answering is not null;
            if (SurvivingAcks(one.AckedBy) > 0 && !one.DeleteRequested && !isThere)
                throw new CheckFailed($"{one.Key}, acked by {SurvivingAcks(one.AckedBy)}, is lost");
            if ((SurvivingAcks(one.DeletedBy) > 0 || one.IsDeletionHeld) && isThere)
                throw new CheckFailed($"{one.Key} was deleted by a session that had read it, and is there");
        }
    }
}
