using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.State;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;

namespace Gossipdb.Replication.Tests.State;

public sealed class RetiredTableTests
{
    private static readonly ReplicaId Ended = new(0xe1);
    private static readonly StableCut Cut = new(Clock((A, 3), (Ended, 7)), 5, [new RetiredReplica(Ended, new Dot(A, 2))]);
    private readonly RetiredTable _table = RetiredTable.Of(Cut);

    [Fact]
    public void What_is_left_out_of_a_clock_that_covers_the_table_comes_back_with_it()
    {
        var whole = Clock((A, 9), (B, 1), (Ended, 7));
        var stated = _table.LeaveOutOf(whole);
        Assert.Equal(Clock((A, 9), (B, 1)), stated);
        Assert.Equal(whole, _table.AddTo(stated));
        Assert.Equal(Clock((A, 9), (B, 1), (Ended, 7)), whole);
    }

    [Fact]
    public void A_change_above_the_last_one_that_is_known_of_it_is_not_left_out() =>
        Assert.Equal(Clock((Ended, 8)), _table.LeaveOutOf(Clock((Ended, 8))));

    [Fact]
    public void A_stable_cut_comes_back_with_its_retired_ids()
    {
        var stated = _table.LeaveOutOf(Cut);
        Assert.Empty(stated.Retired);
        Assert.Equal(Clock((A, 3)), stated.Clock);
        Assert.True(_table.AddTo(stated).IsSame(Cut));
    }

    [Fact]
    public void Tables_that_differ_in_a_sequence_or_in_an_heir_have_other_hashes()
    {
        var same = RetiredTable.Of(Cut with { Clock = Clock((A, 99), (Ended, 7)) });
        var another = RetiredTable.Of(Cut with { Clock = Clock((A, 3), (Ended, 8)) });
        var heir = RetiredTable.Of(Cut with { Retired = [new RetiredReplica(Ended, new Dot(B, 2))] });
        Assert.Equal(_table.Hash, same.Hash);
        Assert.Equal(4, new[] { 0UL, _table.Hash, another.Hash, heir.Hash }.Distinct().Count());
        Assert.Equal(0UL, RetiredTable.Of(Cut with { Retired = [] }).Hash);
    }
}
