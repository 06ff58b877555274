using Gossipdb.Node.Configuration;

namespace Gossipdb.Node.Tests.Configuration;

public class HoconStructureTests
{
    [Theory]
    [InlineData("")]
    [InlineData("a { b = [1, 2], c { } }")]
    [InlineData("a = \"}\" # {\nb = \"\\\"{\" // [")]
    [InlineData("a = \"\"\"one {\n two \" \"\"\"")]
    [InlineData("# a \" in a comment")]
    [InlineData("a = ${b}")]
    public void What_is_closed_is_no_problem(string text) => Assert.Null(HoconStructure.FindProblem(text));

    [Theory]
    [InlineData("a {\nb {\n}", "the '{' of line 1 is not closed")]
    [InlineData("a {\n}\n}", "the '}' in line 3 closes nothing")]
    [InlineData("\na = [\n}", "the '[' of line 2 is closed by the '}' in line 3")]
    [InlineData("a = 1\nb = \"c\nd = 2", "the text that begins in line 2 does not end")]
    [InlineData("a = \"\"\"b\n\n", "the text that begins in line 1 does not end")]
    [InlineData("a = \"\"\"b\n\n\"\"\" }", "the '}' in line 3 closes nothing")]
    [InlineData("a = \"b\\\"", "the text that begins in line 1 does not end")]
    public void What_is_not_closed_is_named_with_its_line(string text, string problem) =>
        Assert.Equal(problem, HoconStructure.FindProblem(text));
}
