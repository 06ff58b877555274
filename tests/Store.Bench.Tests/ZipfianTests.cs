using Gossipdb.Bench.Load;

namespace Gossipdb.Bench.Tests;

public sealed class ZipfianTests
{
    private const int Draws = 200_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(1_000)]
    public void Every_key_drawn_is_one_of_them(int keys)
    {
        var (zipfian, random) = (new Zipfian(keys), new Random(1));

        for (var i = 0; i < 10_000; i++) Assert.InRange(zipfian.NextKey(random), 0, keys - 1);
    }

    [Fact]
    public void The_most_popular_key_is_drawn_as_often_as_the_formula_says()
    {
        // The sum of 1/k^0.99 over 1,000 ranks is 7.729.
        var zipfian = new Zipfian(1_000);
        Assert.Equal(1 / 7.729, zipfian.ShareOfFirst, 4);

        var ranks = Ranks(zipfian);

        Assert.Equal(zipfian.ShareOfFirst, ranks[0] / (double)Draws, 2);
        Assert.Equal(zipfian.ShareOfFirst / Math.Pow(2, Zipfian.Theta), ranks[1] / (double)Draws, 2);
    }

    [Fact]
    public void A_tenth_of_the_ranks_gets_what_its_share_of_the_sum_is()
    {
        var zipfian = new Zipfian(1_000);
        var expected = Enumerable.Range(1, 100).Sum(static rank => 1 / Math.Pow(rank, Zipfian.Theta)) * zipfian.ShareOfFirst;

        var measured = Ranks(zipfian).Take(100).Sum() / (double)Draws;

        // Gray's formula is an approximation from the third rank on.
        Assert.Equal(expected, measured, 0.02);
    }

    [Fact]
    public void Popular_keys_are_no_neighbours()
    {
        var (zipfian, random) = (new Zipfian(1_000), new Random(1));
        var drawn = new int[1_000];
        for (var i = 0; i < Draws; i++) drawn[zipfian.NextKey(random)]++;

        var popular = drawn.Index().OrderByDescending(static key => key.Item).Take(4).Select(static key => key.Index).Order().ToArray();

        Assert.All(popular.Zip(popular.Skip(1)), static pair => Assert.True(pair.Item2 - pair.Item1 > 1));
    }

    private static int[] Ranks(Zipfian zipfian)
    {
        var random = new Random(1);
        var ranks = new int[1_000];
        for (var i = 0; i < Draws; i++) ranks[zipfian.NextRank(random)]++;
        return ranks;
    }
}
