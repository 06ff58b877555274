using Gossipdb.Node.Lanes;

namespace Gossipdb.Node.Tests.Lanes;

/// <summary>When what a turn makes leaves, and in which order.</summary>
public sealed class TurnTests
{
    private readonly List<string> _log = [];
    private readonly Sluice _outlet = new();

    [Fact]
    public void What_several_put_into_an_outlet_leaves_with_one_flush_at_the_turn_s_end()
    {
        var (one, other) = (new Member(new Lane()), new Member(new Lane()));
        using (Turn.Begin())
        {
            one.Do(() => _outlet.Put(1));
            other.Do(() => _outlet.Put(2));
            _outlet.Put(3);
            Assert.Empty(_outlet.Flushed);
        }

        Assert.Equal([[1, 2, 3]], _outlet.Flushed);
    }

    [Fact]
    public void Without_a_turn_what_is_put_into_an_outlet_leaves_at_once()
    {
        _outlet.Put(1);
        _outlet.Put(2);

        Assert.Equal([[1], [2]], _outlet.Flushed);
        Assert.Null(Turn.Current);
    }

    [Fact]
    public void A_turn_within_a_turn_is_part_of_it()
    {
        using (var outer = Turn.Begin())
        {
            using (var inner = Turn.Begin())
            {
                Assert.Same(outer.Turn, inner.Turn);
                _outlet.Put(1);
            }

            Assert.Same(outer.Turn, Turn.Current);
            Assert.Empty(_outlet.Flushed);
            _outlet.Put(2);
        }

        Assert.Equal([[1, 2]], _outlet.Flushed);
        Assert.Null(Turn.Current);
    }

    [Fact]
    public void What_comes_for_a_lane_within_a_lane_is_done_once_that_is_left()
    {
        var lane = new Lane();
        var (one, same, other) = (new Member(lane, "one"), new Member(lane, "same"), new Member(new Lane(), "other"));

        one.Do(() =>
        {
            Assert.True(Turn.Current!.IsInLane);
            same.Do(() => _log.Add("same"));
            other.Do(() =>
            {
                Assert.Null(lane.Busy);
                other.Do(() => _log.Add("again"));
                _log.Add("other");
            });
            one.Do(() => _log.Add("one, later"));
            _log.Add("one");
        });

        Assert.Equal(["one", "same", "other", "one, later", "again"], _log);
    }

    [Fact]
    public void A_batch_ends_once_a_turn_and_before_the_outlets_are_flushed()
    {
        Member? member = null;
        member = new Member(new Lane(), flush: () =>
        {
            Assert.True(Turn.Current!.IsInLane);
            _log.Add("batch");
            _outlet.Put(2);
        });
        _outlet.Flushing = () => _log.Add("outlet");

        using (Turn.Begin())
        {
            _outlet.Put(1);
            member.Do(member.Batch);
            member.Do(member.Batch);
            Assert.Empty(_log);
        }

        Assert.Equal(["batch", "outlet"], _log);
        Assert.Equal([[1, 2]], _outlet.Flushed);

        // The next turn has a batch of its own.
        member.Do(member.Batch);
        Assert.Equal(["batch", "outlet", "batch", "outlet"], _log);
    }

    [Fact]
    public void What_a_flush_makes_leaves_within_the_same_turn()
    {
        var last = new Sluice();
        var rounds = 0;
        Member? member = null;
        member = new Member(new Lane(), flush: () => last.Put(++rounds));
        last.Flushing = () =>
        {
            if (rounds < 3) member.Do(member.Batch);
            else _outlet.Put(9);
        };

        using (Turn.Begin())
        {
            _outlet.Put(8);
            member.Do(member.Batch);
        }

        Assert.Equal([[1], [2], [3]], last.Flushed);
        Assert.Equal([[8], [9]], _outlet.Flushed);
        Assert.Null(Turn.Current);
    }

    [Fact]
    public void Where_something_fails_the_lane_is_left_and_what_was_made_leaves()
    {
        var lane = new Lane();
        var member = new Member(lane);

        Assert.Throws<InvalidOperationException>(() => member.Do(() =>
        {
            _outlet.Put(1);
            throw new InvalidOperationException("in the lane");
        }));

        Assert.Equal([[1]], _outlet.Flushed);
        Assert.Null(lane.Busy);
        Assert.Null(Turn.Current);
        member.Do(() => _log.Add("goes on"));
        Assert.Single(_log);
    }
}
