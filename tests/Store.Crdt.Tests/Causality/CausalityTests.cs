using CsCheck;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Causality;

public class CausalityTests
{
    private static readonly Gen<VersionVector> Vectors =
        Gen.Select(Gen.ULong[0, 5], Gen.Long[0, 3]).Array[0, 8].Select(entries => Vector([.. entries.Select(e => (e.Item1, e.Item2))]));

    [Fact]
    public void A_vector_covers_what_it_was_advanced_to_and_never_goes_back()
    {
        var vector = Vector((3, 5), (1, 2));
        Assert.False(vector.Advance(new ReplicaId(3), 4));
        Assert.False(vector.Advance(new ReplicaId(9), 0));
        Assert.True(vector.Contains(new Dot(new ReplicaId(3), 5)));
        Assert.False(vector.Contains(new Dot(new ReplicaId(3), 6)));
        Assert.False(vector.Contains(new Dot(new ReplicaId(2), 1)));
        Assert.Equal(7, vector.TotalChanges);
        Assert.Equal("{0000000000000001:2, 0000000000000003:5}", vector.ToString());
    }

    [Fact]
    public void Vectors_form_a_lattice() => Gen.Select(Vectors, Vectors, Vectors).Sample((a, b, c) =>
    {
        Assert.Equal(a.Union(b), b.Union(a));
        Assert.Equal(a.Union(b).Union(c), a.Union(b.Union(c)));
        Assert.Equal(a, a.Union(a));
        Assert.Equal(a, VersionVector.Minimum(a, a.Union(b)));
        Assert.Equal(VersionVector.Minimum(a, b), VersionVector.Minimum(b, a));
        Assert.True(a.Union(b).Covers(a) && a.Covers(VersionVector.Minimum(a, b)));
        Assert.Equal(a.Covers(b), a.Union(b).Equals(a));
        Assert.Equal(!a.Equals(a.Union(b)), a.Copy().Merge(b));
    });

    [Fact]
    public void What_is_left_out_of_a_vector_can_be_added_again() => Gen.Select(Vectors, Vectors).Sample((a, b) =>
    {
        Assert.Equal(a.Union(b), VersionVector.Union(a, b));
        var left = a.Union(b).Above(b) ?? new VersionVector();
        foreach (var entry in left.Entries) Assert.True(entry.Sequence > b[entry.Replica]);
        Assert.Equal(a.Union(b), VersionVector.Union(left, b));
        Assert.Equal(b.Covers(a), a.Above(b) is null);
    });

    [Fact]
    public void A_vector_survives_encoding() => Vectors.Sample(vector =>
    {
        var reader = new ByteReader(Encoded(vector));
        Assert.Equal(vector, VersionVector.Decode(ref reader));
        reader.ExpectEnd();
    });

    [Fact]
    public void A_copy_is_its_own()
    {
        var vector = Vector((1, 1));
        var copy = vector.Copy();
        vector.Advance(new ReplicaId(1), 2);
        vector.Advance(new ReplicaId(2), 2);
        Assert.Equal(Vector((1, 1)), copy);
        Assert.Equal(copy.GetHashCode(), Vector((1, 1)).GetHashCode());
    }

    [Theory]
    [InlineData("020200000000000000010100000000000000" + "01")] // descending
    [InlineData("02010000000000000001010000000000000001")] // twice
    [InlineData("01010000000000000000")] // sequence 0
    [InlineData("0101000000000000008000")] // not the shortest varint
    [InlineData("ffffffff0f")] // a count of 2^32
    public void Refuses_bytes_that_are_no_vector(string hex) => Assert.Throws<CorruptDataException>(() =>
    {
        var reader = new ByteReader(Convert.FromHexString(hex));
        VersionVector.Decode(ref reader);
    });

    [Fact]
    public void Dots_order_by_replica_then_sequence()
    {
        var dots = new[] { new Dot(new ReplicaId(2), 1), new Dot(new ReplicaId(1), 9), new Dot(new ReplicaId(1), 2) };
        Array.Sort(dots);
        Assert.Equal("0000000000000001:2 0000000000000001:9 0000000000000002:1", string.Join(' ', dots));
    }

    [Fact]
    public void A_hybrid_timestamp_exceeds_the_last_one_and_follows_the_clock()
    {
        var first = HybridTimestamp.Next(default, 1000);
        Assert.Equal("1000+0", first.ToString());
        Assert.Equal("1000+1", HybridTimestamp.Next(first, 999).ToString());
        Assert.Equal("1001+0", HybridTimestamp.Next(first, 1001).ToString());
    }

    [Fact]
    public void A_replica_id_holds_the_second_and_the_random_bits()
    {
        Assert.Equal("00000001deadbeef", ReplicaId.Create(1_577_836_801_999, 0xdeadbeef).ToString());
        Assert.True(ReplicaId.Create(1_577_836_802_000, 0).CompareTo(ReplicaId.Create(1_577_836_801_000, uint.MaxValue)) > 0);
    }

    [Fact]
    public void An_operation_is_the_same_whatever_its_deadline()
    {
        Assert.Equal(new OperationId(1, 2, 3), new OperationId(1, 2, 4));
        Assert.Equal(new OperationId(1, 2, 3).GetHashCode(), new OperationId(1, 2, 4).GetHashCode());
        Assert.NotEqual(new OperationId(1, 2, 3), new OperationId(1, 3, 3));
        Assert.False(OperationId.None.IsGiven);
    }

    [Fact]
    public void An_event_names_itself_and_every_change_in_it()
    {
        var context = new UpdateContext(new ReplicaId(1), Vector((1, 4), (2, 9)), default, default);
        Assert.Equal((5L, 1), (context.FirstSequence, context.Count));
        Assert.Equal(new Dot(new ReplicaId(1), 5), context.NextDot());
        Assert.Equal(new Dot(new ReplicaId(1), 6), context.NextDot());
        Assert.Equal(2, context.Count);
    }

    private static VersionVector Vector(params (ulong Replica, long Sequence)[] entries)
    {
        var vector = new VersionVector();
        foreach (var (replica, sequence) in entries) vector.Advance(new ReplicaId(replica), sequence);
        return vector;
    }

    private static byte[] Encoded(VersionVector vector)
    {
        var writer = new ByteWriter();
        vector.Encode(writer);
        return writer.ToArray();
    }
}
