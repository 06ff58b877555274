using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Counters;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Tests.Coordination;

public sealed class BatchTests
{
    private readonly Trio _trio = new();

    [Fact]
    public void A_batch_is_one_event_and_its_later_changes_see_the_earlier_ones()
    {
        Execute(0, Add("a", "x"), Add("b", "y"), Increment("n", 2), Increment("n", 3), Remove("a", "x"), Add("a", "z"));
        _trio.Deliver();

        Assert.Single(_trio.Effects[0].Appended);
        Assert.All(_trio.Replicas, replica =>
        {
            Assert.Equal(5, Counter(replica, "n"));
            Assert.Equal(_trio.Replicas[0].Keys.Digest(), replica.Keys.Digest());
        });
        for (var node = 0; node < 3; node++)
        {
            Assert.Equal(["z"], _trio.Elements(node, "a"));
            Assert.Equal(["y"], _trio.Elements(node, "b"));
        }
    }

    [Fact]
    public void What_has_a_name_of_its_own_counts_once_whatever_it_comes_with()
    {
        var deadline = Trio.Now + 60_000;
        KeyWrite Restored(string key, ulong number)
        {
            var saved = (PNCounter)Crdt.Crdt.Bottom(CrdtType.Counter);
            var context = new UpdateContext(new ReplicaId(99), new VersionVector(), new HybridTimestamp(1), OperationId.None);
            var made = (PNCounter)saved.Mutate(new CounterIncrement(5), context);
            var clock = new VersionVector();
            clock.Advance(new ReplicaId(99), 1);
            saved.Join(new VersionVector(), made, clock);
            return new KeyWrite(
                Trio.Key(key), new StateRestore(saved, Crdt.Registers.Expiry.Never), null, new OperationId(7, number, deadline));
        }

        Execute(0, Restored("a", 1), Restored("b", 2));
        _trio.Deliver();
        Execute(1, Restored("c", 3), Restored("b", 2));
        Execute(2, Restored("a", 1), Restored("b", 2));
        Execute(2, Restored("c", 3));
        _trio.Deliver();
        Assert.All(_trio.Replicas, replica => Assert.All((string[])["a", "b", "c"], key => Assert.Equal(5, Counter(replica, key))));

        // The tags stay until the names' deadline, which is later than that of the request.
        Assert.Equal(deadline, _trio.Effects[0].Appended[0].Event.Operation.DeadlineUnixMs);
        Execute(0, Restored("d", 4) with { Id = new OperationId(7, 4, 1) });
        Assert.Equal(Outcome.Expired, _trio.Effects[0].Writes[^1].Outcome);
    }

    [Fact]
    public void A_key_deleted_in_a_batch_may_be_made_anew_as_another_type()
    {
        Execute(0, Add("k", "old"));
        Execute(0, new KeyWrite(Trio.Key("k"), null, null), Increment("k", 7));
        _trio.Deliver();
        Assert.All(_trio.Replicas, replica => Assert.Equal(CrdtType.Counter, replica.Keys.Find(Trio.Key("k"))!.Answering!.State.Type));
    }

    [Fact]
    public void What_is_refused_at_one_key_is_refused_at_all()
    {
        Execute(0, Add("set", "x"));
        _trio.Effects[0].Writes.Clear();

        Execute(0, Increment("n", 1), Increment("set", 1));
        Execute(0, Increment("n", 1), new KeyWrite(Trio.Key("absent"), null, 1_000));
        Execute(0, Increment("n", 1), new KeyWrite(Trio.Key("stock"), new CounterIncrement(-1, CrdtType.BoundedCounter), null));

        Assert.Equal(
            [Outcome.WrongType, Outcome.InvalidArgument, Outcome.InsufficientRights],
            _trio.Effects[0].Writes.Select(write => write.Outcome));
        Assert.Contains("'set'", _trio.Effects[0].Writes[0].Message, StringComparison.Ordinal);
        Assert.Contains("'absent'", _trio.Effects[0].Writes[1].Message, StringComparison.Ordinal);
        Assert.Single(_trio.Effects[0].Appended);
        Assert.Null(_trio.Replicas[0].Keys.Find(Trio.Key("n")));
    }

    [Fact]
    public void A_batch_waits_for_the_rights_of_all_its_decrements()
    {
        Execute(1, new KeyWrite(Trio.Key("stock"), new CounterIncrement(10, CrdtType.BoundedCounter), null));
        _trio.Deliver();

        var take = new KeyWrite(Trio.Key("stock"), new CounterIncrement(-4, CrdtType.BoundedCounter), null);
        Execute(0, Increment("sold", 2), take, take);
        Assert.Null(_trio.Replicas[0].Keys.Find(Trio.Key("sold")));
        _trio.Deliver();

        Assert.Equal(2, Counter(_trio.Replicas[2], "sold"));
        Assert.Equal(2, ((BoundedCounter)_trio.Replicas[2].Keys.Find(Trio.Key("stock"))!.Answering!.State).Value);
    }

    [Fact]
    public void A_retry_of_a_batch_counts_once_where_it_is_known_and_where_it_is_not()
    {
        var id = new OperationId(9, 1, Trio.Now + 60_000);
        Execute(0, id, Add("seen", "x"), Increment("n", 2), Increment("n", 3));
        Execute(0, id, Add("seen", "x"), Increment("n", 2), Increment("n", 3));
        Assert.Single(_trio.Effects[0].Appended);

        _trio.Deliver(lost: (from, _, _) => from == 0);
        Execute(1, id, Add("seen", "x"), Increment("n", 2), Increment("n", 3));
        _trio.Deliver();
        foreach (var replica in _trio.Replicas)
        {
            replica.Tick(Trio.Now + 2_000, 0);
            _trio.Deliver();
            replica.Tick(Trio.Now + 4_000, 1);
            _trio.Deliver();
        }

        Assert.All(_trio.Replicas, replica => Assert.Equal(5, Counter(replica, "n")));
    }

    [Theory]
    [InlineData(64 * 1024)]
    [InlineData(-1)]
    public void A_read_of_several_keys_shows_a_batch_whole_or_not_at_all(int shipMaxBytes)
    {
        var trio = new Trio(new ReplicaSettings { ReadShipMaxBytes = shipMaxBytes });
        trio.Execute(0, Batch(default, Add("a", "1"), Add("b", "1")));
        trio.Deliver();

        // The second batch reaches only the third owner; the first asks it with an older clock, and is asked for one key that it knows
        // and one that it does not.
        trio.Execute(0, Batch(default, Add("a", "2"), Add("b", "2"), Add("c", "2")));
        trio.Deliver(lost: (_, to, _) => to == Trio.Owners[1]);
        trio.Execute(1, Read(["a", "absent", "b", "c"], required: 3));
        trio.Deliver();
        trio.Replicas[1].Tick(Trio.Now + 200, 0);
        trio.Deliver();
        trio.Replicas[1].Flush(Trio.Now + 200);

        var answer = Assert.Single(trio.Effects[1].Several);
        Assert.Equal(["1,2", "", "1,2", "2"], answer);
    }

    [Fact]
    public void Keys_a_peer_knows_no_more_of_do_not_travel()
    {
        Execute(0, Add("a", "1"), Add("b", "1"));
        _trio.Deliver();
        Execute(0, Add("b", "2"));
        _trio.Deliver(lost: (_, to, _) => to == Trio.Owners[1]);
        _trio.Execute(1, Read(["a", "b"], required: 3));
        var answers = new List<ReadAnswerMessage>();
        _trio.Deliver(lost: (_, _, message) =>
        {
            if (message is ReadAnswerMessage answer) answers.Add(answer);
            return false;
        });
        Assert.All(answers, answer => Assert.Equal(0, answer.State.Span[0]));
        Assert.Equal(["1", "1,2"], Assert.Single(_trio.Effects[1].Several));
    }

    private static KeyWrite Add(string key, string element) => new(Trio.Key(key), new SetAdd([Bytes.FromText(element)]), null);

    private static KeyWrite Remove(string key, string element) => new(Trio.Key(key), new SetRemove([Bytes.FromText(element)]), null);

    private static KeyWrite Increment(string key, long amount) => new(Trio.Key(key), new CounterIncrement(amount), null);

    private static WriteRequest Batch(OperationId id, params KeyWrite[] writes) => new()
    {
        Key = writes[0].Key,
        Operation = null,
        Batch = writes,
        Required = 1,
        OperationId = id,
        DeadlineMs = Trio.Now + 1_000,
    };

    private static ReadRequest Read(string[] keys, int required) => new()
    {
        Key = Trio.Key(keys[0]),
        Keys = Array.ConvertAll(keys, Trio.Key),
        Required = required,
        DeadlineMs = Trio.Now + 1_000,
    };

    private static long Counter(Replica replica, string key) =>
        ((PNCounter)replica.Keys.Find(Trio.Key(key))!.Find(CrdtType.Counter)!.State).Value;

    private void Execute(int node, params KeyWrite[] writes) => Execute(node, default, writes);

    private void Execute(int node, OperationId id, params KeyWrite[] writes)
    {
        _trio.Execute(node, Batch(id, writes));
        _trio.Persist(node);
    }
}
