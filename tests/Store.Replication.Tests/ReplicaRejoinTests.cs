using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Tests;

public sealed class ReplicaRejoinTests
{
    private readonly Trio _trio = new();

    [Fact]
    public void A_wiped_replica_neither_coordinates_nor_answers_before_it_has_what_a_majority_of_the_others_has()
    {
        // Acked by 1 and 2; 3 has not heard of it, and 2 loses its disk.
        _trio.Execute(0, Trio.Add("cart", "apple", required: 2));
        _trio.Deliver((_, to, _) => to.Value == 3);
        _trio.Persist(0);
        _trio.Persist(1);
        _trio.Deliver((_, to, _) => to.Value == 3);
        Assert.Equal(Outcome.Done, Assert.Single(_trio.Effects[0].Writes).Outcome);
        _trio.Restart(1, []);

        // Only 3 is within reach of it: R = 2 at 3 must not be answered without the apple.
        _trio.Replicas[1].SetReachable(Trio.Owners[0], false);
        _trio.Replicas[2].SetReachable(Trio.Owners[0], false);
        Func<int, NodeId, PeerMessage, bool> firstIsCut = (from, to, _) => from == 0 || to.Value == 1;
        _trio.Execute(2, Trio.Read("cart", required: 2));
        _trio.RunUntil(() => _trio.Effects[2].Reads.Count > 0, firstIsCut);
        Assert.Equal(Outcome.TimedOut, Assert.Single(_trio.Effects[2].Reads).Outcome);
        Assert.Equal(ServingState.CatchingUp, _trio.Replicas[1].ServingState);
        Assert.Contains("majority", _trio.Replicas[1].NotServingBecause, StringComparison.Ordinal);

        // With both others heard, it has the apple before it says anything.
        foreach (var replica in _trio.Replicas)
            foreach (var owner in Trio.Owners) replica.SetReachable(owner, true);
        Assert.True(_trio.RunUntil(() => _trio.Replicas[1].ServingState == ServingState.Serving));
        Assert.Equal(["apple"], _trio.Elements(1, "cart"));
    }

    [Fact]
    public void A_wiped_replica_does_not_wait_for_what_died_with_the_process_that_told_of_it()
    {
        // 1 has it in memory only, and tells 2, which has lost its disk, that it has.
        _trio.Execute(0, Trio.Add("cart", "apple", required: 1));
        Func<int, NodeId, PeerMessage, bool> noEvents = (_, _, message) => message is EventsMessage;
        _trio.Deliver(noEvents);
        _trio.Restart(1, []);
        Assert.False(
            _trio.RunUntil(() => _trio.Replicas[1].ServingState == ServingState.Serving, noEvents),
            "it serves with less than a majority has told");
        _trio.Restart(0, [[(byte)JournalRecordKind.Served]]);
        Assert.True(_trio.RunUntil(() => _trio.Replicas[1].ServingState == ServingState.Serving), "it waits for what nobody has");
        Assert.Empty(_trio.Elements(1, "cart"));
    }

    [Fact]
    public void A_restarted_replica_with_its_journal_serves_at_once_where_the_others_remember_no_more()
    {
        _trio.Execute(0, Trio.Add("cart", "apple", required: 1));
        _trio.Deliver();
        for (var i = 0; i < 3; i++) _trio.Persist(i);
        _trio.Restart(0, [.. _trio.Effects[0].Journal.Select(record => record.Record), [(byte)JournalRecordKind.Served]]);
        Assert.Equal(ServingState.CatchingUp, _trio.Replicas[0].ServingState);
        _trio.Deliver();
        Assert.Equal(ServingState.Serving, _trio.Replicas[0].ServingState);
    }

    [Fact]
    public void A_restarted_replica_that_hears_nobody_serves_after_a_moment()
    {
        _trio.Restart(0, [[(byte)JournalRecordKind.Served]]);
        foreach (var owner in Trio.Owners) _trio.Replicas[0].SetReachable(owner, false);
        Assert.True(_trio.RunUntil(() => _trio.Replicas[0].ServingState == ServingState.Serving, (_, _, _) => true));
        Assert.Equal(Outcome.Done, Read(0));
    }

    [Fact]
    public void An_old_copy_of_the_disk_counts_as_a_lost_one()
    {
        _trio.Execute(0, Trio.Add("cart", "apple", required: 1));
        _trio.Deliver();
        _trio.Execute(0, Trio.Add("cart", "pear", required: 1));
        _trio.Deliver();
        for (var i = 0; i < 3; i++) _trio.Persist(i);
        Assert.True(_trio.RunUntil(() => _trio.Replicas[2].Peers.Slots[1].Durable.Equals(_trio.Replicas[1].Durable)));
        byte[][] oldCopy = [_trio.Effects[1].Journal[0].Record, [(byte)JournalRecordKind.Served]];
        _trio.Restart(1, oldCopy);

        // 3 remembers that node 2 had the pear, and it is not enough to hear 3.
        _trio.Deliver((from, to, _) => from == 0 || to.Value == 1);
        Assert.Equal(ServingState.CatchingUp, _trio.Replicas[1].ServingState);
        Assert.Equal(Outcome.NotServing, Read(1));
        Assert.True(_trio.RunUntil(() => _trio.Replicas[1].ServingState == ServingState.Serving));
        Assert.Equal(2, _trio.Elements(1, "cart").Length);
    }

    [Fact]
    public void Who_has_lost_what_the_others_collected_on_its_word_takes_a_whole_image()
    {
        var settings = new ReplicaSettings { CollectIntervalMs = 500 };
        var trio = new Trio(settings);
        trio.Execute(0, Trio.Add("cart", "apple", required: 1));
        trio.Deliver();
        Assert.True(trio.RunUntil(() => trio.Replicas[0].Keys.StableCut.Clock.Count > 0 && trio.AreEqual));
        trio.Restart(1, [], settings);
        Assert.True(
            trio.RunUntil(() => trio.Replicas[1].ServingState == ServingState.NeedsImage, (_, _, message) => message is ImageSliceMessage));
        Assert.True(trio.RunUntil(() => trio.Replicas[1].ServingState == ServingState.Serving));
        Assert.True(trio.AreEqual);
        Assert.Equal(trio.Replicas[0].Keys.StableCut, trio.Replicas[1].Keys.StableCut, (left, right) => left.IsSame(right));
    }

    /// <summary>Each of the two asks the other one, which has nothing to give; the third has it all.</summary>
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(2, 0)]
    public void Two_that_were_told_by_each_other_to_take_an_image_take_it_of_the_third(int one, int other)
    {
        _trio.Execute(0, Trio.Add("cart", "apple", required: 1));
        _trio.Deliver();
        LoseMemory(one, toldBy: other);
        LoseMemory(other, toldBy: one);
        Assert.Equal(ServingState.NeedsImage, _trio.Replicas[one].ServingState);
        Assert.Equal(ServingState.NeedsImage, _trio.Replicas[other].ServingState);
        Assert.True(
            _trio.RunUntil(() => Array.TrueForAll(_trio.Replicas, replica => replica.ServingState == ServingState.Serving)),
            "they wait for each other");
        Assert.Equal(["apple"], _trio.Elements(one, "cart"));
    }

    /// <summary>Nobody has an image to give. One of them has to serve again, with what it has, for the others to take.</summary>
    [Fact]
    public void Where_all_are_taken_anew_at_once_one_gives_that_up_and_the_others_take_its_image()
    {
        _trio.Execute(0, Trio.Add("cart", "apple", required: 1));
        _trio.Deliver();
        foreach (var replica in _trio.Replicas) Assert.Null(replica.Mending.Rebuild(Trio.Now));
        Assert.All(_trio.Replicas, static replica => Assert.Contains("an operator", replica.NotServingBecause, StringComparison.Ordinal));
        Assert.True(
            _trio.RunUntil(() => Array.TrueForAll(_trio.Replicas, replica => replica.ServingState == ServingState.Serving)),
            "they wait for each other");
        Assert.Equal([true, false, false], _trio.Replicas.Select(static replica => replica.Inspection.IsRebuildGivenUp));
        Assert.True(_trio.AreEqual);
        Assert.Equal(["apple"], _trio.Elements(2, "cart"));
    }

    [Fact]
    public void Who_is_taken_anew_and_is_left_alone_goes_on_with_what_it_has()
    {
        _trio.Execute(0, Trio.Add("cart", "apple", required: 1));
        _trio.Deliver();
        Assert.Null(_trio.Replicas[1].Mending.Rebuild(Trio.Now));
        foreach (var owner in Trio.Owners) _trio.Replicas[1].SetReachable(owner, false);
        Assert.True(_trio.RunUntil(() => _trio.Replicas[1].ServingState == ServingState.Serving, (_, _, _) => true), "it waits");
        Assert.True(_trio.Replicas[1].Inspection.IsRebuildGivenUp);
        Assert.Equal(["apple"], _trio.Elements(1, "cart"));

        foreach (var owner in Trio.Owners) _trio.Replicas[1].SetReachable(owner, true);
        Assert.Null(_trio.Replicas[1].Mending.Rebuild(Trio.Now));
        Assert.False(_trio.Replicas[1].Inspection.IsRebuildGivenUp);
        Assert.True(_trio.RunUntil(() => _trio.Replicas[1].ServingState == ServingState.Serving));
        Assert.False(_trio.Replicas[1].Inspection.IsRebuildGivenUp);
    }

    [Fact]
    public void Who_was_taken_anew_before_it_ever_served_still_waits_for_a_majority()
    {
        _trio.Execute(0, Trio.Add("cart", "apple", required: 1));
        _trio.Deliver();
        _trio.Restart(1, []);
        Assert.Null(_trio.Replicas[1].Mending.Rebuild(Trio.Now));
        foreach (var owner in Trio.Owners) _trio.Replicas[1].SetReachable(owner, false);
        Assert.True(_trio.RunUntil(() => _trio.Replicas[1].Inspection.IsRebuildGivenUp, static (_, _, _) => true));
        Assert.False(_trio.RunUntil(() => _trio.Replicas[1].ServingState == ServingState.Serving, static (_, _, _) => true), "it serves");
    }

    // An operator asks for the state to be taken anew, while only one other owner is within reach.
    private void LoseMemory(int node, int toldBy)
    {
        var third = Trio.Owners[3 - node - toldBy];
        _trio.Replicas[node].SetReachable(third, false);
        Assert.Null(_trio.Replicas[node].Mending.Rebuild(Trio.Now));
        _trio.Replicas[node].SetReachable(third, true);
    }

    private Outcome Read(int node)
    {
        var count = _trio.Effects[node].Reads.Count;
        _trio.Execute(node, new ReadRequest { Key = Trio.Key("cart"), Required = 1, DeadlineMs = Trio.Now + 60_000 });
        _trio.RunUntil(() => _trio.Effects[node].Reads.Count > count, (from, to, _) => from == 0 || to.Value == 1);
        return _trio.Effects[node].Reads[^1].Outcome;
    }
}
