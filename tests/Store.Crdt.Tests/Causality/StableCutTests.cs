using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Tests.Causality;

public class StableCutTests
{
    private static readonly ReplicaId A = new(0xA), B = new(0xB), C = new(0xC), D = new(0xD);

    [Fact]
    public void What_ended_replicas_left_is_the_last_heirs()
    {
        var cut = CutOf(new(A, new Dot(B, 4)), new(B, new Dot(D, 7)), new(C, new Dot(D, 9)));
        Assert.Equal([A, B, C], cut.InheritedBy(D));
        Assert.Equal([A, B], cut.InheritedBy(D, upToSequence: 8));
        Assert.Empty(cut.InheritedBy(B));
        Assert.True(cut.TryGetInheritance(A, out var decision));
        Assert.Equal(new Dot(D, 7), decision);
        Assert.False(cut.TryGetInheritance(D, out _));
    }

    [Fact]
    public void Of_two_heirs_the_least_decision_counts_in_either_order()
    {
        var left = CutOf(new(A, new Dot(C, 2)), new(B, new Dot(D, 1)));
        var right = CutOf(new RetiredReplica(A, new Dot(B, 5)));
        var union = left.Union(right);
        Assert.True(union.IsSame(right.Union(left)));
        Assert.Equal([A, B], union.InheritedBy(D));
        Assert.Empty(union.InheritedBy(C));
        Assert.Same(union.Retired, union.Union(right).Retired);
    }

    [Fact]
    public void A_floor_survives_encoding_and_an_id_is_not_its_own_heir()
    {
        var cut = CutOf(new(A, new Dot(B, 4)), new(C, new Dot(D, 9)));
        Assert.True(cut.IsSame(Decode(cut)));
        Assert.Throws<CorruptDataException>(() => Decode(CutOf(new RetiredReplica(A, new Dot(A, 4)))));
        Assert.Throws<CorruptDataException>(() => Decode(CutOf(new(C, new Dot(D, 9)), new(A, new Dot(B, 4)))));
    }

    private static StableCut CutOf(params RetiredReplica[] retired) => new(new VersionVector(), 5, retired);

    private static StableCut Decode(StableCut cut)
    {
        var writer = new ByteWriter();
        cut.Encode(writer);
        var reader = new ByteReader(writer.ToArray());
        return StableCut.Decode(ref reader);
    }
}
