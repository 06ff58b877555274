using Gossipdb.Lab.Figures;

namespace Gossipdb.Lab.Tests.Figures;

public sealed class LatenciesTests
{
    [Fact]
    public void A_percentile_is_the_nearest_rank()
    {
        var latencies = Of(Enumerable.Range(1, 100).Reverse().Select(static millis => millis * 1000L));
        Assert.Equal(50, latencies.Percentile(0.5));
        Assert.Equal(99, latencies.Percentile(0.99));
        Assert.Equal(100, latencies.Percentile(1));
        Assert.Equal(1, latencies.Percentile(0));
        Assert.Equal(2, Of([1000, 2000, 3000]).Percentile(0.5));
    }

    [Fact]
    public void There_is_none_of_nothing() => Assert.Null(new Latencies().Percentile(0.5));

    [Fact]
    public void What_comes_after_a_percentile_was_asked_counts()
    {
        var latencies = Of([5000]);
        Assert.Equal(5, latencies.Percentile(1));
        latencies.Add(9000);
        Assert.Equal(9, latencies.Percentile(1));
        latencies.Add(Of([1000]));
        Assert.Equal(1, latencies.Percentile(0));
        Assert.Equal(3, latencies.Count);
    }

    [Fact]
    public void Odd_ones_are_bounded()
    {
        Assert.Equal(0, Of([-5]).Percentile(1));
        Assert.Equal(int.MaxValue / 1000.0, Of([long.MaxValue]).Percentile(1));
    }

    private static Latencies Of(IEnumerable<long> micros)
    {
        var latencies = new Latencies();
        foreach (var one in micros) latencies.Add(one);
        return latencies;
    }
}
