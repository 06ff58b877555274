using Gossipdb.Cli.Words;

namespace Gossipdb.Cli.Tests;

public sealed class ShellWordsTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("  a\t b ", "a|b")]
    [InlineData("'a b' \"c d\"", "a b|c d")]
    [InlineData("a''b \"\" ''", "ab||")]
    [InlineData("""'{"a":"\n"}'""", """{"a":"\n"}""")]
    [InlineData("""\"{\\\"a\\\":1}\" """, """
        "{\"a\":1}"
        """)]
    [InlineData(""""
        "{\"a\":\"x\\ny\"}"
        """", """{"a":"x\ny"}""")]
    [InlineData("\"\\xE9 \\n \\$\"", "\\xE9 \\n $")]
    [InlineData("""a\ b \'c\' \\""", """a b|'c'|\""")]
    [InlineData("it\"'\"s", "it's")]
    [InlineData("$HOME `date` * {a} #x", "$HOME|`date`|*|{a}|#x")]
    public void Words_are_split_as_a_shell_does(string line, string words) =>
        Assert.Equal(words.Length == 0 && line.Length == 0 ? [] : words.Split('|'), ShellWords.Split(line));

    [Theory]
    [InlineData("a 'b", "the quote at character 3 is not closed")]
    [InlineData("\"b\\\"", "the quote at character 1 is not closed")]
    [InlineData("a\\", "nothing follows the backslash at its end")]
    public void What_is_not_closed_is_refused(string line, string says) =>
        Assert.Equal(says, Assert.Throws<FormatException>(() => ShellWords.Split(line)).Message);
}
