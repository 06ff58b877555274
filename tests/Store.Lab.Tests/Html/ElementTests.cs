using Gossipdb.Lab.Html;

namespace Gossipdb.Lab.Tests.Html;

public sealed class ElementTests
{
    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("\" onmouseover=\"alert(1)")]
    [InlineData("' & \u0000 \u0001 \ud800")]
    public void What_is_shown_is_never_read_as_html(string hostile)
    {
        var written = new Element("p", hostile).With("title", hostile).ToString();
        Assert.StartsWith("<p title=\"", written);
        Assert.Equal(2, written.Count(static letter => letter == '<'));
        Assert.Equal(2, written.Count(static letter => letter == '"'));
        Assert.DoesNotContain('\0', written);
    }

    [Theory]
    [InlineData("src", "x.png")]
    [InlineData("href", "https://example.org")]
    [InlineData("href", "javascript:alert(1)")]
    [InlineData("onclick", "alert(1)")]
    [InlineData("ONCLICK", "alert(1)")]
    [InlineData("style", "background:url(x)")]
    [InlineData("a b", "x")]
    [InlineData("", "x")]
    public void What_runs_or_fetches_is_no_attribute(string name, string value) =>
        Assert.Throws<ArgumentException>(() => new Element("a").With(name, value));

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("x><script")]
    public void A_name_is_a_name(string name) => Assert.Throws<ArgumentException>(() => new Element(name));

    [Fact]
    public void Elements_are_closed_and_void_ones_are_not()
    {
        Assert.Equal("<div></div>", new Element("div").ToString());
        Assert.Equal("<br>", new Element("br").ToString());
        Assert.Equal("<a href=\"#cap\">ä → 中 &lt;</a>", new Element("a", "ä → 中 <").With("href", "#cap").ToString());
        Assert.Equal("<rect x=\"12.5%\" y=\"0.33\"></rect>", new Element("rect").WithShare("x", 0.125).With("y", 1 / 3.0).ToString());
    }
}
