using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Counters;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Registers;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Hosting;
using Gossipdb.Replication.Images;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;

namespace Gossipdb.Replication.Tests.Images;

/// <summary>Backups of a replica that goes on working, and what becomes of them at another one.</summary>
public sealed class BackupTests
{
    private static readonly ReplicaSettings Small = new() { EventLogMaxBytes = 500, ImageSliceBytes = 200, ImageFinalBytes = 300 };
    private readonly Trio _trio = new(Small);

    public BackupTests() => Assert.True(_trio.RunUntil(() => _trio.Replicas.All(static replica => replica.NotServingBecause is null)));

    [Fact]
    public void Writes_between_the_slices_leave_one_state_and_what_went_meanwhile_is_gone()
    {
        for (var i = 0; i < 60; i++) _trio.Execute(0, Trio.Add($"key-{i}", "x", required: 1));
        var written = 0;
        var (told, end) = Take(0, null, () =>
        {
            _trio.Execute(0, Trio.Add($"new-{written}", "z", required: 1));
            _trio.Execute(0, Trio.Add($"key-{written}", "y", required: 1));
            _trio.Execute(0, Delete($"key-{59 - written++}"));
        });
        Assert.True(written >= 5, $"{written} slices");
        Assert.Equal(Seen(0), Names(told));
        Assert.Equal((told.Count, _trio.Replicas[0].Applied), ((int)end.Keys.Count, end.Clock));
        Assert.Null(end.Unchanged);
    }

    [Fact]
    public void Where_everything_changes_all_the_time_it_takes_no_more_turns_than_where_nothing_does()
    {
        for (var i = 0; i < 40; i++) _trio.Execute(0, Trio.Add($"key-{i}", "x", required: 1));
        var (quiet, busy) = (0, 0);
        Take(0, null, () => quiet++);
        var (told, end) = Take(0, null, () =>
        {
            busy++;
            for (var i = 0; i < 40; i++) _trio.Execute(0, Trio.Add($"key-{i}", "x", required: 1));
        });
        Assert.Equal(quiet, busy);
        Assert.Equal(Seen(0), Names(told));
        Assert.Equal(_trio.Replicas[0].Applied, end.Clock);
    }

    [Fact]
    public void What_changed_since_an_earlier_one_is_told_whole_and_nothing_else()
    {
        for (var i = 0; i < 40; i++) _trio.Execute(0, Trio.Add($"key-{i}", "x", required: 1));
        var (_, first) = Take(0, null);
        _trio.Execute(0, Trio.Add("key-7", "y", required: 1));
        _trio.Execute(0, Trio.Add("more", "y", required: 1));
        var (told, end) = Take(0, first);
        Assert.Equal(["key-7", "more"], told.Keys.Order());
        Assert.Equal(2, ((Crdt.Sets.AddWinsSet)Decode(told["key-7"][0])).Count);
        Assert.Equal(first.Keys.Count + 1, end.Keys.Count);

        // No key is gone: none needs to be listed.
        Assert.Null(end.Unchanged);
    }

    [Fact]
    public void A_key_that_was_dropped_is_known_by_not_being_among_the_unchanged()
    {
        for (var i = 0; i < 10; i++) _trio.Execute(0, Trio.Add($"key-{i}", "x", required: 1));
        Assert.True(_trio.RunUntil(() => _trio.AreEqual));
        var (_, first) = Take(0, null);
        _trio.Execute(0, Delete("key-3"));
        Assert.True(_trio.RunUntil(() => _trio.Replicas[0].Keys.Find(Trio.Key("key-3")) is null), "it is dropped");
        var (told, end) = Take(0, first);
        Assert.Empty(told);
        Assert.Equal(9, end.Keys.Count);
        Assert.DoesNotContain(BackupSource.HashOf(Trio.Key("key-3")), end.Unchanged!);
        Assert.Equal(9, end.Unchanged!.Count);
    }

    [Fact]
    public void Who_has_not_applied_what_the_earlier_one_holds_refuses()
    {
        _trio.Execute(0, Trio.Add("key", "x", required: 1));
        var (_, first) = Take(0, null);
        var wrong = Assert.Throws<InvalidOperationException>(() => _trio.Replicas[1].Backups.Begin(first.Clock, first.Keys, 1000));
        Assert.Contains("earlier backup", wrong.Message);
    }

    [Fact]
    public void Where_an_image_replaces_the_state_between_two_slices_it_does_not_go_on()
    {
        for (var i = 0; i < 60; i++) _trio.Execute(0, Trio.Add($"key-{i}", "x", required: 1));
        var replica = _trio.Replicas[0];
        var source = replica.Backups.Begin(new VersionVector(), default, 1000);
        Assert.Null(replica.Backups.Continue(source, []));
        replica.Keys.Replace(new Dictionary<Bytes, KeyEntry>(), StableCut.None);
        Assert.Throws<InvalidOperationException>(() => replica.Backups.Continue(source, []));
    }

    [Fact]
    public void A_large_object_is_told_in_parts_and_restored_at_another_replica_it_is_the_same()
    {
        for (var i = 0; i < 50; i++) _trio.Execute(0, Trio.Add("large", $"element-{i}", required: 1));
        _trio.Execute(0, Trio.Increment("count", default));
        var (told, _) = Take(0, null, partBytes: 100);
        Assert.True(told["large"].Count > 3);

        var other = new Trio();
        Assert.True(other.RunUntil(() => other.Replicas[0].NotServingBecause is null));
        ulong number = 0;
        foreach (var (key, parts) in told)
            foreach (var part in parts) other.Execute(0, Restore(key, Decode(part), new OperationId(5, ++number, long.MaxValue)));
        Assert.Equal(_trio.Elements(0, "large").Order(), other.Elements(0, "large").Order());
        Assert.True(other.RunUntil(() => other.AreEqual));
        Assert.Equal(1, ((PNCounter)other.Replicas[2].Keys.Find(Trio.Key("count"))!.Answering!.State).Value);
    }

    [Fact]
    public void Restored_twice_under_one_name_it_counts_once_and_another_type_is_kept_beside()
    {
        _trio.Execute(0, Trio.Increment("count", default));
        var (told, _) = Take(0, null);
        var saved = Decode(told["count"][0]);
        var name = new OperationId(5, 1, Trio.Now + 60_000);
        _trio.Execute(0, Restore("count", saved, name));
        _trio.Execute(0, Restore("count", saved, name));
        Assert.Equal(2, ((PNCounter)_trio.Replicas[0].Keys.Find(Trio.Key("count"))!.Answering!.State).Value);

        _trio.Execute(0, Trio.Add("set", "x", required: 1));
        _trio.Execute(0, Restore("set", saved, name with { Number = 2 }));
        Assert.Equal(2, _trio.Replicas[0].Keys.Find(Trio.Key("set"))!.VisibleTypes);
        Assert.Equal(CrdtType.Set, _trio.Replicas[0].Keys.Find(Trio.Key("set"))!.Answering!.State.Type);
    }

    [Theory]
    [InlineData(null, 5_000L, 5_000L)]
    [InlineData(3_000L, 5_000L, 5_000L)]
    [InlineData(9_000L, 5_000L, 9_000L)]
    [InlineData(9_000L, long.MaxValue, long.MaxValue)]
    public void A_key_that_is_there_keeps_the_longer_life(long? held, long saved, long expected)
    {
        var set = Crdt.Crdt.Bottom(CrdtType.Set);
        if (held is { } life)
        {
            _trio.Execute(0, new WriteRequest
            {
                Key = Trio.Key("k"),
                Operation = new SetAdd([Bytes.FromText("x")]),
                LifetimeMs = life,
                Required = 1,
                DeadlineMs = long.MaxValue,
            });
        }

        var context = new UpdateContext(new ReplicaId(9), new VersionVector(), default, default);
        var clock = new VersionVector();
        clock.Advance(new ReplicaId(9), 1);
        set.Join(new VersionVector(), set.Mutate(new SetAdd([Bytes.FromText("y")]), context), clock);
        var now = _trio.Effects[0].Time.UnixMs;
        _trio.Execute(0, Restore("k", set, default, saved == long.MaxValue ? Expiry.Never : now + saved));
        var entry = _trio.Replicas[0].Keys.Find(Trio.Key("k"))!;
        Assert.Equal(expected == long.MaxValue ? Expiry.Never : now + expected, entry.ExpiresAtMs);
    }

    [Fact]
    public void A_journal_read_back_to_a_time_has_what_was_made_until_then()
    {
        At(1000_000, () => _trio.Execute(0, Add("a", "x")));
        At(2000_000, () => _trio.Execute(0, Add("a", "y")));
        At(3000_000, () => _trio.Execute(0, Delete("a")));
        foreach (var (until, expected) in new[] { (1500_000, "x"), (2500_000, "x,y"), (3500_000, "") })
        {
            var replay = Replay(until);
            foreach (var (record, _) in _trio.Effects[0].Journal) replay.Take(record);
            Assert.Null(replay.ReachesBackToMs);
            Assert.Equal(expected, string.Join(",", replay.Objects(1000).SelectMany(saved =>
                ((Crdt.Sets.AddWinsSet)Decode(saved)).Elements().Select(static element => element.ToString()))));
        }
    }

    [Fact]
    public void A_journal_that_begins_with_a_later_image_says_to_when_it_reaches_back()
    {
        At(1000_000, () => _trio.Execute(0, Add("a", "x")));
        At(2000_000, () => _trio.Execute(0, Add("b", "y")));
        var before = _trio.Effects[0].Journal.Count;
        _trio.Replicas[0].BeginSnapshot();
        Assert.True(_trio.RunUntil(() => !_trio.Replicas[0].Inspection.IsSnapshotting));
        var whole = Replay(1500_000);
        foreach (var (record, _) in _trio.Effects[0].Journal) whole.Take(record);
        Assert.Null(whole.ReachesBackToMs);
        Assert.Single(whole.Objects(1000));

        var cut = Replay(1500_000);
        foreach (var (record, _) in _trio.Effects[0].Journal.Skip(before)) cut.Take(record);
        Assert.True(cut.ReachesBackToMs >= Trio.Now + 2000_000, $"{cut.ReachesBackToMs}");
        var all = Replay(null);
        foreach (var (record, _) in _trio.Effects[0].Journal.Skip(before)) all.Take(record);
        Assert.Equal(2, all.Objects(1000).Count());
    }

    private static PartitionReplay Replay(long? untilMs) =>
        new(Trio.Owners[0], new PartitionLayout(Trio.Owners, null, [], IsFirst: true), Trio.Now + untilMs);

    private void At(long ms, Action act)
    {
        _trio.Effects[0].Time = RecordingEffects.At(Trio.Now + ms);
        _trio.Replicas[0].Tick(Trio.Now + ms, 1);
        act();
    }

    private (SortedDictionary<string, List<SavedObject>> Told, BackupEnd End) Take(
        int node, BackupEnd? since, Action? between = null, long partBytes = 10_000)
    {
        var told = new SortedDictionary<string, List<SavedObject>>(StringComparer.Ordinal);
        var source = _trio.Replicas[node].Backups.Begin(since?.Clock ?? new VersionVector(), since?.Keys ?? default, partBytes);
        while (true)
        {
            var objects = new List<SavedObject>();
            var end = _trio.Replicas[node].Backups.Continue(source, objects);
            foreach (var saved in objects)
            {
                var key = saved.Key.ToString();
                if (saved.IsGone) told.Remove(key);
                else if (saved.Continues) told[key].Add(saved);
                else told[key] = [saved];
            }

            if (end is not null) return (told, end);
            between?.Invoke();
        }
    }

    private string[] Seen(int node) =>
        [.. _trio.Replicas[node].Keys.Entries.Where(static pair => pair.Value.Answering is not null)
            .Select(pair => $"{pair.Key}: {string.Join(",", _trio.Elements(node, pair.Key.ToString()))}")
            .Order(StringComparer.Ordinal)];

    private static string[] Names(SortedDictionary<string, List<SavedObject>> told) =>
        [.. told.Select(static pair => $"{pair.Key}: {string.Join(",", ((Crdt.Sets.AddWinsSet)Decode(pair.Value[0])).Elements())}")
            .Order(StringComparer.Ordinal)];

    private static Crdt.Crdt Decode(SavedObject saved)
    {
        var reader = new ByteReader(saved.State);
        return Crdt.Crdt.Decode(ref reader);
    }

    private static WriteRequest Restore(string key, Crdt.Crdt saved, OperationId name, long expiresAtMs = Expiry.Never) => new()
    {
        Key = Trio.Key(key),
        Operation = new StateRestore(saved, expiresAtMs),
        OperationId = name,
        Required = 1,
        DeadlineMs = long.MaxValue,
    };

    private static WriteRequest Add(string key, string element) => new()
    {
        Key = Trio.Key(key),
        Operation = new SetAdd([Bytes.FromText(element)]),
        Required = 1,
        DeadlineMs = long.MaxValue,
    };

    private static WriteRequest Delete(string key) =>
        new() { Key = Trio.Key(key), Operation = null, Required = 1, DeadlineMs = long.MaxValue };
}
