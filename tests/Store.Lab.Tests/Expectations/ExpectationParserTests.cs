using Gossipdb.Lab.Expectations;

namespace Gossipdb.Lab.Tests.Expectations;

public sealed class ExpectationParserTests
{
    private static readonly ExpectationNames Names = new()
    {
        Phases = ["cut", "80 ms between zones"],
        Sides = ["1", "2"],
        Groups = ["shops"],
        Types = ["counter", "set"],
    };

    [Theory]
    [InlineData("availability(one, side 1) = 100 %")]
    [InlineData("p50(quorum) > 3 * p50(one)")]
    [InlineData("p99(quorum, writes, in 80 ms between zones) <= 2 * (p50(all) + 5ms)")]
    [InlineData("converged within 3s of heal")]
    [InlineData("converged < 3 s")]
    [InlineData("linearizable(quorum) = no")]
    [InlineData("holds(lost-writes) = yes")]
    [InlineData("oversold(register) > 0")]
    [InlineData("calls(error Indeterminate, group shops, key cart-, type set) / calls < 0.5")]
    [InlineData("availability(quorum-sloppy) - availability(quorum) > 20 %")]
    [InlineData("down(node 3, in cut) > 0")]
    public void A_condition_is_read(string text) => ExpectationParser.Parse(text, during: null, Names);

    [Theory]
    [InlineData("lost", 4, "here belongs one of")]
    [InlineData("lost = ", 7, "here belongs a figure")]
    [InlineData("lost = 0 0", 9, "more than a condition has")]
    [InlineData("lost = 3 s", 7, "a number is compared with a time")]
    [InlineData("availability(one) = 3s", 20, "a share is written as 100 %")]
    [InlineData("p50(one) > 3", 11, "a time is written as 80ms")]
    [InlineData("p50(one) > 3 parsecs", 13, "'parsecs' is no unit")]
    [InlineData("p50(one) * p50(one) > 3ms", 9, "a time * a time means nothing")]
    [InlineData("lost + p50(one) > 3ms", 5, "have no sum")]
    [InlineData("converged within soon of heal", 17, "'soon' is not a duration")]
    [InlineData("converged within 3s of cut", 23, "of heal")]
    [InlineData("lost(one) = 0", 5, "of the whole run")]
    [InlineData("linearizable = no", 0, "needs a level")]
    [InlineData("holds() = yes", 6, "here belongs an argument")]
    [InlineData("calls(sdie 1) = 0", 6, "did you mean 'side'?")]
    [InlineData("calls(side 3) = 0", 11, "there is no side '3'")]
    [InlineData("calls(in cute) = 0", 9, "did you mean 'cut'?")]
    [InlineData("calls(oen) = 0", 6, "did you mean 'one'?")]
    [InlineData("calls(one = 0", 6, "there is no level or argument 'one = 0'")]
    [InlineData("down(one) = 0", 5, "there is no argument 'one'")]
    [InlineData("lost ? 0", 5, "'?' means nothing here")]
    public void A_mistake_is_told_with_its_place(string text, int position, string message)
    {
        var problem = Assert.Throws<ExpectationFormatException>(() => ExpectationParser.Parse(text, during: null, Names));

        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
        Assert.Equal(position, problem.Position);
    }

    [Fact]
    public void A_figure_is_of_the_phase_that_the_expectation_is_of_unless_it_names_another()
    {
        var condition = (Comparison)ExpectationParser.Parse("p50(one) > p50(one, in 80 ms between zones)", during: "cut", Names);

        Assert.Equal("cut", ((Measured)condition.Left).Scope.Phase);
        Assert.Equal("80 ms between zones", ((Measured)condition.Right).Scope.Phase);
    }

    [Fact]
    public void Products_bind_more_than_sums()
    {
        var condition = (Comparison)ExpectationParser.Parse("calls = 1 + 2 * 3", during: null, Names);

        var sum = Assert.IsType<Arithmetic>(condition.Right);
        Assert.Equal('+', sum.Sign);
        Assert.Equal('*', Assert.IsType<Arithmetic>(sum.Right).Sign);
    }
}
