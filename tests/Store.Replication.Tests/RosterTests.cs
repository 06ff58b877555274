using Gossipdb.Crdt;

namespace Gossipdb.Replication.Tests;

public sealed class RosterTests
{
    private static readonly NodeId D = new(4);
    private static readonly NodeId E = new(5);

    [Fact]
    public void A_node_goes_in_two_steps_and_may_come_again()
    {
        var roster = Roster.Founding([D, E]);
        Assert.True(roster.IsExactly([E, D]) && roster.IsMember(D));
        roster = roster.Leave(D);
        Assert.True(roster.IsLeaving(D) && !roster.IsMember(D) && !roster.IsExactly([E]));
        Assert.Equal([D, E], roster.Present);
        roster = roster.Remove(D);
        Assert.Equal([E], roster.Present);
        Assert.True(roster.IsExactly([E]));
        roster = roster.Add(D).Leave(E);
        Assert.True(roster.IsMember(D) && roster.Add(E).IsExactly([D, E]));
    }

    [Fact]
    public void Of_two_rosters_the_later_word_on_each_node_counts()
    {
        var founding = Roster.Founding([D, E]);
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
            Roster.Decode(ref reader);
        });
    }

    private static Roster Through(Roster roster)
    {
        var writer = new ByteWriter();
        roster.Encode(writer);
        var reader = new ByteReader(writer.Written);
        return Roster.Decode(ref reader);
    }
}
