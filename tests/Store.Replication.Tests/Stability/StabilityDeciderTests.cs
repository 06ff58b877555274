using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Stability;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;

namespace Gossipdb.Replication.Tests.Stability;

public sealed class StabilityDeciderTests
{
    private static readonly ReplicaId Old = new(0x0d);

    [Fact]
    public void What_every_owner_has_on_disk_is_stable()
    {
        var parts = new OwnerParts();
        parts.Have(Clock((A, 5), (B, 3)));
        parts.Tell(1, Clock((A, 5), (B, 3)), Clock((A, 4), (B, 3)));
        parts.Tell(2, Clock((A, 5), (B, 3)), Clock((A, 5), (B, 2)));
        Assert.Equal(Clock((A, 4), (B, 2)), Propose(parts)!.Clock);
    }

    [Fact]
    public void Nothing_is_proposed_while_an_owner_is_silent_or_away_or_has_what_is_not_here()
    {
        var parts = new OwnerParts();
        parts.Have(Clock((A, 5)));
        parts.Tell(1, Clock((A, 5)), Clock((A, 5)));
        Assert.Null(Propose(parts));

        parts.Tell(2, Clock((A, 5), (B, 1)), Clock((A, 5)));
        Assert.Null(Propose(parts));

        parts.Tell(2, Clock((A, 5)), Clock((A, 5)));
        Assert.NotNull(Propose(parts));
        parts.Peers.SetNear(OwnerParts.Owners[2], false);
        Assert.Null(Propose(parts));
    }

    [Fact]
    public void The_first_owner_decides_and_no_other()
    {
        var parts = new OwnerParts(self: 1);
        parts.Have(Clock((A, 5)));
        parts.Tell(0, Clock((A, 5)), Clock((A, 5)));
        parts.Tell(2, Clock((A, 5)), Clock((A, 5)));
        Assert.Null(Propose(parts));
    }

    [Fact]
    public void A_decision_is_made_once_every_owner_has_on_disk_what_had_been_applied_by_then()
    {
        var parts = new OwnerParts();
        parts.Have(Clock((A, 5)));
        parts.Applied.Advance(A, 6);
        parts.Tell(1, Clock((A, 5)), Clock((A, 5)));
        parts.Tell(2, Clock((A, 5)), Clock((A, 5)));
        var decider = Decider(parts);
        var cut = decider.Propose(StableCut.None, hasUncollected: true, Trio.Now)!;
        decider.Begin(cut, FallbackMembership.Empty, Trio.Now);

        parts.Tell(1, Clock((A, 6)), Clock((A, 6)));
        parts.Tell(2, Clock((A, 6)), Clock((A, 6)));
        Assert.Null(decider.TryDecide());
        parts.Durable.Advance(A, 6);
        parts.Tell(2, Clock((A, 6)), Clock((A, 5)));
        Assert.Null(decider.TryDecide());
        parts.Tell(2, Clock((A, 6)), Clock((A, 6)));
        var decision = decider.TryDecide()!;
        Assert.Equal((Clock((A, 5)), Clock((A, 6))), (decision.StableCut.Clock, decision.Needs));
        Assert.Null(decider.TryDecide());
    }

    [Theory]
    [InlineData(7, true)]
    [InlineData(6, false)]
    public void An_incarnation_has_ended_where_every_owner_has_the_same_of_it(long atAnother, bool hasEnded)
    {
        var parts = new OwnerParts();
        parts.Have(Clock((A, 5), (Old, 7)));
        parts.Tell(1, Clock((A, 5), (Old, atAnother)), Clock((A, 5), (Old, atAnother)));
        parts.Tell(2, Clock((A, 5), (Old, 7)), Clock((A, 5), (Old, 7)));
        Assert.Equal(hasEnded ? [Old] : [], Propose(parts)!.Retired.Select(retired => retired.Id));
    }

    private static StabilityDecider Decider(OwnerParts parts) =>
        new(A, parts.Peers, parts.Fallbacks, parts.Applied, parts.Durable, parts.Clock, parts.Settings);

    private static StableCut? Propose(OwnerParts parts) => Decider(parts).Propose(StableCut.None, hasUncollected: true, Trio.Now);
}
