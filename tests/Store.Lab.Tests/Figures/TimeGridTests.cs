using Gossipdb.Lab.Figures;

namespace Gossipdb.Lab.Tests.Figures;

public sealed class TimeGridTests
{
    [Theory]
    [InlineData(16_000_000, 200_000, 80)]
    [InlineData(12_000_000, 100_000, 120)]
    [InlineData(12_000_001, 200_000, 61)]
    [InlineData(0, 50_000, 1)]
    [InlineData(3_600_000_000L * 1000, 3_600_000_000L * 9, 112)]
    public void The_narrowest_width_that_is_enough(long span, long width, int count)
    {
        var grid = TimeGrid.Over(0, span, 120);
        Assert.Equal((width, count), (grid.Width, grid.Count));
        Assert.True(grid.To >= span);
    }

    [Fact]
    public void An_instant_is_in_its_bucket_and_one_outside_in_the_nearest()
    {
        var grid = new TimeGrid(1000, 100, 5);
        Assert.Equal([0, 0, 1, 4, 4], new long[] { 0, 1099, 1100, 1499, 9999 }.Select(grid.IndexOf));
        Assert.Equal(1200, grid.StartOf(2));
    }
}
