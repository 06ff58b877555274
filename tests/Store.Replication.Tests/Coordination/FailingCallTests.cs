using System.Collections;
using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Tests.Coordination;

/// <summary>Calls that cannot be computed, or become too much: each fails alone, and leaves the replica as it was.</summary>
public class FailingCallTests
{
    private sealed class UnforeseenException : Exception;

    // Fails behind its items: dots have been drawn, and parts of the change made.
    private sealed class FailingList<T>(params T[] items) : IReadOnlyList<T>
    {
        public int Count => items.Length + 1;

        public T this[int index] => index < items.Length ? items[index] : throw new UnforeseenException();

        public IEnumerator<T> GetEnumerator() => Enumerable.Range(0, Count).Select(i => this[i]).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    private static readonly SetAdd FailingAdd = new(new FailingList<Bytes>(Trio.Key("a"), Trio.Key("b")));

    private readonly Trio _trio = new(new ReplicaSettings { MaxChangeBytes = 1_000 });

    public static TheoryData<string> Failing => ["set", "map", "batch"];

    [Theory]
    [MemberData(nameof(Failing))]
    public void A_write_that_fails_halfway_fails_alone(string which)
    {
        _trio.Execute(0, Trio.Add("s", "before", required: 1));
        _trio.Persist(0);
        _trio.Deliver();
        var (digest, clock, id) =
            (_trio.Replicas[0].Keys.Digest(), _trio.Replicas[0].Applied.Copy(), new OperationId(7, 1, Trio.Now + 10_000));
        var effects = _trio.Effects[0];
        var (journaled, answered) = (effects.Journal.Count, effects.Writes.Count);

        _trio.Execute(0, Failed(which, id));

        Assert.Equal(Outcome.Internal, effects.Writes[answered].Outcome);
        Assert.Contains(nameof(UnforeseenException), effects.Writes[answered].Message, StringComparison.Ordinal);
        Assert.IsType<UnforeseenException>(Assert.Single(effects.Failures).Unforeseen);
        Assert.Equal((journaled, 0), (effects.Journal.Count, effects.Sent.Count));
        Assert.Equal(clock, _trio.Replicas[0].Applied);
        Assert.Equal(digest, _trio.Replicas[0].Keys.Digest());
        Assert.Equal(0, _trio.Replicas[0].Waiting);

        // Neither dot nor name was used.
        _trio.Execute(0, Trio.Increment("n", id));
        Assert.Equal(clock[_trio.Replicas[0].Id] + 1, effects.Appended[^1].Event.First.Sequence);
        _trio.Deliver();
        Assert.True(_trio.AreEqual);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_read_that_cannot_be_answered_fails_alone(int required)
    {
        _trio.Execute(0, Trio.Add("s", "e", required: 1));
        _trio.Deliver();
        var keys = new KeysThatEnd(Trio.Key("s"), Trio.Key("t")) { HaveEnded = required == 1 };

        _trio.Execute(0, new ReadRequest { Key = Trio.Key("s"), Keys = keys, Required = required, DeadlineMs = Trio.Now + 1_000 });
        _trio.Deliver(lost: (_, _, message) =>
        {
            keys.HaveEnded |= message is ReadAnswerMessage;
            return false;
        });

        Assert.Equal(Outcome.Internal, Assert.Single(_trio.Effects[0].Reads).Outcome);
        Assert.Single(_trio.Effects[0].Failures);
        _trio.Execute(0, Trio.Read("s", 1));
        Assert.Equal(["e"], _trio.Effects[0].Reads[^1].Elements);
    }

    [Fact]
    public void Another_owners_read_that_cannot_be_answered_is_not_answered()
    {
        _trio.Replicas[0].Handle(
            new NodeId(2),
            new ReadQueryMessage(new ReplicaId(101), 1, new FailingList<Bytes>(Trio.Key("s")), new VersionVector())
            {
                Claim = new SlotClaim(1, 1),
            },
            Trio.Now);

        Assert.Empty(_trio.Effects[0].Sent);
        Assert.Single(_trio.Effects[0].Failures);
        _trio.Execute(0, Trio.Add("s", "e", required: 1));
        Assert.Single(_trio.Effects[0].Appended);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_write_that_becomes_more_than_the_limit_is_refused_with_both_numbers(bool isBatch)
    {
        var half = new Bytes(new byte[isBatch ? 500 : 1_000]);
        var write = new KeyWrite(Trio.Key("r"), new RegisterAssign(CrdtType.Register, half), null);

        _trio.Execute(0, isBatch
            ? new WriteRequest
            {
                Key = write.Key,
                Operation = null,
                Batch = [write, write with { Key = Trio.Key("q") }],
                Required = 1,
                DeadlineMs = Trio.Now + 1_000,
            }
            : new WriteRequest { Key = write.Key, Operation = write.Operation, Required = 1, DeadlineMs = Trio.Now + 1_000 });

        var refused = Assert.Single(_trio.Effects[0].Writes);
        Assert.Equal(Outcome.TooLarge, refused.Outcome);
        Assert.Matches(@"a change of 1\d\d\d bytes; the limit is 1000", refused.Message);
        Assert.Empty(_trio.Effects[0].Appended);
        Assert.Equal(0, _trio.Replicas[0].Applied.Count);
        _trio.Execute(0, new WriteRequest
        {
            Key = write.Key,
            Operation = new RegisterAssign(CrdtType.Register, new Bytes(new byte[800])),
            Required = 1,
            DeadlineMs = Trio.Now + 1_000,
        });
        Assert.Single(_trio.Effects[0].Appended);
    }

    [Fact]
    public void An_event_that_is_named_already_and_cannot_be_applied_is_not_passed_over()
    {
        var other = new RecordingEffects();
        var peer = new Replica(
            new ReplicaId(101), Trio.Owners[1], SlotHolder.Founding(Trio.Owners), Trio.Owners, new ReplicaSettings(), other);
        peer.Handle(Trio.Add("s", "e", required: 1), Trio.Now);
        var encoded = (byte[])other.Appended[0].Event.Encoded.Clone();
        encoded[^1] = 0xFF;

        Assert.ThrowsAny<Exception>(() => _trio.Replicas[0].Recover(encoded));
        Assert.Empty(_trio.Effects[0].Failures);
    }

    private static WriteRequest Failed(string which, OperationId id)
    {
        var add = FailingAdd;
        var map = new MapUpdate([new FieldOperation(Trio.Key("f"), new CounterIncrement(1)), new FieldOperation(Trio.Key("g"), add)]);
        KeyWrite[] batch = [new(Trio.Key("s"), new SetRemove([Trio.Key("before")]), null), new(Trio.Key("m"), map, null)];
        return new WriteRequest
        {
            Key = Trio.Key(which == "map" ? "m" : "s"),
            Operation = which switch
            {
                "set" => add,
                "map" => map,
                _ => null,
            },
            Batch = which == "batch" ? batch : null,
            Required = 1,
            OperationId = id,
            DeadlineMs = Trio.Now + 1_000,
        };
    }

    // Whole while the question is sent, and not when the answer is made.
    private sealed class KeysThatEnd(params Bytes[] keys) : IReadOnlyList<Bytes>
    {
        public bool HaveEnded { get; set; }

        public int Count => keys.Length;

        public Bytes this[int index] => HaveEnded ? throw new UnforeseenException() : keys[index];

        public IEnumerator<Bytes> GetEnumerator() => ((IEnumerable<Bytes>)keys).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
