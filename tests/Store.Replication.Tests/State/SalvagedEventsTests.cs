using Gossipdb.Replication.State;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;

namespace Gossipdb.Replication.Tests.State;

public sealed class SalvagedEventsTests
{
    private static readonly ReplicaEvent[] Run =
        [.. Enumerable.Range(0, 5).Select(static i => Make(B, Clock((B, i)), "k", $"{i}", default))];

    [Fact]
    public void Each_is_applied_once_those_before_it_have_been_and_what_cannot_be_any_more_is_lost()
    {
        var salvaged = Holding(long.MaxValue, Run[1..]);
        var clock = Clock((B, 1));
        salvaged.Apply(clock, intact =>
        {
            if (intact == Run[3]) return false;
            clock.Advance(B, intact.Last.Sequence);
            return true;
        });
        Assert.Equal((1, 2L, 1L), (salvaged.Count, salvaged.Applied, salvaged.Lost));
        salvaged.GiveUp();
        Assert.Equal((true, 2L), (salvaged.IsEmpty, salvaged.Lost));
    }

    [Fact]
    public void What_a_clock_covers_is_forgotten_and_neither_applied_nor_lost()
    {
        var salvaged = Holding(long.MaxValue, Run);
        salvaged.DropCovered(Clock((B, 5)));
        salvaged.GiveUp();
        Assert.Equal((true, 0L, 0L), (salvaged.IsEmpty, salvaged.Applied, salvaged.Lost));
    }

    [Fact]
    public void What_there_was_no_room_for_is_lost_unless_an_image_that_comes_later_covers_it()
    {
        var room = Run[0].Encoded.Length * 2;
        var covered = Holding(room, Run);
        covered.DropCovered(Clock((B, 5)));
        covered.GiveUp();
        Assert.Equal(0, covered.Lost);

        var missing = Holding(room, Run);
        missing.DropCovered(Clock((B, 4)));
        Assert.False(missing.IsEmpty);
        missing.GiveUp();
        Assert.Equal(3, missing.Lost);
    }

    private static SalvagedEvents Holding(long maxBytes, IEnumerable<ReplicaEvent> events)
    {
        var salvaged = new SalvagedEvents(maxBytes);
        foreach (var intact in events) salvaged.Add(intact);
        return salvaged;
    }
}
