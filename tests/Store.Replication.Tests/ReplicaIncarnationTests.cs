using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Tests;

/// <summary>
/// What a process made, and lost with its disk's cache, has not seen what the next one has: it must not turn up after a stable cut was
/// decided on the next one's word.
/// </summary>
public sealed class ReplicaIncarnationTests
{
    private readonly Trio _trio = new();

    [Fact]
    public void What_is_parked_of_a_process_goes_when_the_next_one_is_heard()
    {
        _trio.Execute(1, Trio.Add("cart", "first", required: 1));
        _trio.Effects[1].Sent.Clear();
        var journal = _trio.Effects[1].Journal.Select(record => record.Record).ToList();
        var ended = _trio.Replicas[1].Id;
        _trio.Execute(1, Trio.Add("cart", "second", required: 1));
        _trio.Deliver();
        Assert.Equal(1, _trio.Replicas[0].Inspection.Buffered);

        _trio.Restart(1, [.. journal, [(byte)JournalRecordKind.Served]]);
        Assert.True(_trio.RunUntil(() => _trio.Replicas.All(replica => replica.Applied[ended] > 0)));
        Assert.Equal(0, _trio.Replicas[0].Inspection.Buffered);
        Assert.All(_trio.Replicas, replica => Assert.Equal(1, replica.Applied[ended]));
    }

    [Fact]
    public void A_message_of_a_process_that_has_ended_says_nothing_any_more()
    {
        _trio.Execute(1, Trio.Add("cart", "late", required: 1));
        var late = _trio.Effects[1].Sent.First(sent => sent.To == Trio.Owners[0] && sent.Message is EventsMessage).Message;
        _trio.Effects[1].Sent.Clear();
        var ended = _trio.Replicas[1].Id;
        _trio.Restart(1, []);
        _trio.Deliver();
        Assert.Equal(_trio.Replicas[1].Id, _trio.Replicas[0].Peers.Slots[1].Replica);

        _trio.Replicas[0].Handle(Trio.Owners[1], late, Trio.Now);
        Assert.Equal(0, _trio.Replicas[0].Applied[ended]);
        Assert.Equal(_trio.Replicas[1].Id, _trio.Replicas[0].Peers.Slots[1].Replica);
    }

    [Fact]
    public void Until_every_owner_has_answered_and_all_it_had_is_applied_nothing_is_stable_by_a_new_process()
    {
        // Only the first has what the second has lost.
        _trio.Execute(1, Trio.Add("cart", "lost", required: 1));
        _trio.Deliver((_, to, _) => to == Trio.Owners[2]);
        var ended = _trio.Replicas[1].Id;
        _trio.Restart(1, [[(byte)JournalRecordKind.Served]]);

        // The first is not heard for a while: the new process serves without it.
        _trio.Replicas[1].SetReachable(Trio.Owners[0], false);
        Assert.True(_trio.RunUntil(
            () => _trio.Replicas[1].ServingState == ServingState.Serving, (from, to, _) => from == 0 || to == Trio.Owners[0]));
        Assert.True(LacksPast());
        _trio.Replicas[1].SetReachable(Trio.Owners[0], true);
        Assert.True(_trio.RunUntil(() => !LacksPast()));
        Assert.Equal(1, _trio.Replicas[1].Applied[ended]);
    }

    /// <summary>
    /// The third made a change that only the second has, and lost it; its next life gets what the first had meanwhile. That is on every
    /// disk then, and what the second has has not seen it.
    /// </summary>
    [Fact]
    public void No_floor_is_decided_over_what_an_owner_has_of_a_process_that_has_ended()
    {
        var settings = new ReplicaSettings { CollectIntervalMs = 500 };
        var trio = new Trio(settings);
        void Write(int node, string element) => trio.Execute(node, new WriteRequest
        {
            Key = Trio.Key("cart"),
            Operation = new SetAdd([Trio.Key(element)]),
            Required = 1,
            DeadlineMs = long.MaxValue,
        });

        Write(0, "seen");
        trio.Deliver((_, to, _) => to == Trio.Owners[2]);
        Assert.True(trio.RunUntil(
            () => trio.Replicas[0].Peers.Slots[1].Told?.Durable.Count == 1, (from, to, _) => from == 2 || to == Trio.Owners[2]));
        Write(2, "unseen");
        trio.Deliver((from, to, _) => from != 2 || to != Trio.Owners[1]);
        Assert.Equal(2, trio.Replicas[1].Applied.Count);
        trio.Restart(2, [[(byte)JournalRecordKind.Served]], settings);

        // For a while nothing that the second says arrives; then all does.
        trio.RunUntil(() => trio.Replicas[0].Keys.StableCut.Clock.Count > 0, (from, _, _) => from == 1);
        Assert.True(trio.RunUntil(() => trio.AreEqual && trio.Replicas.All(replica => !replica.Keys.HasUncollected)));
        Assert.All(Enumerable.Range(0, 3), node => Assert.Equal(2, trio.Elements(node, "cart").Length));
        Assert.All(trio.Effects, effects =>
        {
            var stable = new VersionVector();
            foreach (var (applied, _) in effects.Appended)
            {
                Assert.True(applied.Clock.Covers(stable), $"{applied.Clock} is applied where {stable} is stable");
                if (applied.StableCut is { } decided) stable.Merge(decided.StableCut.Clock);
            }
        });
    }

    private bool LacksPast()
    {
        // Whoever hears it for the first time is told.
        _trio.Replicas[1].SetReachable(Trio.Owners[2], false);
        _trio.Effects[1].Sent.Clear();
        _trio.Replicas[1].SetReachable(Trio.Owners[2], true);
        return _trio.Effects[1].Sent.Select(static sent => sent.Message).OfType<ClocksMessage>().Last().LacksPast;
    }
}
