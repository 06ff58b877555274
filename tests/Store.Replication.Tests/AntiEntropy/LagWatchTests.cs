using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.AntiEntropy;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Tests.Harness;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;

namespace Gossipdb.Replication.Tests.AntiEntropy;

public sealed class LagWatchTests
{
    private readonly OwnerParts _parts = new(settings: new ReplicaSettings { GossipIntervalMs = 1_000 });
    private readonly LagWatch _lag;
    private long _now = Trio.Now;

    public LagWatchTests()
    {
        _lag = new LagWatch(_parts.Applied, _parts.Peers, _parts.Settings);
        _lag.Tick(_now);
    }

    [Fact]
    public void Who_lacks_nothing_is_not_behind()
    {
        _parts.Have(Clock((A, 5)));
        Know(1, Clock((A, 5)));
        Pass(10_000);
        Assert.Equal(0, _lag.BehindMs(1, _now));
    }

    [Fact]
    public void Who_lacks_something_is_behind_for_as_long_as_that_has_been_here()
    {
        Pass(60_000);
        _parts.Have(Clock((A, 5)));
        Pass(30_000);
        Assert.InRange(_lag.BehindMs(1, _now), 29_000, 30_000);

        // Part of it is not all of it.
        Know(1, Clock((A, 4)));
        Pass(5_000);
        Assert.InRange(_lag.BehindMs(1, _now), 34_000, 35_000);

        Know(1, Clock((A, 5)));
        Assert.Equal(0, _lag.BehindMs(1, _now));
    }

    [Fact]
    public void Under_a_load_that_never_ends_an_owner_that_keeps_up_is_not_behind()
    {
        for (var second = 1L; second <= 60; second++)
        {
            // It lacks what the last second has brought, always.
            _parts.Have(Clock((A, 1_000 * second)));
            Know(1, Clock((A, 1_000 * (second - 1))));
            Pass(1_000);
            Assert.InRange(_lag.BehindMs(1, _now), 0, 2_000);
        }
    }

    [Fact]
    public void A_slot_that_changes_hands_is_measured_anew()
    {
        _parts.Have(Clock((A, 5)));
        Pass(30_000);
        _parts.Peers.Slots[1].SetHolder(new SlotHolder(new NodeId(4), 2, true, OwnerParts.Owners[1]), isNear: true, takesWrites: true);
        Assert.Equal(0, _lag.BehindMs(1, _now));
        Pass(3_000);
        Assert.InRange(_lag.BehindMs(1, _now), 2_000, 3_000);
    }

    private void Know(int slot, VersionVector applied) => _parts.Peers.Slots[slot].Applied.Merge(applied);

    private void Pass(long ms)
    {
        for (var end = _now + ms; _now < end;)
        {
            _now += 100;
            _lag.Tick(_now);
        }
    }
}
