using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;

namespace Gossipdb.Replication.Tests.State;

public sealed class FallbackMembershipTests
{
    private static readonly NodeId D = new(4);
    private static readonly NodeId E = new(5);

    [Fact]
    public void A_node_goes_in_two_steps_and_may_come_again()
    {
        var membership = FallbackMembership.Founding([D, E]);
        Assert.True(membership.IsExactly([E, D]) && membership.IsMember(D));
        membership = membership.Leave(D);
        Assert.True(membership.IsLeaving(D) && !membership.IsMember(D) && !membership.IsExactly([E]));
        Assert.Equal([D, E], membership.Present);
        membership = membership.Remove(D);
        Assert.Equal([E], membership.Present);
        Assert.True(membership.IsExactly([E]));
        membership = membership.Add(D).Leave(E);
        Assert.True(membership.IsMember(D) && membership.Add(E).IsExactly([D, E]));
    }

    [Fact]
    public void Of_two_rosters_the_later_word_on_each_node_counts()
    {
        var founding = FallbackMembership.Founding([D, E]);
        var left = founding.Leave(D).Remove(D);
        var right = founding.Leave(E);
        var union = left.Union(right);
        Assert.True(union.IsLeaving(E) && !union.Present.Contains(D));
        Assert.True(union.Covers(left) && union.Covers(right) && !left.Covers(right));
        Assert.Same(union, union.Union(founding));
        var again = Through(union);
        Assert.True(again.Covers(union) && union.Covers(again));
    }

    [Fact]
    public void Bytes_in_another_order_are_refused()
    {
        var writer = new ByteWriter();
        foreach (var value in new ulong[] { 2, 5, 1, 4, 1 }) writer.WriteVarint(value);
        Assert.Throws<CorruptDataException>(() =>
        {
            var reader = new ByteReader(writer.Written);
            FallbackMembership.Decode(ref reader);
        });
    }

    private static FallbackMembership Through(FallbackMembership membership)
    {
        var writer = new ByteWriter();
        membership.Encode(writer);
        var reader = new ByteReader(writer.Written);
        return FallbackMembership.Decode(ref reader);
    }
}
