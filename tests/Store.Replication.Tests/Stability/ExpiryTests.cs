using Gossipdb.Crdt;
using Gossipdb.Crdt.Counters;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Registers;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Time;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Tests.Stability;

public class ExpiryTests
{
    private const string Cart = "cart";
    private readonly Trio _trio = new();

    [Fact]
    public void An_expired_key_is_not_there_for_readers_and_stays_in_memory_until_it_is_reaped()
    {
        Execute(0, Add("apple", lifetimeMs: 100), Trio.Now);
        _trio.Deliver();
        Assert.Equal(["apple"], ReadAt(1, Trio.Now + 99));
        Assert.Empty(ReadAt(1, Trio.Now + 100));
        Assert.Equal(["apple"], _trio.Elements(1, Cart));
    }

    [Fact]
    public void A_write_to_an_expired_key_starts_anew_and_keeps_no_expiry()
    {
        Execute(0, Add("apple", lifetimeMs: 100), Trio.Now);
        _trio.Deliver();
        Execute(1, Add("pear", lifetimeMs: null), Trio.Now + 200);
        _trio.Deliver();
        Assert.All(Enumerable.Range(0, 3), node => Assert.Equal(["pear"], _trio.Elements(node, Cart)));
        Assert.All(_trio.Replicas, replica => Assert.Equal(Expiry.Never, replica.Keys.Find(Trio.Key(Cart))!.ExpiresAtMs));
    }

    [Fact]
    public void A_counter_written_after_its_expiry_counts_from_zero_everywhere()
    {
        WriteRequest Increment(long amount) => Write(new CounterIncrement(amount), lifetimeMs: 100);
        Execute(0, Increment(5), Trio.Now);
        Execute(0, Increment(2), Trio.Now + 500);
        Execute(0, Increment(1), Trio.Now + 550);
        _trio.Deliver();
        Assert.All(_trio.Replicas, replica => Assert.Equal(3, ((PNCounter)replica.Keys.Find(Trio.Key(Cart))!.Answering!.State).Value));
        Assert.Equal(_trio.Replicas[0].Keys.Digest(), _trio.Replicas[2].Keys.Digest());
    }

    [Fact]
    public void Of_two_lives_given_on_two_sides_of_a_cut_the_longer_wins()
    {
        Execute(0, Add("apple", lifetimeMs: 100), Trio.Now);
        _trio.Deliver();
        Execute(0, Write(null, lifetimeMs: 200), Trio.Now);
        Execute(1, Write(null, lifetimeMs: 900), Trio.Now);
        _trio.Deliver();
        Assert.All(_trio.Replicas, replica => Assert.Equal(Trio.Now + 900, replica.Keys.Find(Trio.Key(Cart))!.ExpiresAtMs));
        Execute(2, Write(null, lifetimeMs: 50), Trio.Now);
        _trio.Deliver();
        Assert.All(_trio.Replicas, replica => Assert.Equal(Trio.Now + 50, replica.Keys.Find(Trio.Key(Cart))!.ExpiresAtMs));
    }

    [Fact]
    public void What_does_not_exist_cannot_be_given_a_life()
    {
        Execute(0, Write(null, lifetimeMs: 100), Trio.Now);
        Assert.Equal(Outcome.InvalidArgument, Assert.Single(_trio.Effects[0].Writes).Outcome);
    }

    [Fact]
    public void A_life_that_no_date_can_tell_the_end_of_is_refused()
    {
        Execute(0, Add("apple", lifetimeMs: Expiry.LongestLifetimeMs), Trio.Now);
        _trio.Persist(0);
        Execute(0, Write(null, lifetimeMs: Expiry.LongestLifetimeMs + 1), Trio.Now);
        Execute(0, Write(null, lifetimeMs: 0), Trio.Now);
        _trio.Effects[0].Time = RecordingEffects.At(Expiry.Latest - 99);
        _trio.Replicas[0].Handle(Add("pear", lifetimeMs: 100), Trio.Now);

        Assert.Equal(
            [Outcome.Done, Outcome.InvalidArgument, Outcome.InvalidArgument, Outcome.InvalidArgument],
            _trio.Effects[0].Writes.Select(write => write.Outcome));
        Assert.Equal(Trio.Now + Expiry.LongestLifetimeMs, _trio.Replicas[0].Keys.Find(Trio.Key(Cart))!.ExpiresAtMs);
    }

    [Fact]
    public void An_expired_key_is_reaped_when_every_owner_has_told_a_time_past_its_expiry()
    {
        Execute(0, Add("apple", lifetimeMs: 100), Trio.Now);
        _trio.Deliver();
        _trio.Effects[0].Time = RecordingEffects.At(Trio.Now + 600);
        Tell(from: 1, Trio.Now + 500);
        _trio.Replicas[0].Tick(Trio.Now + 600, 0);
        Assert.Equal(["apple"], _trio.Elements(0, Cart));

        Tell(from: 2, Trio.Now + 500);
        _trio.Replicas[0].Tick(Trio.Now + 600, 0);
        _trio.Replicas[0].Flush(Trio.Now + 600);
        _trio.Deliver();
        Assert.All(Enumerable.Range(0, 3), node => Assert.Empty(_trio.Elements(node, Cart)));
    }

    [Fact]
    public void What_may_still_live_by_the_uncertain_time_is_neither_hidden_nor_removed()
    {
        Execute(0, Add("apple", lifetimeMs: 100), Trio.Now);
        _trio.Deliver();
        _trio.Effects[1].Time = new ClusterTime(Trio.Now + 120, 50, IsKnown: true, MayRemove: true);
        _trio.Execute(1, Add("pear", lifetimeMs: null));
        _trio.Deliver();
        Assert.All(Enumerable.Range(0, 3), node => Assert.Equal(["apple", "pear"], _trio.Elements(node, Cart)));
        _trio.Execute(1, Trio.Read(Cart, required: 1));
        Assert.Equal(["apple", "pear"], _trio.Effects[1].Reads[^1].Elements);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Who_cannot_trust_its_clock_removes_nothing_by_it_and_leaves_such_writes_to_others(bool isKnown)
    {
        Execute(0, Add("apple", lifetimeMs: 100), Trio.Now);
        _trio.Deliver();
        _trio.Effects[0].Time = _trio.Effects[1].Time = new ClusterTime(Trio.Now + 60_000, 0, isKnown, MayRemove: false);
        _trio.Execute(1, Add("pear", lifetimeMs: null));
        Assert.Equal(Outcome.NotServing, Assert.Single(_trio.Effects[1].Writes).Outcome);
        _trio.Execute(1, Trio.Read(Cart, required: 1));
        Assert.Empty(_trio.Effects[1].Reads[^1].Elements);
        Tell(from: 1, Trio.Now + 500);
        Tell(from: 2, Trio.Now + 500);
        _trio.Replicas[0].Tick(Trio.Now + 600, 0);
        Assert.All(Enumerable.Range(0, 3), node => Assert.Equal(["apple"], _trio.Elements(node, Cart)));

        // A deletion is meant to remove.
        _trio.Execute(1, Write(null, lifetimeMs: null));
        Assert.Empty(_trio.Elements(1, Cart));
    }

    [Fact]
    public void What_has_expired_stays_expired_when_the_clock_is_set_back_and_a_new_life_is_as_long_as_asked_for()
    {
        Execute(0, Add("apple", lifetimeMs: 100), Trio.Now);
        Assert.Empty(ReadAt(0, Trio.Now + 100));
        Assert.Empty(ReadAt(0, Trio.Now - 3_600_000));
        Execute(0, Add("pear", lifetimeMs: 500), Trio.Now - 3_600_000);
        Assert.Equal(Trio.Now + 600, _trio.Replicas[0].Keys.Find(Trio.Key(Cart))!.ExpiresAtMs);
        Assert.Equal(["pear"], ReadAt(0, Trio.Now + 599));
    }

    [Fact]
    public void A_large_object_is_not_shipped_and_the_read_waits_for_what_it_lacks()
    {
        var trio = new Trio(new ReplicaSettings { ReadShipMaxBytes = -1 });
        trio.Execute(1, Trio.Add(Cart, "apple", required: 1));
        var events = trio.Effects[1].Sent.Where(sent => sent.Message is EventsMessage).ToArray();
        trio.Deliver(lost: (_, to, message) => to == Trio.Owners[0] && message is EventsMessage);
        trio.Execute(0, Trio.Read(Cart, required: 3));
        var longest = 0;
        trio.Deliver(lost: (_, _, message) =>
        {
            if (message is ReadAnswerMessage answer) longest = Math.Max(longest, answer.State.Length);
            return false;
        });
        Assert.Equal(0, longest);
        Assert.Empty(trio.Effects[0].Reads);

        trio.Replicas[0].Handle(Trio.Owners[1], events[0].Message, Trio.Now);
        trio.Replicas[0].Flush(Trio.Now);
        Assert.Equal(["apple"], Assert.Single(trio.Effects[0].Reads).Elements);
    }

    private static WriteRequest Add(string element, long? lifetimeMs) => Write(new SetAdd([Bytes.FromText(element)]), lifetimeMs);

    private static WriteRequest Write(Operation? operation, long? lifetimeMs) => new()
    {
        Key = Trio.Key(Cart),
        Operation = operation,
        LifetimeMs = lifetimeMs,
        Required = 1,
        DeadlineMs = Trio.Now + 10_000,
    };

    private void Execute(int node, WriteRequest request, long nowMs)
    {
        _trio.Effects[node].Time = RecordingEffects.At(nowMs);
        _trio.Replicas[node].Handle(request, nowMs);
        _trio.Replicas[node].Flush(nowMs);
    }

    private IReadOnlyList<string> ReadAt(int node, long nowMs)
    {
        _trio.Effects[node].Time = RecordingEffects.At(nowMs);
        _trio.Replicas[node].Handle(Trio.Read(Cart, required: 1), nowMs);
        return _trio.Effects[node].Reads[^1].Elements;
    }

    private void Tell(int from, long atMs)
    {
        var replica = _trio.Replicas[from];
        var clocks = new ClocksMessage(replica.Id, replica.Applied.Copy(), replica.Durable.Copy(), AnswerWanted: false, atMs)
        {
            Claim = new SlotClaim(from, 1),
        };
        _trio.Replicas[0].Handle(Trio.Owners[from], clocks, Trio.Now);
    }
}
