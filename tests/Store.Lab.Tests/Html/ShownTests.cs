using Gossipdb.Lab.Html;

namespace Gossipdb.Lab.Tests.Html;

public sealed class ShownTests
{
    [Theory]
    [InlineData(0, "0 %")]
    [InlineData(1, "100 %")]
    [InlineData(0.999999, "> 99.99 %")]
    [InlineData(0.9971, "99.71 %")]
    [InlineData(0.5, "50 %")]
    [InlineData(0.0321, "3.2 %")]
    [InlineData(0.00001, "< 0.01 %")]
    public void What_is_not_all_is_not_shown_as_all(double share, string shown) => Assert.Equal(shown, Shown.Percent(share));

    [Theory]
    [InlineData(0.7, "0.7 ms")]
    [InlineData(82.61, "82.6 ms")]
    [InlineData(1500, "1.5 s")]
    [InlineData(61_200, "61.2 s")]
    public void Latencies(double millis, string shown) => Assert.Equal(shown, Shown.Millis(millis));

    [Fact]
    public void A_text_is_cut_between_letters()
    {
        Assert.Equal("ab…", Shown.Short("abcd", 3));
        Assert.Equal("a…", Shown.Short("a\ud83d\ude00bc", 3));
        Assert.Equal("abc", Shown.Short("abc", 3));
    }
}
