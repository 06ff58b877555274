using Gossipdb.Crdt;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Tests.State;

public sealed class HuskTests
{
    private readonly Trio _trio = new(new ReplicaSettings { CollectIntervalMs = 500 });

    [Fact]
    public void A_deleted_key_is_dropped_everywhere_once_that_is_stable()
    {
        Do(0, Add("cart", "apple", required: 3));
        Do(1, Delete("cart"));
        Assert.True(_trio.RunUntil(() => _trio.AreEqual && _trio.Replicas.All(static replica => replica.Keys.Count == 0)));
        Assert.All(_trio.Replicas, static replica => Assert.Equal(1, replica.Keys.Dropped));
    }

    [Fact]
    public void An_emptied_set_is_dropped_too_and_made_anew_it_is_a_new_object()
    {
        Do(0, Add("cart", "apple", required: 3));
        var first = _trio.Replicas[0].Keys.Find(Trio.Key("cart"))!.Objects[0].CreatedAt;
        Do(0, new WriteRequest
        {
            Key = Trio.Key("cart"),
            Operation = new SetRemove([Trio.Key("apple")]),
            Required = 3,
            DeadlineMs = long.MaxValue,
        });
        Assert.True(_trio.RunUntil(() => _trio.Replicas.All(static replica => replica.Keys.Count == 0)));

        Do(2, Add("cart", "pear", required: 3));
        Assert.All(_trio.Replicas, replica => Assert.True(replica.Keys.Find(Trio.Key("cart"))!.Objects[0].CreatedAt.CompareTo(first) > 0));
        Assert.True(_trio.AreEqual);
    }

    /// <summary>
    /// One replica drops what is deleted before it hears of the key's new life, the others after: all must answer with the same object.
    /// </summary>
    [Fact]
    public void When_a_key_was_made_does_not_depend_on_who_dropped_it_when()
    {
        Do(0, Add("k", "apple", required: 3));
        Do(0, Delete("k"));

        // The third replica makes the key anew, as another type, before the first one's stable cut reaches it.
        var isMade = false;
        Assert.True(_trio.RunUntil(
            () => _trio.AreEqual && isMade && _trio.Replicas.All(static replica => !replica.Keys.HasUncollected),
            (from, to, message) =>
            {
                if (isMade
                    || message is not EventsMessage events
                    || from != 0
                    || !events.Encoded.Any(static encoded => ReplicaEvent.Decode(encoded).StableCut is not null))
                {
                    return false;
                }
                isMade = true;
                _trio.Execute(2, new WriteRequest
                {
                    Key = Trio.Key("k"),
                    Operation = new CounterIncrement(1),
                    Required = 1,
                    DeadlineMs = long.MaxValue,
                });
                _trio.Execute(1, Add("k", "pear", required: 1));
                return to == Trio.Owners[2];
            }));
        Assert.Equal(2, _trio.Replicas[0].Keys.Find(Trio.Key("k"))!.VisibleTypes);
    }

    /// <summary>Who has dropped a key says nothing about it to one who may still have it.</summary>
    [Fact]
    public void A_read_that_lags_behind_the_floor_waits_for_it()
    {
        Do(0, Add("cart", "apple", required: 3));
        var before = _trio.Replicas[0].Applied.Copy();
        Do(1, Delete("cart"));
        Assert.True(_trio.RunUntil(() => _trio.Replicas.All(static replica => replica.Keys.Count == 0)));

        _trio.Effects[0].Sent.Clear();
        _trio.Replicas[0].Handle(
            Trio.Owners[1],
            new ReadQueryMessage(_trio.Replicas[1].Id, 1, [Trio.Key("cart")], before) { Claim = new SlotClaim(1, 1) },
            Trio.Now + 60_000);
        var answer = Assert.IsType<ReadAnswerMessage>(
            Assert.Single(_trio.Effects[0].Sent, static sent => sent.Message is ReadAnswerMessage).Message);
        Assert.NotNull(answer.Clock);
        Assert.True(answer.State.IsEmpty);
    }

    private static WriteRequest Add(string key, string element, int required) =>
        new() { Key = Trio.Key(key), Operation = new SetAdd([Trio.Key(element)]), Required = required, DeadlineMs = long.MaxValue };

    private static WriteRequest Delete(string key) =>
        new() { Key = Trio.Key(key), Operation = null, Required = 3, DeadlineMs = long.MaxValue };

    private void Do(int node, ClientRequest request)
    {
        _trio.Execute(node, request);
        _trio.Deliver();
    }
}
