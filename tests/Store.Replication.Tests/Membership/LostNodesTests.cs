using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Replication.Tests.Membership;

public sealed class LostNodesTests
{
    private static readonly NodeId Self = new(1), Gone = new(3), Newcomer = new(4);
    private readonly LostNodes _lost = new(Self);

    [Fact]
    public void A_node_stays_lost_and_is_news_once()
    {
        Assert.True(_lost.Add(new LostNode(Gone, AcceptsLoss: false)));
        Assert.False(_lost.Add(new LostNode(Gone, AcceptsLoss: false)));
        Assert.Equal((1, true, false), (_lost.Count, _lost.Contains(Gone), _lost.IsSelfLost));
        _lost.Add(new LostNode(Self, AcceptsLoss: false));
        Assert.True(_lost.IsSelfLost);
    }

    [Fact]
    public void That_the_loss_is_accepted_may_be_said_later_and_is_not_taken_back()
    {
        var held = new SlotHolder(Gone, 1, true, Gone);
        Assert.False(_lost.IsLossAccepted(held));
        _lost.Add(new LostNode(Gone, AcceptsLoss: false));
        Assert.False(_lost.IsLossAccepted(held));
        _lost.Add(new LostNode(Gone, AcceptsLoss: true));
        _lost.Add(new LostNode(Gone, AcceptsLoss: false));
        Assert.True(_lost.IsLossAccepted(held));
    }

    [Fact]
    public void A_slot_on_its_way_from_a_lost_node_can_only_be_taken_by_force_and_one_that_has_arrived_need_not_be()
    {
        _lost.Add(new LostNode(Gone, AcceptsLoss: false));
        Assert.Equal(Gone, _lost.LostHolderOf(new SlotHolder(Newcomer, 2, false, Gone)));
        Assert.Equal(Gone, _lost.LostHolderOf(new SlotHolder(Gone, 2, false, Newcomer)));
        Assert.Null(_lost.LostHolderOf(new SlotHolder(Newcomer, 2, true, Gone)));

        // Of a slot at epoch 0 nobody has said who holds it.
        Assert.Null(_lost.LostHolderOf(new SlotHolder(Gone, 0, false, Gone)));
    }
}
