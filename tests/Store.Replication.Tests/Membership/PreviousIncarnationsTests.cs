using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;
using static Gossipdb.Replication.Tests.Harness.StateParts;

namespace Gossipdb.Replication.Tests.Membership;

public sealed class PreviousIncarnationsTests
{
    private readonly OwnerParts _parts = new();
    private readonly StateParts _messages = new();
    private readonly PreviousIncarnations _previous;

    public PreviousIncarnationsTests()
    {
        _previous = new PreviousIncarnations(_parts.Peers, _parts.Applied, new SalvagedEvents(1_000));
        _previous.Begin();
    }

    [Fact]
    public void All_is_known_once_every_owner_has_answered_and_what_it_had_is_applied_here()
    {
        _previous.Hear(1, _messages.Answer(1, Clock((Ended, 2))));
        Assert.False(_previous.HasToHear(1));
        _previous.Hear(2, _messages.Answer(2, Clock()));
        Assert.False(_previous.AreKnown());
        _parts.Applied.Advance(Ended, 2);
        Assert.True(_previous.AreKnown());
        Assert.True(new PreviousIncarnations(_parts.Peers, Clock(), new SalvagedEvents(1_000)).AreKnown());
    }

    [Fact]
    public void Gossip_is_no_answer()
    {
        _previous.Hear(1, _messages.ClocksOf(1, Clock()));
        _previous.Hear(2, _messages.Answer(2, Clock()));
        Assert.True(_previous.HasToHear(1));
        Assert.False(_previous.AreKnown());
    }

    [Fact]
    public void The_answer_of_an_incarnation_that_has_ended_does_not_count()
    {
        _previous.Hear(1, _messages.Answer(1, Clock((Ended, 2))));
        _previous.Hear(2, _messages.Answer(2, Clock()));
        _parts.Peers.Slots[1].Hear(new ReplicaId(0xb2), Trio.Now);
        _parts.Applied.Advance(Ended, 2);
        Assert.True(_previous.HasToHear(1));
        Assert.False(_previous.AreKnown());
    }

    [Fact]
    public void The_first_answer_of_an_incarnation_is_the_one_to_cover()
    {
        // It has heard this incarnation by then, and takes nothing of earlier ones any more.
        _previous.Hear(1, _messages.Answer(1, Clock((Ended, 2))));
        _previous.Hear(1, _messages.Answer(1, Clock((Ended, 2), (B, 9))));
        _previous.Hear(2, _messages.Answer(2, Clock()));
        _parts.Applied.Advance(Ended, 2);
        Assert.True(_previous.AreKnown());
    }
}
