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
    public void A_snapshot_that_was_given_up_gets_no_end()
    {
        _snapshot.Begin();
        _snapshot.GiveUp();
        _snapshot.Tick();
        Assert.Empty(_parts.Effects.Journal);
    }
}
