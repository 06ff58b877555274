using Gossipdb.Replication.Events;
using Gossipdb.Replication.State;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;

namespace Gossipdb.Replication.Tests.Events;

public sealed class CausalBufferTests
{
    private readonly ReplicaEvent _second = Make(A, Clock((A, 1)), "k", "second", default);
    private readonly ReplicaEvent _third = Make(B, Clock((A, 2)), "k", "third", default);

    [Fact]
    public void Early_events_come_out_in_causal_order_and_each_once()
    {
        var buffer = new CausalBuffer(10_000);
        foreach (var early in (ReplicaEvent[])[_third, _second, _second]) Assert.True(buffer.TryAdd(early));
        Assert.Equal(2, buffer.Count);

        Assert.Null(buffer.TakeApplicable(Clock()));
        Assert.Same(_second, buffer.TakeApplicable(Clock((A, 1))));
        Assert.Null(buffer.TakeApplicable(Clock((A, 1))));
        Assert.Same(_third, buffer.TakeApplicable(Clock((A, 2))));
        Assert.Equal(0, buffer.Count);
    }

    [Fact]
    public void What_came_another_way_meanwhile_is_dropped()
    {
        var buffer = new CausalBuffer(10_000);
        buffer.TryAdd(_third);
        buffer.TryAdd(_second);
        Assert.Null(buffer.TakeApplicable(Clock((A, 2), (B, 1))));
        Assert.Equal(0, buffer.Count);
    }

    [Fact]
    public void What_does_not_fit_is_refused_and_what_is_dropped_or_taken_makes_room()
    {
        var buffer = new CausalBuffer(Math.Max(_second.Encoded.Length, _third.Encoded.Length));
        Assert.True(buffer.TryAdd(_second));
        Assert.False(buffer.TryAdd(_third));

        buffer.Drop(A);
        Assert.True(buffer.TryAdd(_third));
        Assert.NotNull(buffer.TakeApplicable(Clock((A, 2))));
        Assert.True(buffer.TryAdd(_second));
    }
}
