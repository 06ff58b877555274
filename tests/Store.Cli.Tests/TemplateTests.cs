using Gossipdb.Cli.Load;

namespace Gossipdb.Cli.Tests;

public sealed class TemplateTests
{
    private static readonly string[] Row = ["FR", "4296", "ATL", "\\N", "7"];

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("airline:{0}", "airline:FR")]
    [InlineData("{2}-{0}", "ATL-FR")]
    [InlineData("a{{b}}{4}", "a{b}7")]
    [InlineData("{{{0}}}", "{FR}")]
    public void Columns_are_put_in(string template, string expected)
    {
        Assert.Equal(Rendering.Done, Template.Parse(template).Render(Row, "\\N", out var rendered, out _));
        Assert.Equal(expected, rendered);
    }

    [Theory]
    [InlineData("{3}", nameof(Rendering.Null))]
    [InlineData("{5}", nameof(Rendering.Malformed))]
    [InlineData("{3}{5}", nameof(Rendering.Null))]
    public void A_column_that_is_not_there_is_no_text(string template, string expected) =>
        Assert.Equal(expected, Template.Parse(template).Render(Row, "\\N", out _, out _).ToString());

    [Fact]
    public void A_header_names_columns()
    {
        var template = Template.Parse("{to}-{0}-{{to}}").Bind(["airline", "number", "to", "x", "x"]);

        Assert.Equal(Rendering.Done, template.Render(Row, "\\N", out var rendered, out _));
        Assert.Equal("ATL-FR-{to}", rendered);
    }

    [Theory]
    [InlineData("{from}", "there is no column 'from'; the header names to, x, x")]
    [InlineData("{x}", "the header names two columns 'x'")]
    [InlineData("{-1}", "there is no column '-1'")]
    public void A_column_of_no_name_is_refused(string template, string says) => Assert.Contains(
        says, Assert.Throws<FormatException>(() => Template.Parse(template).Bind(["to", "x", "x"])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("{a}")]
    [InlineData("{-1}")]
    public void Without_a_header_columns_have_no_names(string template) =>
        Assert.Contains(
            "--header", Assert.Throws<FormatException>(() => Template.Parse(template).Bind(null)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("{")]
    [InlineData("a}")]
    [InlineData("{}")]
    [InlineData("{1")]
    public void A_brace_without_a_column_is_refused(string template) => Assert.Throws<FormatException>(() => Template.Parse(template));

    [Fact]
    public void A_set_operation_adds_an_element()
    {
        Assert.Equal(Rendering.Done, RowOperation.ParseSet("from:{2}={4}=x").Render(Row, "\\N", out var write, out _));
        Assert.Equal(new RowWrite("from:ATL", "7=x", 1), write);
    }

    [Theory]
    [InlineData("x", "x", 1)]
    [InlineData("airline:{0}", "airline:FR", 1)]
    [InlineData("sold:{2}+={4}", "sold:ATL", 7)]
    public void A_counter_operation_adds_one_or_a_column(string operation, string key, long amount)
    {
        Assert.Equal(Rendering.Done, RowOperation.ParseCounter(operation).Render(Row, "\\N", out var write, out _));
        Assert.Equal(new RowWrite(key, null, amount), write);
    }

    [Fact]
    public void An_amount_that_is_no_number_does_not_fit()
    {
        Assert.Equal(Rendering.Malformed, RowOperation.ParseCounter("x+={0}").Render(Row, "\\N", out _, out var problem));
        Assert.Equal((0, "'FR' is not a whole number from -9223372036854775808 to 9223372036854775807"), problem);
    }

    [Theory]
    [InlineData("from:{2}")]
    [InlineData("={2}")]
    [InlineData("from:{2}=")]
    public void A_set_operation_needs_key_and_element(string text) => Assert.Throws<FormatException>(() => RowOperation.ParseSet(text));

    [Theory]
    [InlineData("")]
    [InlineData("+={1}")]
    [InlineData("a+=")]
    public void A_counter_operation_needs_a_key(string text) => Assert.Throws<FormatException>(() => RowOperation.ParseCounter(text));
}
