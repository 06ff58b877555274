using System.CommandLine;
using Gossipdb.Cli.Words;
using Gossipdb.Client;
using Gossipdb.Lab.Words;

namespace Gossipdb.Cli.Tests;

public sealed class ParserTests
{
    [Theory]
    [InlineData("", "default", Durability.Journal, 5_000)]
    [InlineData("--w one", "one", Durability.Journal, 5_000)]
    [InlineData("--w TWO --durability memory", "two", Durability.Memory, 5_000)]
    [InlineData("--w all --timeout 1.5s", "all", Durability.Journal, 1_500)]
    [InlineData("--w 3 --timeout 250ms", "3", Durability.Journal, 250)]
    public void Options_say_what_a_write_asks_for(string options, string level, Durability durability, int timeoutMs)
    {
        var common = new CommonOptions();
        var write = common.WriteConsistency(Parse(options, common.W, common.Durability, common.Timeout));

        Assert.Equal(level, write.ToString());
        Assert.Equal(durability, write.Durability);
        Assert.Equal(TimeSpan.FromMilliseconds(timeoutMs), write.Timeout);
    }

    [Theory]
    [InlineData("", "default", 5_000)]
    [InlineData("--r one --timeout 2m", "one", 120_000)]
    [InlineData("--r 2", "2", 5_000)]
    public void Options_say_what_a_read_asks_for(string options, string level, int timeoutMs)
    {
        var common = new CommonOptions();
        var read = common.ReadConsistency(Parse(options, common.R, common.Timeout));

        Assert.Equal(level, read.ToString());
        Assert.Equal(TimeSpan.FromMilliseconds(timeoutMs), read.Timeout);
    }

    [Fact]
    public void Options_say_whom_to_talk_to()
    {
        var common = new CommonOptions();
        var options = common.ClientOptions(Parse("--endpoint http://a:1,b:2 --only", [.. common.Connection]));

        Assert.Equal(["http://a:1", "b:2"], options.Endpoints);
        Assert.False(options.Discover);
        Assert.True(common.ClientOptions(Parse("", [.. common.Connection])).Discover);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("")]
    [InlineData("most")]
    public void A_level_that_is_none_is_refused(string text)
    {
        Assert.Throws<FormatException>(() => Parsers.WriteLevel(text));
        Assert.Throws<FormatException>(() => Parsers.ReadLevel(text));
    }

    [Theory]
    [InlineData("2")]
    [InlineData("s")]
    [InlineData("0s")]
    [InlineData("-1s")]
    [InlineData("1h")]
    [InlineData("2000m")]
    [InlineData("2d")]
    public void A_time_without_sense_is_refused(string text) => Assert.Throws<FormatException>(() => Parsers.Duration(text));

    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("30s", 30_000)]
    [InlineData("1.5m", 90_000)]
    [InlineData("12h", 43_200_000)]
    [InlineData("7d", 604_800_000)]
    [InlineData("365250d", Crdt.Registers.Expiry.LongestLifetimeMs)]
    public void A_life_can_be_long(string text, double milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), Parsers.Lifetime(text));

    [Theory]
    [InlineData("0d")]
    [InlineData("365251d")]
    [InlineData("99999999999999999999d")]
    [InlineData("7")]
    [InlineData("7w")]
    public void A_life_without_sense_is_refused(string text) => Assert.Throws<FormatException>(() => Parsers.Lifetime(text));

    [Theory]
    [InlineData("conter", "counter")]
    [InlineData("dmeo", "demo")]
    [InlineData("stat", "status")]
    [InlineData("zzzzzz", null)]
    public void The_nearest_word_is_found(string word, string? expected) =>
        Assert.Equal(expected, Nearest.Of(word, ["counter", "demo", "status", "set"]));

    private static ParseResult Parse(string words, params Option[] options)
    {
        var command = new RootCommand();
        foreach (var option in options) command.Add(option);
        var parse = command.Parse(words.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Empty(parse.Errors);
        return parse;
    }
}
