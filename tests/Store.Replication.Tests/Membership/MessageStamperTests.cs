using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;
using static Gossipdb.Replication.Tests.Harness.StateParts;

namespace Gossipdb.Replication.Tests.Membership;

public sealed class MessageStamperTests
{
    private readonly StateParts _parts = new();
    private readonly MessageStamper _stamper;

    public MessageStamperTests() =>
        _stamper = new MessageStamper(_parts.Effects, _parts.Peers, _parts.State.Keys, _parts.Previous);

    [Fact]
    public void Every_message_says_which_slot_its_sender_holds_at_that_moment()
    {
        _stamper.Send(Owners[1], new BeyondLogMessage(A));
        _parts.Peers.TryTake(0, new SlotHolder(new NodeId(4), 2, true, Owners[0]));
        _stamper.Send(Owners[1], new BeyondLogMessage(A));
        Assert.Equal([new SlotClaim(0, 1), SlotClaim.None], _parts.Effects.Sent.Select(static sent => sent.Message.Claim));
    }

    [Fact]
    public void Clocks_say_whether_something_of_earlier_incarnations_may_be_missing()
    {
        _stamper.Send(Owners[1], _parts.Exchange.Clocks(answerWanted: false));
        _parts.Previous.Begin();
        _stamper.Send(Owners[1], _parts.Exchange.Clocks(answerWanted: false));
        Assert.Equal([false, true], _parts.Sent<ClocksMessage>().Select(static sent => sent.LacksPast));
    }

    [Fact]
    public void Clocks_leave_out_the_retired_ids_where_the_receiver_has_the_same_table()
    {
        _parts.State.Apply(Make(Ended, Clock(), "cart", "apple", default), isAwaited: false);
        _parts.Collect(Ended);
        var hash = _parts.State.Keys.Retired.Hash;
        _parts.Peers.Slots[1].RetiredHash = hash;
        _parts.Peers.Slots[2].RetiredHash = 77;
        foreach (var owner in Owners[1..]) _stamper.Send(owner, new FetchMessage(A, _parts.State.Applied.Copy()));
        Assert.Equal([hash, 0UL], _parts.Effects.Sent.Select(static sent => sent.Message.FoldedWith));
        Assert.Equal([0L, 1L], _parts.Sent<FetchMessage>().Select(static sent => sent.Clock[Ended]));
    }
}
