using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Sequences;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Sequences;

/// <summary>What texts and lists do, by example.</summary>
public class TextTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_two_people_type_at_one_place_stays_in_one_piece_each(bool isForward)
    {
        var (a, b) = Pair("<>");
        var fromA = Type(a, "apple", isForward);
        var fromB = Type(b, "berry", isForward);
        a.Apply(fromB);
        b.Apply(fromA);
        Assert.Equal("<appleberry>", a.State.Read());
        Assert.Equal(a.State.ToHex(), b.State.ToHex());
    }

    [Fact]
    public void What_is_inserted_in_the_middle_of_a_deletion_stays()
    {
        var (a, b) = Pair("one two three");
        var deletion = a.Do(new TextDelete(3, 10));
        a.Apply(b.Do(new TextInsert(8, "2.5 ")));
        b.Apply(deletion);
        Assert.Equal("one2.5 ", a.State.Read());
        Assert.Equal("one2.5 ", b.State.Read());
    }

    [Fact]
    public void Deleting_the_key_costs_the_same_whatever_the_text_weighs_and_spares_what_it_has_not_seen()
    {
        var (a, b) = Pair(new string('x', 10_000));
        var concurrent = b.Do(new TextInsert(5_000, "new"));
        var deletion = a.Do(new Delete(CrdtType.Text));
        Assert.True(deletion.Delta.ToBytes().Length < 60);
        Assert.False(a.State.IsVisible);
        a.Apply(concurrent);
        Assert.Equal("new", a.State.Read());
    }

    [Fact]
    public void A_retried_insertion_is_seen_once()
    {
        var (a, b) = Pair("");
        var id = new OperationId(1, 1, 100);
        var first = a.Do(new TextInsert(0, "once"), id);
        b.Do(new TextInsert(0, "once"), id);
        b.Apply(first);
        Assert.Equal("once", b.State.Read());
        Assert.True(b.State.TryGetExecution(first.Operation, id, out var dot));
        Assert.Equal(first.Name, dot);
    }

    [Fact]
    public void What_is_dead_everywhere_leaves_nothing_but_the_counters()
    {
        var (a, b) = Pair("gone");
        b.Apply(a.Do(new TextDelete(0, 4)));
        var before = a.State.ToBytes().Length;
        a.CollectAt(new StableCut(a.Clock.Copy(), 0, []));
        b.CollectAt(a.StableCut);
        Assert.True(a.State.ToBytes().Length < before);
        a.Do(new TextInsert(0, "back"));
        a.CollectAt(new StableCut(a.Clock.Copy(), 0, [new RetiredReplica(a.Id, new Dot(new ReplicaId(0xFE), 1))]));
        Assert.Equal("back", a.State.Read());
    }

    [Fact]
    public void A_late_answer_brings_nothing_back()
    {
        var (a, b) = Pair("ab");
        var since = b.Clock.Copy();
        Event[] events = [a.Do(new TextInsert(1, "x")), a.Do(new TextInsert(0, "y")), a.Do(new TextInsert(1, "z"))];
        var answer = a.State.DeltaSince(since);
        b.Apply([.. events, a.Do(new TextDelete(0, 5))]);
        b.CollectAt(new StableCut(b.Clock.Copy(), 0, []));
        var before = b.State.ToHex();
        b.State.Join(b.Clock, answer, events[2].Clock);
        Assert.Equal(before, b.State.ToHex());
    }

    [Fact]
    public void A_part_of_a_long_text_is_read_by_position()
    {
        var (a, _) = Pair("");
        for (var i = 0; i < 3_000; i++) a.Do(new TextInsert(i / 2, ((char)('a' + (i % 26))).ToString()));
        for (var i = 0; i < 500; i++) a.Do(new TextDelete(i * 3, 1));
        var text = (Text)a.State;
        Assert.Equal(2_500, text.Length);
        Assert.Equal(text.ToString().Substring(1_234, 567), text.Substring(1_234, 567));
        Assert.Equal(text.ToString(), Reading.Decode(text.ToBytes()).Read());
    }

    [Fact]
    public void Positions_out_of_range_and_halves_of_surrogate_pairs_are_refused()
    {
        var (a, _) = Pair("a😀");
        Assert.Contains(
            "position 4 are not within a text of length 3",
            Assert.Throws<ArgumentOutOfRangeException>(() => a.Do(new TextInsert(4, "x"))).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => a.Do(new TextDelete(1, int.MaxValue)));
        Assert.Throws<ArgumentOutOfRangeException>(() => a.Do(new TextDelete(1, -1)));
        Assert.Throws<ArgumentException>(() => a.Do(new TextInsert(2, "x")));
        Assert.Throws<ArgumentException>(() => a.Do(new TextDelete(2, 1)));
        Assert.Throws<ArgumentException>(() => a.Do(new TextDelete(0, 2)));
        Assert.Throws<ArgumentException>(() => a.Do(new TextInsert(0, "\ud83d")));
        Assert.Throws<ArgumentException>(() => a.Do(new TextInsert(0, "\ude00\ud83d")));
    }

    [Fact]
    public void A_part_neither_begins_nor_ends_between_the_halves_of_a_surrogate_pair()
    {
        var (a, _) = Pair("a😀b");
        var text = (Text)a.State;
        foreach (var (start, count) in new[] { (0, 2), (2, 1), (2, 2), (2, 0) })
        {
            var refused = Assert.Throws<ArgumentException>(() => text.Substring(start, count));
            Assert.Equal(
                "position 2 is between the halves of a surrogate pair, the character at 1: begin and end there or at 3", refused.Message);
        }

        Assert.Equal("a", text.Substring(0, 1));
        Assert.Equal("😀", text.Substring(1, 2));
        Assert.Equal("b", text.Substring(3, 1));
    }

    [Fact]
    public void What_is_shown_of_a_long_text_ends_with_a_whole_character()
    {
        var (a, _) = Pair(new string('x', 63) + "😀y");
        Assert.Contains($"\"{new string('x', 63)}\"… (66 code units)", a.State.Describe());
    }

    private static Event[] Type(SimulatedReplica replica, string word, bool isForward)
    {
        var events = new Event[word.Length];
        for (var i = 0; i < word.Length; i++)
            events[i] = replica.Do(new TextInsert(isForward ? 1 + i : 1, word[isForward ? i : word.Length - 1 - i].ToString()));
        return events;
    }

    private static (SimulatedReplica A, SimulatedReplica B) Pair(string text)
    {
        var (a, b) = (new SimulatedReplica(CrdtType.Text, 0xA), new SimulatedReplica(CrdtType.Text, 0xB));
        b.Apply(a.Do(new TextInsert(0, text)));
        return (a, b);
    }
}
