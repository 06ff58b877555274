using Gossipdb.Crdt.Registers;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Registers;

public class ExpiryTests
{
    private readonly SimulatedReplica _a = new(CrdtType.Expiry, 0xA);

    [Fact]
    public void A_life_ends_where_a_date_can_say()
    {
        Assert.Equal(Expiry.Latest, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds());
        _a.Do(Expiry.After(nowMs: 1_000, lifetimeMs: 5));
        Assert.Equal(1_005, Expiry.Of((Register)_a.State));
        _a.Do(Expiry.After(Expiry.Latest - 5, lifetimeMs: 5));
        Assert.Equal(Expiry.Latest, Expiry.Of((Register)_a.State));
        _a.Do(Expiry.After(nowMs: 1_000, Expiry.Never));
        Assert.Equal(Expiry.Never, Expiry.Of((Register)_a.State));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(Expiry.LongestLifetimeMs + 1)]
    [InlineData(long.MaxValue - 1)]
    public void A_life_out_of_range_is_refused(long lifetimeMs)
    {
        Assert.Contains($"{lifetimeMs} ms is not from 1 ms to {Expiry.LongestLifetimeMs} ms", Expiry.ProblemOf(lifetimeMs));
        Assert.Equal(Expiry.ProblemOf(lifetimeMs), Assert.Throws<ArgumentException>(() => Expiry.After(1_000, lifetimeMs)).Message);
    }

    [Fact]
    public void A_life_that_would_end_after_the_year_9999_is_refused() =>
        Assert.Contains(
            "after the year 9999", Assert.Throws<ArgumentException>(() => Expiry.After(Expiry.Latest - 4, lifetimeMs: 5)).Message);

    [Fact]
    public void A_life_that_ends_after_the_year_9999_all_the_same_never_ends()
    {
        // What earlier versions took.
        _a.Do(Expiry.At(Expiry.Latest + 1));
        Assert.Equal(Expiry.Never, Expiry.Of((Register)_a.State));
    }
}
