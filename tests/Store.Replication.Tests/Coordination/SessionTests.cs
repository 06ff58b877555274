using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Tests.Coordination;

public sealed class SessionTests
{
    private readonly Trio _trio = new();

    [Fact]
    public void A_receipt_covers_the_write_and_nothing_that_could_be_lost_without_it()
    {
        _trio.Execute(0, Trio.Add("mine", "x", required: 2));
        _trio.Deliver();
        _trio.Execute(0, Trio.Add("others", "y", required: 1, Durability.Memory));
        _trio.Persist(1);
        _trio.Deliver();
        _trio.Persist(0);

        var receipt = _trio.Effects[0].Clocks.Last();
        Assert.Equal(1, receipt[_trio.Replicas[0].Id]);
        Assert.Equal(2, _trio.Replicas[0].Applied[_trio.Replicas[0].Id]);
    }

    [Fact]
    public void What_a_read_has_shown_is_what_it_covers()
    {
        _trio.Execute(0, Trio.Add("cart", "x", required: 1));
        _trio.Execute(0, Trio.Add("other", "y", required: 1));
        _trio.Execute(0, Trio.Read("cart", required: 1));
        Assert.Equal(1, Assert.Single(_trio.Effects[0].Seen)![_trio.Replicas[0].Id]);
        _trio.Execute(0, Trio.Read("absent", required: 1));
        Assert.Null(_trio.Effects[0].Seen.Last());
    }

    [Fact]
    public void What_a_token_names_of_an_ended_replica_is_there_or_lost()
    {
        var ended = _trio.Replicas[1].Id;
        _trio.Execute(1, Trio.Add("cart", "x", required: 1));
        _trio.Deliver();
        var clock = new VersionVector();
        clock.Advance(ended, 1);
        _trio.Replicas[0].Keys.Collect(new StableCut(clock, long.MinValue, [new RetiredReplica(ended, new Dot(_trio.Replicas[0].Id, 1))]));
        var beyond = clock.Copy();
        beyond.Advance(ended, 2);

        Assert.Null(_trio.Replicas[0].Inspection.LostDotsOf(clock));
        _trio.Execute(0, Trio.Read("cart", required: 1, token: clock));
        Assert.Equal(Outcome.Done, _trio.Effects[0].Reads[0].Outcome);
        _trio.Execute(0, Trio.Read("cart", required: 1, token: beyond));
        Assert.Equal(Outcome.SessionLost, _trio.Effects[0].Reads[1].Outcome);
        Assert.Equal(0, _trio.Replicas[0].Waiting);
    }

    [Fact]
    public void A_read_that_bounds_staleness_asks_once_and_then_is_served_alone()
    {
        _trio.Execute(1, Trio.Add("cart", "missed", required: 1));
        _trio.Deliver(lost: (_, to, _) => to == Trio.Owners[0]);

        _trio.Execute(0, Within(1_000));
        Assert.Empty(_trio.Effects[0].Reads);
        _trio.Deliver();
        Assert.Empty(_trio.Effects[0].Reads);

        // It covers what it was told once the hole has been fetched.
        _trio.Replicas[0].Tick(Trio.Now + 200, 0);
        _trio.Deliver();
        Assert.Equal(["missed"], Assert.Single(_trio.Effects[0].Reads).Elements);

        _trio.Effects[0].SteadyMs += 400;
        _trio.Execute(0, Within(1_000));
        Assert.Equal(2, _trio.Effects[0].Reads.Count);
        Assert.Empty(_trio.Effects[0].Sent);
    }

    [Fact]
    public void Questions_go_ahead_of_the_need_while_reads_go_on()
    {
        _trio.Execute(0, Within(1_000));
        _trio.Deliver();
        for (var i = 0; i < 20; i++)
        {
            _trio.Effects[0].SteadyMs += 300;
            _trio.Execute(0, Within(1_000));
            Assert.Equal(i + 2, _trio.Effects[0].Reads.Count);
            _trio.Deliver();
        }
    }

    [Fact]
    public void The_lag_is_counted_from_the_question_and_not_from_the_answer()
    {
        _trio.Execute(0, Within(1_000));
        _trio.Effects[0].SteadyMs += 5_000;
        _trio.Deliver(lost: (_, _, message) => message is ProgressQueryMessage { AskedAtMs: > 1_000 });
        Assert.Empty(_trio.Effects[0].Reads);
        _trio.Replicas[0].Tick(Trio.Now + 2_000, 0);
        Assert.Equal(Outcome.Stale, Assert.Single(_trio.Effects[0].Reads).Outcome);
    }

    [Fact]
    public void What_an_owner_out_of_reach_has_is_not_known_for_long()
    {
        _trio.Execute(0, Within(1_000));
        _trio.Deliver();
        _trio.Replicas[0].SetReachable(Trio.Owners[2], false);

        _trio.Effects[0].SteadyMs += 900;
        _trio.Execute(0, Within(1_000));
        Assert.Equal(Outcome.Done, _trio.Effects[0].Reads[1].Outcome);
        _trio.Effects[0].SteadyMs += 200;
        _trio.Execute(0, Within(1_000));
        Assert.Equal(Outcome.Stale, _trio.Effects[0].Reads[2].Outcome);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_session_waits_to_the_end_only_where_all_owners_are_within_reach(bool isCutOff)
    {
        _trio.Execute(1, Trio.Add("cart", "seen", required: 1));
        _trio.Deliver(lost: static (_, _, _) => true);
        if (isCutOff) _trio.Replicas[0].SetReachable(Trio.Owners[1], false);

        _trio.Replicas[0].Handle(
            new ReadRequest
            {
                Key = Trio.Key("cart"),
                Required = 1,
                DeadlineMs = Trio.Now + 60_000,
                Token = _trio.Replicas[1].Applied.Copy(),
            }, Trio.Now);
        _trio.Replicas[0].Tick(Trio.Now + 1_900, 0);
        Assert.Empty(_trio.Effects[0].Reads);

        _trio.Replicas[0].Tick(Trio.Now + 2_100, 0);
        if (isCutOff) Assert.Equal(Outcome.SessionUnavailable, Assert.Single(_trio.Effects[0].Reads).Outcome);
        else Assert.Empty(_trio.Effects[0].Reads);
    }

    private static ReadRequest Within(long staleness) => new()
    {
        Key = Trio.Key("cart"),
        Required = 1,
        DeadlineMs = Trio.Now + 1_000,
        MaxStalenessMs = staleness,
    };
}
