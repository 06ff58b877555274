using System.Buffers.Binary;
using System.IO.Hashing;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Sets;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Sets;

/// <summary>Sets of every kind: what decides between them, pages, large ones, and members made to collide.</summary>
public class SetTests
{
    private static readonly Bytes Apple = Bytes.FromText("apple");

    [Fact]
    public void A_concurrent_remove_wins_over_an_add_also_of_an_element_not_held()
    {
        var (a, b) = Pair(CrdtType.RemoveWinsSet);
        var add = a.Do(new SetAdd([Apple], CrdtType.RemoveWinsSet));
        var remove = b.Do(new SetRemove([Apple], CrdtType.RemoveWinsSet));
        a.Apply(remove);
        b.Apply(add);
        Assert.False(((CrdtSet)a.State).Contains(Apple));
        Assert.Equal(a.State.Digest(), b.State.Digest());
        a.Do(new SetAdd([Apple], CrdtType.RemoveWinsSet));
        Assert.True(((CrdtSet)a.State).Contains(Apple));
    }

    [Fact]
    public void An_add_that_lost_does_not_come_back_when_the_element_is_added_anew_and_deleted()
    {
        var (a, b) = Pair(CrdtType.RemoveWinsSet);
        var early = a.Do(new SetAdd([Apple], CrdtType.RemoveWinsSet));
        b.Do(new SetRemove([Apple], CrdtType.RemoveWinsSet));
        b.Do(new SetAdd([Apple], CrdtType.RemoveWinsSet));
        b.Do(new Delete(CrdtType.RemoveWinsSet));
        b.Apply(early);
        Assert.False(b.State.IsVisible);
    }

    [Fact]
    public void A_stable_remove_is_forgotten()
    {
        var (a, _) = Pair(CrdtType.RemoveWinsSet);
        a.Do(new SetRemove([Apple], CrdtType.RemoveWinsSet));
        Assert.False(a.State.IsBottom);
        a.State.Collect(new StableCut(a.Clock.Copy(), 0, []));
        Assert.True(a.State.IsBottom);
    }

    [Fact]
    public void A_grow_only_set_refuses_to_remove_and_can_be_deleted()
    {
        var (a, _) = Pair(CrdtType.GrowOnlySet);
        a.Do(new SetAdd([Apple], CrdtType.GrowOnlySet));
        Assert.Contains("grow-only", Assert.Throws<ArgumentException>(() => a.Do(new SetRemove([Apple], CrdtType.GrowOnlySet))).Message);
        Assert.Contains("grow-only", Assert.Throws<ArgumentException>(() => a.Do(new SetClear(CrdtType.GrowOnlySet))).Message);
        Assert.Throws<ArgumentException>(() => a.Do(new SetAdd([Apple])));
        a.Do(new Delete(CrdtType.GrowOnlySet));
        Assert.True(a.State.IsBottom);
    }

    [Theory]
    [InlineData(CrdtType.Set)]
    [InlineData(CrdtType.RemoveWinsSet)]
    public void Pages_return_what_stays_exactly_once_though_replicas_answer_in_turn_and_the_set_changes(CrdtType type)
    {
        var (a, b) = Pair(type);
        b.Apply(a.Do(new SetAdd(Numbers(0, 2_000), type)));
        var seen = new List<Bytes>();
        Bytes? cursor = null;
        var round = 0;
        do
        {
            var page = ((CrdtSet)(round % 2 == 0 ? a : b).State).Page(cursor, 37);
            Assert.True(page.Members.Count <= 37);
            seen.AddRange(page.Members);
            cursor = page.Next;
            b.Apply(
                a.Do(new SetRemove(Numbers(1_000 + (round * 10), 10), type)), a.Do(new SetAdd(Numbers(5_000 + (round * 20), 20), type)));
            round++;
        }
        while (cursor is not null);

        Assert.Equal(seen.Distinct().Count(), seen.Count);
        Assert.Superset(Numbers(0, 1_000).ToHashSet(), seen.ToHashSet());
    }

    [Fact]
    public void Pages_of_what_is_not_there_and_other_cursors()
    {
        var (a, _) = Pair(CrdtType.Set);
        var set = (CrdtSet)a.State;
        Assert.Equal((0, null), (set.Page(null, 1).Members.Count, set.Page(null, 1).Next));
        a.Do(new SetAdd([default]));
        Assert.Null(set.Page(null, 1).Next);
        Assert.Throws<ArgumentException>(() => set.Page(default(Bytes), 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => set.Page(null, 0));
    }

    [Fact]
    public void A_large_set_tells_what_changed_since_a_clock_removals_too()
    {
        var (a, b) = Pair(CrdtType.Set);
        b.Apply(a.Do(new SetAdd(Numbers(0, 50_000))));
        a.Do(new SetAdd([Apple]));
        a.Do(new SetRemove(Numbers(7, 1)));
        var delta = a.State.DeltaSince(b.Clock);
        Assert.True(delta.ToBytes().Length < a.State.ToBytes().Length / 50);
        b.State.Join(b.Clock, delta, a.Clock);
        Assert.Equal(a.State.Digest(), b.State.Digest());
        Assert.True(a.State.DeltaSince(a.Clock).IsBottom);
    }

    [Fact]
    public void A_decoded_or_cleared_large_set_goes_on_as_before()
    {
        var (a, b) = Pair(CrdtType.Set);
        b.Apply(a.Do(new SetAdd(Numbers(0, 3_000))));
        var copy = Reading.Decode(a.State.ToBytes());
        Assert.Same(copy, copy.DeltaSince(a.Clock)); // nothing is known of what came when
        b.Do(new SetRemove(Numbers(0, 2_990)));
        Assert.Equal(Numbers(2_990, 10).Order(), ((CrdtSet)b.State).Elements());
        b.Do(new SetAdd(Numbers(0, 1_000)));
        copy.Join(a.Clock, b.State, b.Clock);
        Assert.Equal(b.State.Digest(), copy.Digest());
        b.Do(new SetClear());
        Assert.True(b.State.IsBottom);
    }

    [Fact]
    public void Members_made_to_collide_cost_comparisons_and_nothing_else()
    {
        var members = Colliding();
        Assert.Single(members.Select(member => XxHash3.HashToUInt64(member.Span) >> 8).Distinct());
        var (a, b) = Pair(CrdtType.Set);
        b.Apply(a.Do(new SetAdd(members)));
        foreach (var member in members) b.Do(new SetAdd([member]));
        Assert.Equal(members.Order(), ((CrdtSet)b.State).Elements());
        Assert.Equal(b.State.ToHex(), Reading.Decode(b.State.ToBytes()).ToHex());
        a.State.Join(a.Clock, b.State.DeltaSince(a.Clock), b.Clock);
        a.Clock.Merge(b.Clock);
        Assert.Equal(b.State.Digest(), a.State.Digest());
        a.Do(new SetRemove([members[100], members[400]]));
        a.Do(new SetAdd([.. members[200..210]]));
        b.State.Join(b.Clock, a.State.DeltaSince(b.Clock), a.Clock);
        Assert.Equal(b.State.Digest(), a.State.Digest());
        Assert.Equal(510, ((CrdtSet)a.State).Count);
    }

    /// <summary>
    /// 512 members of one key. XXH3 of 16 bytes is an invertible mix of the length, the two halves and their product; with one half chosen
    /// to make the product zero, the other half gives any hash that is asked for.
    /// </summary>
    private static Bytes[] Colliding()
    {
        const ulong length = 16;
        var secret = Convert.FromHexString("7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221b8084674f743248e");
        ulong At(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(secret.AsSpan(offset));
        var (low, high) = (At(0) ^ At(8), At(16) ^ At(24));
        var members = new List<Bytes>();
        for (ulong last = 0; last < 256; last++)
        {
            var mixed = Unmixed(0x0123456789abcd00 | last) - length;
            members.Add(Member(0 ^ low, mixed ^ high));
            members.Add(Member(BinaryPrimitives.ReverseEndianness(mixed) ^ low, 0 ^ high));
        }

        return [.. members];

        static ulong Unmixed(ulong hash)
        {
            hash ^= hash >> 32;
            ulong inverse = 1;
            for (var i = 0; i < 6; i++) inverse *= 2 - (0x165667919E3779F9 * inverse);
            hash *= inverse;
            return hash ^ (hash >> 37);
        }

        static Bytes Member(ulong low, ulong high)
        {
            var bytes = new byte[16];
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, low);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), high);
            return new Bytes(bytes);
        }
    }

    private static Bytes[] Numbers(int first, int count) => [.. Enumerable.Range(first, count).Select(i => Bytes.FromText($"member {i}"))];

    private static (SimulatedReplica A, SimulatedReplica B) Pair(CrdtType type) => (new(type, 0xA), new(type, 0xB));
}
