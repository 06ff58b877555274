using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Membership;
using Gossipdb.Simulation.Faults;
using static Gossipdb.Simulation.Scenarios.Scenario;

namespace Gossipdb.Simulation.Scenarios;

/// <summary>Histories in which one node's wall clock is off, with the deliberate faults that decide by it.</summary>
public sealed class WildClocks
{
    private const long HourMs = 3_600_000;
    private static readonly Operation Apple = new SetAdd([Bytes.FromText("apple")]);
    private static readonly Operation Pear = new SetAdd([Bytes.FromText("pear")]);

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.DeadlinesByOwnClock)]
    [InlineData(Fault.WallClockDurations)]
    public void A_node_whose_clock_is_off_serves_as_any_other(Fault fault) => Told(fault, story =>
    {
        var number = 0ul;
        foreach (var off in (long[])[HourMs, -HourMs, 20_000, -20_000, 0])
        {
            story.A.Clocks.Set(off);
            story.Wait(500);
            var id = new OperationId(7, ++number, story.B.ClockMs + 10_000, IsFirstAttempt: true);
            story.Expect(
                story.Write(story.A, "n", new CounterIncrement(1), required: 2, id: id).Outcome == Outcome.Done,
                $"a write was refused with the clock {off} ms off");
            var (outcome, value) = story.Read(story.A, "n", required: 2);
            story.Expect(outcome == Outcome.Done && value == $"{number}", $"a read says {outcome} {value} with the clock {off} ms off");
        }

        story.Wait(20_000);
        story.Expect(!story.B.Replica!.Keys.HasUncollected, "names are kept for ever");
        story.ExpectInTheEnd("n", $"{number}");
    });

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.ExpiryByOwnClock)]
    public void What_lives_is_not_removed_by_a_node_whose_clock_is_an_hour_ahead(Fault fault) => Told(fault, story =>
    {
        story.A.Clocks.Set(HourMs);
        story.Wait(500);
        story.Write(story.B, "s", Apple, required: 3, lifetimeMs: 60_000);
        story.Expect(story.Read(story.A, "s") == (Outcome.Done, "apple"), "a key that lives is not shown");
        story.Expect(story.Write(story.A, "s", Pear, required: 2).Outcome == Outcome.Done, "a write to a key that lives was refused");
        story.ExpectInTheEnd("s", "apple,pear");
    });

    [Fact]
    public void A_write_to_an_expired_key_is_left_to_others_by_a_node_whose_clock_is_off() => Told(Fault.None, story =>
    {
        story.Write(story.B, "s", Apple, required: 3, lifetimeMs: 1_000);
        story.A.Clocks.Set(-HourMs);
        story.Wait(500);
        story.Cut(story.C, story.A, story.B);
        story.Wait(2_000);
        story.Expect(story.Read(story.A, "s") == (Outcome.Done, "nothing"), "the life is over");
        story.Expect(story.Write(story.A, "s", Pear).Outcome == Outcome.NotServing, "it removed what has expired, though its clock is off");
        story.Expect(story.Write(story.B, "s", Pear).Outcome == Outcome.Done, "another owner can");
        story.ExpectInTheEnd("s", "pear");
    });

    /// <summary>
    /// A node has told that a key's life is over, and the key was deleted. The node has forgotten that, and starts with a clock that is
    /// behind. It must not ack that the key lives on.
    /// </summary>
    [Fact]
    public void A_life_that_was_over_is_not_prolonged_by_a_node_that_has_forgotten_it_and_does_not_know_the_time() =>
        Told(Fault.None, story =>
        {
            var key = Bytes.FromText("s");
            story.Write(story.A, "s", Apple, required: 3, lifetimeMs: 2_000);
            story.C.HoldsDisk = true;
            story.Expect(story.WaitUntil(() => story.C.Replica!.Keys.Find(key)?.Answering is null), "the key was not deleted");
            story.C.Crash();
            story.C.HoldsDisk = false;
            story.C.Clocks.Set(-HourMs);
            story.C.Start();
            story.LosesRepairs = true;
            story.Expect(story.WaitUntil(() => story.C.Replica?.ServingState == ServingState.Serving), "it does not serve");
            story.Expect(!story.C.Clocks.Time.IsKnown, "it knows the time");
            story.Expect(story.C.Replica!.Keys.Find(key)?.Answering is not null, "it has not forgotten the deletion");
            var prolonged = story.Write(story.C, "s", operation: null, lifetimeMs: WriteRequest.ForEver);
            story.Expect(prolonged.Outcome == Outcome.NotServing, $"a life that was over was prolonged: {prolonged.Outcome}");
            story.Expect(story.Read(story.C, "s") == (Outcome.Done, "nothing"), "a key is shown whose life is over");
            story.LosesRepairs = false;
            story.ExpectInTheEnd("s", "nothing");
        });

    /// <summary>Whether an operation counts once is no matter of clocks: who has dropped its name knows that.</summary>
    [Fact]
    public void A_retry_that_comes_after_its_name_was_dropped_is_refused_by_a_node_that_does_not_know_the_time() =>
        Told(Fault.None, story =>
        {
            var id = new OperationId(7, 1, story.B.ClockMs + 3_000, IsFirstAttempt: true);
            story.Expect(
                story.Write(story.A, "n", new CounterIncrement(1), required: 3, id: id).Outcome == Outcome.Done,
                "the first attempt was refused");
            story.Expect(story.WaitUntil(() => !story.C.Replica!.Keys.HasUncollected), "the name was not dropped");
            story.Wait(1_000);
            story.C.Crash();
            story.C.Clocks.Set(-HourMs);
            story.Cut(story.C, story.A, story.B);
            story.C.Start();
            story.Expect(story.WaitUntil(() => story.C.Replica!.ServingState == ServingState.Serving), "it does not serve alone");
            story.Expect(!story.C.Clocks.Time.IsKnown, "it knows the time");
            story.Expect(
                story.Write(story.C, "n", new CounterIncrement(1), id: id with { IsFirstAttempt = false }).Outcome == Outcome.Expired,
                "the retry was executed again");
            story.ExpectInTheEnd("n", "1");
        });
}
