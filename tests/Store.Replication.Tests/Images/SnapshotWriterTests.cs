using Gossipdb.Crdt;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Images;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using static Gossipdb.Replication.Tests.Harness.StateParts;

namespace Gossipdb.Replication.Tests.Images;

public sealed class SnapshotWriterTests
{
    private readonly StateParts _parts = new(settings: new ReplicaSettings { ImageSliceBytes = 1 });
    private readonly SnapshotWriter _snapshot;

    public SnapshotWriterTests()
    {
        _snapshot = new SnapshotWriter(_parts.State, _parts.Gate, _parts.Settings);
        _parts.Make("cart", "apple");
        _parts.Make("list", "milk");
        _parts.Effects.Journal.Clear();
    }

    [Fact]
    public void The_last_slices_and_the_end_are_written_in_one_turn_and_that_it_has_served_comes_after()
    {
        _parts.Gate.RecoverServed();
        _snapshot.Begin();
        Assert.Empty(_parts.Effects.Journal);
        _snapshot.Tick();
        _parts.Make("cart", "pear");
        _parts.Make("new", "bread");
        _snapshot.Tick();
        Assert.True(_snapshot.IsRunning);
        _parts.Effects.Journal.Clear();
        _snapshot.Tick();
        Assert.False(_snapshot.IsRunning);
        Assert.True(_parts.Journaled.Length > 3);
        Assert.All(_parts.Journaled[..^2], static kind => Assert.Equal(JournalRecordKind.ImageSlice, kind));
        Assert.Equal([JournalRecordKind.ImageJoin, JournalRecordKind.Served], _parts.Journaled[^2..]);
    }

    [Fact]
    public void Nothing_of_a_state_that_is_not_to_be_trusted_is_written()
    {
        _snapshot.Begin();
        _parts.Gate.LoseMemory(Owners[1]);
        _snapshot.Tick();
        Assert.False(_snapshot.IsRunning);
        Assert.Empty(_parts.Effects.Journal);
    }

    [Fact]
    public void No_turn_looks_at_all_keys_and_what_changed_or_went_meanwhile_comes_at_the_end()
    {
        const int keys = 20_000;
        var parts = new StateParts();
        for (var i = 0; i < keys; i++) parts.Make($"key-{i}", "x");
        var source = new ImageSource(parts.State, parts.State.Applied.Copy(), parts.Settings);
        var turns = new List<byte[]>();
        ImageHead? head = null;
        while (head is null)
        {
            (var slice, head) = source.Next();
            turns.Add(slice.ToArray());
            if (turns.Count == 1) parts.Make("key-0", "y");
        }

        Assert.InRange(turns.Count, 3, 5);
        Assert.All(turns[..^1], Assert.Empty);
        var changed = new Dictionary<Bytes, KeyEntry>();
        ImageSlice.Read(turns[^1], changed);
        Assert.Equal("key-0", Assert.Single(changed.Keys).ToString());
        Assert.Equal(parts.State.Applied, head.Clock);
    }

    [Fact]
    public void A_turn_writes_as_much_as_a_slice_for_a_peer_in_records_that_are_no_large_objects()
    {
        var parts = new StateParts();
        for (var i = 0; i < 3_000; i++) parts.Make($"key-{i}", new string('x', 300));
        var snapshot = new SnapshotWriter(parts.State, parts.Gate, parts.Settings);
        snapshot.Begin();
        var turns = new List<int>();
        while (snapshot.IsRunning)
        {
            parts.Effects.Journal.Clear();
            snapshot.Tick();
            Assert.All(parts.Effects.Journal, static entry => Assert.InRange(entry.Record.Length, 1, 70_000));
            turns.Add(parts.Effects.Journal.Sum(static entry => entry.Record.Length));
        }

        Assert.All(turns[..^1], bytes => Assert.InRange(bytes, parts.Settings.ImageSliceBytes / 2, parts.Settings.ImageSliceBytes));
        Assert.InRange(turns.Count, 4, 6);
    }

    [Theory]
    [InlineData(16, 60_000)]
    [InlineData(2_000, 500)]
    public void Where_everything_changes_all_the_time_it_is_written_twice_at_most(int keys, int bytes)
    {
        var parts = new StateParts();
        var state = 0;
        ChangeAll("x");
        parts.Effects.Journal.Clear();
        var snapshot = new SnapshotWriter(parts.State, parts.Gate, parts.Settings);
        snapshot.Begin();
        var written = 0L;
        for (var turn = 0; snapshot.IsRunning; turn++)
        {
            parts.Effects.Journal.Clear();
            snapshot.Tick();
            written += parts.Effects.Journal.Sum(static entry => entry.Record.Length);
            if (snapshot.IsRunning) ChangeAll($"y{turn}");
        }

        Assert.InRange(written, state / 2, 2.1 * state);

        void ChangeAll(string with)
        {
            state = 0;
            var value = Bytes.FromText(with + new string('x', bytes));
            var assign = new RegisterAssign(CrdtType.Register, value);
            for (var i = 0; i < keys; i++) state += parts.Operate($"key-{i}", assign).Encoded.Length;
        }
    }

    [Fact]
    public void A_snapshot_that_was_given_up_gets_no_end()
    {
        _snapshot.Begin();
        _snapshot.GiveUp();
        _snapshot.Tick();
        Assert.Empty(_parts.Effects.Journal);
    }
}
