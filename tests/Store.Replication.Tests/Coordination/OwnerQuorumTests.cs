using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Coordination;
using Gossipdb.Replication.Handoff;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;
using static Gossipdb.Replication.Tests.Harness.StateParts;

namespace Gossipdb.Replication.Tests.Coordination;

public sealed class OwnerQuorumTests
{
    private readonly StateParts _parts = new();
    private readonly HintSender _hints;
    private readonly OwnerQuorum _quorum;

    public OwnerQuorumTests()
    {
        _parts.Designate();
        _hints = new HintSender(_parts.State, _parts.Peers, _parts.Fallbacks, _parts.Effects);
        _quorum = new OwnerQuorum(_parts.State, _parts.Peers, _parts.Fallbacks, _hints, _parts.Exchange, _parts.Effects);
    }

    [Fact]
    public void To_a_write_an_owner_whose_journal_takes_none_is_absent_and_is_named()
    {
        _parts.Peers.SetTakesWrites(Owners[2], false);
        Assert.Equal((2, 3), (_quorum.AvailableTo(Requests.Write()), _quorum.AvailableTo(Requests.Read())));
        Assert.Contains("node 3", _quorum.NotCounted(Requests.Write()), StringComparison.Ordinal);
        Assert.Null(_quorum.NotCounted(Requests.Read()));
    }

    [Fact]
    public void In_a_sloppy_request_a_fallback_node_counts_for_each_absent_owner()
    {
        Assert.Equal(3, _quorum.AvailableTo(Requests.Write(isSloppy: true)));
        _parts.Peers.SetNear(Owners[2], false);
        Assert.Equal((2, 3), (_quorum.AvailableTo(Requests.Write()), _quorum.AvailableTo(Requests.Write(isSloppy: true))));
        foreach (var entry in _parts.Fallbacks.Entries) entry.Reachable = false;
        Assert.Equal(2, _quorum.AvailableTo(Requests.Write(isSloppy: true)));
    }

    [Fact]
    public void An_ack_counts_where_the_clock_that_the_durability_names_covers_the_write()
    {
        var dot = _parts.Make("cart", "apple").Last;
        _parts.Tell(1, Clock((A, 1)), durable: Clock());
        Assert.Equal(0b011UL, _quorum.AcksOf(Requests.Write(durability: Durability.Memory), dot).Slots);
        Assert.Equal(0UL, _quorum.AcksOf(Requests.Write(), dot).Slots);
        _parts.Persist();
        Assert.Equal(0b001UL, _quorum.AcksOf(Requests.Write(), dot).Slots);
        _parts.Tell(1, Clock((A, 1)));
        Assert.Equal(0b011UL, _quorum.AcksOf(Requests.Write(), dot).Slots);
    }

    [Fact]
    public void A_fallback_node_s_ack_counts_in_a_sloppy_write_beside_the_ack_of_some_owner()
    {
        _parts.Peers.SetNear(Owners[2], false);
        var sloppy = Requests.Write(isSloppy: true);
        _quorum.WriteBegins(sloppy);
        var dot = _parts.Make("cart", "apple").Last;
        var holder = _parts.Fallbacks.Entries[0];
        holder.Take(new HintAckMessage(holder.Replica, Clock((A, 1)), Clock(), HintAckFlags.None), Trio.Now);
        Assert.Equal(0, _quorum.AcksOf(sloppy, dot).Count);

        _parts.Persist();
        Assert.Equal(new Acks(0b001, 0b01), _quorum.AcksOf(sloppy, dot));
        Assert.Equal([new(4)], _quorum.NodesOf(0b01)!);
        Assert.Equal(new Acks(0b001, 0), _quorum.AcksOf(Requests.Write(), dot));
    }

    [Fact]
    public void Within_a_millisecond_one_owner_is_asked_and_over_time_each_as_often()
    {
        var asked = new int[3];
        for (var ms = 0; ms < 1_000; ms++)
        {
            var first = AskOne(Trio.Now + ms);
            Assert.Equal(first.Asked, AskOne(Trio.Now + ms).Asked);
            asked[System.Numerics.BitOperations.Log2(first.Asked & ~_quorum.OwnSlot)]++;
        }

        Assert.Equal(0, asked[0]);
        Assert.All(asked[1..], times => Assert.InRange(times, 450, 550));
    }

    [Fact]
    public void None_is_asked_twice_for_one_read()
    {
        var read = AskOne(Trio.Now);
        _quorum.Ask(read, int.MaxValue, silent: 0, Trio.Now + 1);
        _quorum.Ask(read, int.MaxValue, silent: 0, Trio.Now + 2);
        Assert.Equal((2, 0b111UL), (_parts.Effects.Sent.Count, read.Asked));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void An_owner_that_left_a_question_unanswered_is_asked_last(int silent)
    {
        for (var id = 1UL; id <= 4; id++)
        {
            var read = new PendingRead(id, Requests.Read(2), Trio.Now) { Asked = _quorum.OwnSlot };
            _quorum.Ask(read, 1, 1UL << silent, Trio.Now + (long)id);
            Assert.Equal(0UL, read.Asked & (1UL << silent));
            _quorum.Ask(read, int.MaxValue, 1UL << silent, Trio.Now + (long)id);
            Assert.Equal(0b111UL, read.Asked);
        }
    }

    [Fact]
    public void A_sloppy_read_asks_as_many_fallback_nodes_as_owners_are_out_of_reach()
    {
        _parts.Peers.SetNear(Owners[2], false);
        var read = new PendingRead(1, Requests.Read(3, isSloppy: true), Trio.Now) { Asked = _quorum.OwnSlot };
        _quorum.Ask(read, 2, silent: 0, Trio.Now);
        _quorum.Ask(read, 2, silent: 0, Trio.Now);
        Assert.Equal([Owners[1]], _parts.SentTo<ReadQueryMessage>());
        Assert.Equal([new(4)], _parts.SentTo<FallbackMessage>());
        Assert.Equal([new(4)], read.FallbacksAsked);
    }

    private PendingRead AskOne(long nowMs)
    {
        var read = new PendingRead(1, Requests.Read(2), nowMs) { Asked = _quorum.OwnSlot };
        _quorum.Ask(read, 1, silent: 0, nowMs);
        return read;
    }
}
