using Gossipdb.Crdt;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Simulation.Faults;
using static Gossipdb.Simulation.Scenarios.Scenario;

namespace Gossipdb.Simulation.Scenarios;

/// <summary>Nodes that stand in for absent owners: what they hold and make, and who has to ask them.</summary>
public sealed class StandIns
{
    private static readonly Operation Apple = new SetAdd([Bytes.FromText("apple")]);

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.ForgetfulStandIn)]
    public void What_a_coordinator_has_lost_its_stand_in_brings(Fault fault) => Told(fault, story =>
    {
        story.Cut(story.A, story.B, story.C);
        story.A.HoldsDisk = true;
        var written = story.Write(story.A, "s", Apple, required: 2, Durability.Memory, sloppy: true);
        story.Expect(
            written.Outcome == Outcome.Done && written.StandIns is [var fallback] && fallback == story.D.Id,
            $"the stand-in should count, and the write is {written.Outcome}");
        story.A.Crash();
        story.A.HoldsDisk = false;
        story.D.Crash();
        story.D.Start();
        story.ExpectInTheEnd("s", "apple");
    }, spares: 1, fallbacks: true);

    [Fact]
    public void A_life_that_a_stand_in_alone_has_prolonged_in_time_is_kept() => Told(Fault.None, story =>
    {
        var key = Bytes.FromText("s");
        story.Cut(story.D, story.A, story.B, story.C);
        story.Write(story.D, "s", Apple, sloppy: true, lifetimeMs: 3_000);
        story.Heal();

        // The owners have what it made, and it has not heard that yet.
        story.Expect(
            story.WaitUntil(() => Array.TrueForAll([story.A, story.B, story.C], owner => owner.Replica!.Keys.Find(key) is not null)),
            "the owners should take what the stand-in has made");
        story.Cut(story.D, story.A, story.B, story.C);
        story.Expect(
            story.Write(story.D, "s", operation: null, sloppy: true, lifetimeMs: WriteRequest.ForEver).Outcome == Outcome.Done,
            "the stand-in should prolong a life that is not over");
        story.Wait(8_000);
        story.ExpectInTheEnd("s", "apple");
    }, spares: 1, fallbacks: true);

    [Fact]
    public void A_life_that_a_coordinator_had_prolonged_in_time_and_only_its_stand_in_holds_is_kept() => Told(Fault.None, story =>
    {
        story.Write(story.C, "s", Apple, required: 3, lifetimeMs: 4_000);
        story.Cut(story.C, story.A, story.B);
        story.C.HoldsDisk = true;
        story.Expect(
            story.Write(
                story.C, "s", operation: null, required: 2, Durability.Memory, sloppy: true, lifetimeMs: WriteRequest.ForEver)
            is { Outcome: Outcome.Done, StandIns.Count: 1 },
            "the stand-in should count");
        story.C.Crash();
        story.C.HoldsDisk = false;
        story.Cut(story.D, story.A, story.B, story.C);
        story.C.Start();
        story.Uncut(story.C, story.A);
        story.Uncut(story.C, story.B);
        story.Wait(8_000);
        story.Expect(story.A.Replica!.Inspection.CollectionWaitsFor == story.D.Id, "it should be told who is waited for");
        story.ExpectInTheEnd("s", "apple");
    }, spares: 1, fallbacks: true);

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.ForgetfulStandIn)]
    public void What_a_stand_in_alone_has_made_durably_outlives_it(Fault fault) => Told(fault, story =>
    {
        story.Cut(story.D, story.A, story.B, story.C);
        var written = story.Write(story.D, "s", Apple, sloppy: true);
        story.Expect(
            written is { Outcome: Outcome.Done, AckedSlots: 0, StandIns: [var alone] } && alone == story.D.Id,
            "the stand-in should take the call");
        story.D.Crash();
        story.D.Start();
        story.Heal();
        story.Wait(2_000);
        story.ExpectInTheEnd("s", "apple");
    }, spares: 1, fallbacks: true);

    [Fact]
    public void A_strict_call_never_counts_a_stand_in() => Told(Fault.None, story =>
    {
        story.Cut(story.A, story.B, story.C);
        story.Expect(story.Write(story.A, "s", Apple, required: 2).Outcome == Outcome.Unavailable, "a stand-in counted for a strict write");
        story.Expect(
            story.Write(story.A, "s", Apple, required: 2, sloppy: true).Outcome == Outcome.Done, "no stand-in counted for a sloppy write");
        story.Expect(
            story.Write(story.A, "s", Apple, required: 3, sloppy: true).Outcome == Outcome.Unavailable,
            "one stand-in counted for two absent owners");
        story.Expect(story.Read(story.A, "s", required: 2).Outcome == Outcome.Unavailable, "a stand-in counted for a strict read");
        story.Expect(
            story.Read(story.A, "s", required: 2, sloppy: true) == (Outcome.Done, "apple"),
            "the sloppy read does not show what was written");
        story.ExpectInTheEnd("s", "apple");
    }, spares: 1, fallbacks: true);

    [Fact]
    public void A_sloppy_read_sees_what_another_coordinator_left_with_the_stand_in() => Told(Fault.None, story =>
    {
        story.Cut(story.A, story.B, story.C);
        story.Write(story.A, "s", Apple, required: 2, sloppy: true);
        story.Cut(story.A, story.D);
        story.Expect(
            story.Read(story.B, "s", required: 3, sloppy: true) == (Outcome.Done, "apple"), "what the stand-in holds is not in the answer");
        story.ExpectInTheEnd("s", "apple");
    }, spares: 1, fallbacks: true);

    /// <summary>The one has fetched what an owner left with the other, and builds on it. The other only held that.</summary>
    [Fact]
    public void A_stand_in_shows_what_it_has_acked_to_another_one() => Told(Fault.None, story =>
    {
        // C has not heard that A has decided what is stable, so what it makes builds on that and on nothing else.
        story.Write(story.A, "r", Assign("before"), required: 3);
        story.Write(story.A, "r", operation: null, required: 3);
        story.Expect(story.WaitUntil(() => story.A.Replica!.Keys.StableCut.Clock.Count > 0), "what is stable should be decided");
        story.CutOneWay(story.A, story.C);
        story.CutOneWay(story.B, story.C);
        story.Cut(story.C, story.A, story.B, story.D);
        story.Expect(
            story.Write(story.C, "r", Assign("left"), required: 2, sloppy: true).Outcome == Outcome.Done, "E should hold it");
        story.Cut(story.D, story.A, story.B);
        story.Cut(story.E, story.A, story.B, story.C);
        story.Expect(story.Read(story.D, "r", required: 2, sloppy: true) == (Outcome.Done, "left"), "D should fetch it from E");
        var written = story.Write(story.D, "s", Apple, required: 2, sloppy: true);
        story.Expect(
            written.Outcome == Outcome.Done && written.StandIns?.Contains(story.E.Id) == true, $"the other one should ack: {written}");
        story.Cut(story.D, story.E);
        story.Expect(
            story.Read(story.E, "s", sloppy: true) == (Outcome.Done, "apple"), "a stand-in does not show what it has acked");
        story.ExpectInTheEnd("s", "apple");
    }, spares: 2, fallbacks: true);

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.MixedRoles)]
    public void A_stand_in_removes_only_what_its_own_state_held(Fault fault) => Told(fault, story =>
    {
        // D holds what C has written for the others, and then is on its own.
        story.Cut(story.C, story.A, story.B);
        story.Expect(
            story.Write(story.C, "r", Assign("kept"), required: 2, sloppy: true).Outcome == Outcome.Done, "the stand-in should hold it");
        story.Cut(story.D, story.A, story.B, story.C);
        var alone = story.Write(story.D, "r", Assign("mine"), sloppy: true);
        story.Expect(
            alone.Outcome == Outcome.Done && alone.AckedSlots == 0 && alone.StandIns is [var fallback] && fallback == story.D.Id,
            $"the stand-in should take the call: {alone}");
        story.Expect(
            story.Read(story.D, "r", sloppy: true) == (Outcome.Done, "mine"),
            "the stand-in should show what it has made, and nothing else");
        story.Expect(
            story.Write(story.D, "r", operation: null, sloppy: true).Outcome == Outcome.Done,
            "the stand-in should delete what it has made");
        story.ExpectInTheEnd("r", "kept");
    }, spares: 1, fallbacks: true);

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.UnpromisedStandIn)]
    public void What_a_stand_in_makes_builds_on_what_is_stable(Fault fault) => Told(fault, story =>
    {
        Bytes[] apple = [Bytes.FromText("apple")];
        story.Write(story.A, "w", new SetAdd(apple, CrdtType.RemoveWinsSet), required: 3);
        story.Write(story.A, "w", new SetRemove(apple, CrdtType.RemoveWinsSet), required: 3);

        // A has decided that the removal is stable, and B has not heard of that.
        story.Expect(story.WaitUntil(() => story.A.Replica!.Keys.StableCut.Clock.Count > 0), "what is stable should be decided");
        story.CutOneWay(story.A, story.B);
        story.CutOneWay(story.C, story.B);
        story.Cut(story.D, story.A, story.B, story.C);
        story.Expect(
            story.Write(story.D, "w", new SetAdd(apple, CrdtType.RemoveWinsSet), sloppy: true).Outcome == Outcome.Done,
            "the stand-in should take the call");
        story.Uncut(story.D, story.B);
        story.Wait(3_000);
        story.ExpectInTheEnd("w", "apple");
    }, spares: 1, fallbacks: true);

    [Fact]
    public void A_stand_in_alone_serves_sloppy_calls_without_a_session_and_no_others() => Told(Fault.None, story =>
    {
        var before = story.Write(story.A, "s", new SetAdd([Bytes.FromText("before")]), required: 3);
        story.Wait(5_000);
        story.Cut(story.D, story.A, story.B, story.C);
        story.Expect(story.Write(story.D, "s", Apple).Outcome == Outcome.NotServing, "a strict write has nobody to go to");
        story.Expect(
            story.Write(story.D, "s", Apple, required: 2, sloppy: true).Outcome == Outcome.Unavailable, "one stand-in counted for two");
        story.Expect(
            story.Read(story.D, "s", sloppy: true, token: before.Clock.Copy()) is (Outcome.SessionUnavailable, _),
            "what is stable is not here to be read, and was shown to the session");
        story.Expect(story.Write(story.D, "s", Apple, sloppy: true).Outcome == Outcome.Done, "the stand-in should take the call");
        story.Expect(story.Read(story.D, "s", sloppy: true) == (Outcome.Done, "apple"), "the stand-in should show what it has made");
        story.ExpectInTheEnd("s", "apple,before");
        story.Wait(3_000);
        story.Expect(story.D.HeldBytes == 0, "what every owner has should be held no longer");

        // The next time it begins with nothing again.
        story.Cut(story.D, story.A, story.B, story.C);
        story.Expect(story.Read(story.D, "s", sloppy: true) == (Outcome.Done, "nothing"), "a stand-in should begin empty");
    }, spares: 1, fallbacks: true);

    /// <summary>
    /// Beginning empty again, a stand-in knows nothing of what it has added before: under the name it had, the new sum would replace the
    /// old one.
    /// </summary>
    [Fact]
    public void What_a_stand_in_adds_at_one_time_and_at_another_adds_up_and_its_rights_come_back() => Told(Fault.None, story =>
    {
        var stock = new CounterIncrement(5, CrdtType.BoundedCounter);
        story.Wait(3_000);
        for (var i = 0; i < 2; i++)
        {
            story.Cut(story.D, story.A, story.B, story.C);
            story.Expect(
                story.Write(story.D, "n", new CounterIncrement(5), sloppy: true).Outcome == Outcome.Done,
                "the stand-in should take the call");
            story.Expect(story.Write(story.D, "stock", stock, sloppy: true).Outcome == Outcome.Done, "the stand-in should take stock");
            story.Heal();
            story.Wait(10_000);
        }

        story.Expect(
            story.Write(story.B, "stock", new CounterIncrement(-9, CrdtType.BoundedCounter)).Outcome == Outcome.Done,
            "what the stand-in took in cannot be sold");
        story.ExpectInTheEnd("stock", "1");
        story.ExpectInTheEnd("n", "10");
    }, spares: 1, fallbacks: true);

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.UnaskedStandIns)]
    public void Who_is_no_longer_designated_is_asked_until_it_holds_nothing(Fault fault) => Told(fault, story =>
    {
        // C gives D something to hold that nobody else has, and is gone; then the layout makes D an owner, which it does not hear.
        story.Cut(story.C, story.A, story.B);
        story.C.HoldsDisk = true;
        story.Write(story.C, "s", Apple, durability: Durability.Memory, sloppy: true);
        story.Wait(300);
        story.Expect(story.D.HeldBytes > 0, "the stand-in should hold it");
        story.Cut(story.D, story.A, story.B, story.C, story.E);
        story.C.Crash();
        story.C.HoldsDisk = false;
        story.C.Start();
        story.Uncut(story.C, story.A);
        story.Uncut(story.C, story.B);
        story.Move(slot: 2, story.D);
        story.Write(story.A, "t", Apple, required: 3);
        story.Write(story.A, "t", operation: null, required: 3);
        story.Wait(20_000);
        story.Expect(story.A.Replica!.Keys.HasUncollected, "something was collected without asking the stand-in");
        story.Expect(
            story.A.Replica.Inspection.CollectionWaitsFor == story.D.Id,
            $"collection waits for {story.A.Replica.Inspection.CollectionWaitsFor}");
        story.ExpectInTheEnd("s", "apple");
        story.Expect(
            story.WaitUntil(() => story.D.HeldBytes == 0 && !story.A.Replica.Keys.HasUncollected), "what is left behind is not collected");
    }, spares: 2, fallbacks: true);

    [Fact]
    public void A_lost_stand_in_is_not_waited_for() => Told(Fault.None, story =>
    {
        story.Lose(story.D, story.E);
        story.Write(story.A, "s", Apple, required: 3);
        story.Write(story.A, "s", new SetRemove([Bytes.FromText("apple")]), required: 3);
        story.Write(story.A, "s", null, required: 3);
        story.Wait(10_000);
        story.Expect(
            story.A.Replica!.Keys.Find(Bytes.FromText("s")) is null,
            "what was deleted is not collected: a stand-in that is lost is waited for");
    }, spares: 2, fallbacks: true);

    private static RegisterAssign Assign(string value) => new(CrdtType.Register, Bytes.FromText(value));
}
