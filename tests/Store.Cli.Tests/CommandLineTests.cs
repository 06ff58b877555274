using System.CommandLine.Parsing;
using System.Text.Json;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;
using Gossipdb.Client;

namespace Gossipdb.Cli.Tests;

public sealed class CommandLineTests
{
    private const string NobodyListens = "http://127.0.0.1:1";

    [Theory]
    [InlineData("conter get x", "unknown command 'conter'; did you mean 'counter'?")]
    [InlineData(
        "--nodes 5 up",
        "'gossipdb' has no option '--nodes' (a value that begins with a dash goes after --); 'gossipdb --help' lists the commands")]
    [InlineData(
        "counter get k --only --bogus",
        "'counter get' has no option '--bogus' (a value that begins with a dash goes after --); see 'gossipdb counter get --help'")]
    [InlineData("frobnicate", "unknown command 'frobnicate'; 'gossipdb --help' lists the commands")]
    [InlineData("version", "unknown command 'version'; did you mean '--version'?")]
    [InlineData("counter inc x", "'counter' has no command 'inc'; did you mean 'incr'?")]
    [InlineData("counter", "'counter' needs one of: incr, decr, get, reset")]
    [InlineData("counter get", "'counter get' needs KEY; see 'gossipdb counter get --help'")]
    [InlineData("set add k", "'set add' needs ELEMENT; see 'gossipdb set add --help'")]
    [InlineData("counter get k extra", "'counter get' does not take 'extra'; see 'gossipdb counter get --help'")]
    [InlineData(
        "set add k --durabilty memory",
        "'set add' has no option '--durabilty'; did you mean '--durability'? (a value that begins with a dash goes after --)")]
    [InlineData(
        "counter get k --w one", "'counter get' has no option '--w'; did you mean '--r'? (a value that begins with a dash goes after --)")]
    [InlineData(
        "counter incr k many",
        "N: 'many' is not a whole number from -9223372036854775808 to 9223372036854775807; see 'gossipdb counter incr --help'")]
    [InlineData(
        "counter get k --r three",
        "--r: 'three' is none of one, two, quorum, all, or a number of replicas from 1 up; see 'gossipdb counter get --help'")]
    [InlineData("counter get k --timeout 5", "--timeout: '5' has no unit: write 500ms, 2s or 1m; see 'gossipdb counter get --help'")]
    [InlineData(
        "counter incr k --durability disk", "--durability: 'disk' is neither 'journal' nor 'memory'; see 'gossipdb counter incr --help'")]
    [InlineData("max assign k", "'max assign' needs N; see 'gossipdb max assign --help'")]
    [InlineData("sorted-set set k a 1 b", "MEMBER SCORE: the member 'b' has no score; see 'gossipdb sorted-set set --help'")]
    [InlineData(
        "sorted-set set k a b",
        "MEMBER SCORE: 'b' is not a whole number from -9223372036854775808 to 9223372036854775807; see 'gossipdb sorted-set set --help'")]
    [InlineData("sequence insert k -1 x", "INDEX: '-1' is not a whole number from 0 to 2147483647; see 'gossipdb sequence insert --help'")]
    [InlineData("expire k 30", "TIME: '30' has no unit: write 500ms, 30s, 15m, 12h or 7d; see 'gossipdb expire --help'")]
    [InlineData(
        "set add k x --expires 0s", "--expires: '0s' is not between a millisecond and a thousand years; see 'gossipdb set add --help'")]
    [InlineData("set page k --limit 0", "--limit: '0' is not a whole number from 1 to 1000000; see 'gossipdb set page --help'")]
    [InlineData("get k --timeout 0s", "--timeout: '0s' is not between a millisecond and a day; see 'gossipdb get --help'")]
    [InlineData("get k --timeout 1500m", "--timeout: '1500m' is not between a millisecond and a day; see 'gossipdb get --help'")]
    [InlineData("get k --session ", "--session names no file")]
    [InlineData("layout remove x", "NODE: 'x' is not a whole number from 1 to 1000000; see 'gossipdb layout remove --help'")]
    [InlineData(
        "layout set-capacity 1 -1", "CAPACITY: '-1' is not a whole number from 0 to 1000000; see 'gossipdb layout set-capacity --help'")]
    [InlineData("load x --set a={b}", "load: '{b}': {b} is no column; write its number, counted from zero, as in {0}, or give --header "
        + "where the first row names the columns")]
    [InlineData(
        "load x --set a={0} --delimiter \"",
        "--delimiter: '\"' is not one ASCII character other than a quote and a line break; \\t is a tab; see 'gossipdb load --help'")]
    [InlineData("load /tmp --set a={0}", "load: '/tmp' is a directory")]
    [InlineData(
        "get k --endpoint http://me:secret@127.0.0.1:1",
        "--endpoint: 'http://me:secret@127.0.0.1:1' is no endpoint; write http://host:port, or https:// with TLS")]
    [InlineData("jsn get k", "unknown command 'jsn'; did you mean 'json'?")]
    [InlineData("up --nodes 0", "--nodes: '0' is not a whole number from 1 to 99; see 'gossipdb up --help'")]
    [InlineData("get k --endpoint ftp://x", "--endpoint: 'ftp://x' is no endpoint; write http://host:port, or https:// with TLS")]
    [InlineData("node --config no-such-file.conf", "there is no configuration file 'no-such-file.conf'")]
    [InlineData("load no-such-file.csv --counter x", "load: there is no file 'no-such-file.csv'")]
    [InlineData("load no-such-file.csv", "load: say what to write for a row, with --set 'KEY=ELEMENT' or --counter 'KEY'")]
    public async Task What_makes_no_sense_is_said_in_one_line(string commandLine, string expected)
    {
        var run = await RunAsync(commandLine.Split(' '));

        Assert.Equal($"gossipdb: {expected}\n", run.Error);
        Assert.Equal("", run.Output);
        Assert.Equal(2, run.Exit);
    }

    [Fact]
    public async Task An_unreachable_endpoint_is_one_line_and_its_own_exit_code()
    {
        var run = await RunAsync("counter", "get", "k", "--endpoint", NobodyListens);

        Assert.Equal(5, run.Exit);
        Assert.Single(run.Error.TrimEnd('\n').Split('\n'));
        Assert.Contains("127.0.0.1:1", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("usage", 2, "counter", "get", "--json")]
    [InlineData("usage", 2, "conter", "--json")]
    [InlineData("connection", 5, "counter", "get", "k", "--json", "--endpoint", NobodyListens)]
    [InlineData("connection", 5, "status", "--json", "--endpoint", NobodyListens)]
    public async Task Json_is_one_document_on_errors_too(string code, int exit, params string[] args)
    {
        var run = await RunAsync(args);

        var error = JsonDocument.Parse(run.Output).RootElement.GetProperty("error");
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.NotEqual("", error.GetProperty("message").GetString());
        Assert.Equal("", run.Error);
        Assert.Equal(exit, run.Exit);
    }

    [Fact]
    public async Task Json_behind_a_double_dash_is_a_value()
    {
        var run = await RunAsync("set", "add", "k", "--endpoint", NobodyListens, "--", "--json");

        Assert.Equal(5, run.Exit);
        Assert.StartsWith("gossipdb: ", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("set", "add", "k", "@home")]
    [InlineData("counter", "incr", "k", "-3")]
    [InlineData("set", "add", "k", "--", "--w")]
    public void Values_that_look_like_something_else_are_values(params string[] args)
    {
        var parse = CommandLine.Parse(args, new Terminal(TextWriter.Null, TextWriter.Null, interactive: false), NoNode.Runner);

        Assert.Empty(parse.Errors);
        Assert.Null(UsageCheck.ProblemOf(parse));
        Assert.Equal(
            args[^1],
            parse.CommandResult.Children.OfType<ArgumentResult>().Last(static argument => argument.Tokens.Count > 0).Tokens[^1].Value);
    }

    [Fact]
    public async Task The_version_is_one_line()
    {
        var run = await RunAsync("--version");

        Assert.Matches(@"^gossipdb \d+\.\d+\.\d+\n$", run.Output);
        Assert.Equal(0, run.Exit);
    }

    [Fact]
    public async Task The_help_lists_every_exit_code()
    {
        var run = await RunAsync("--help");

        foreach (var code in Enum.GetValues<ExitCode>()) Assert.Matches($@"\n  {(int)code} +\w", run.Output);
    }

    [Fact]
    public async Task Types_lists_every_type_for_programs()
    {
        var run = await RunAsync("types", "--json");

        var names = JsonDocument.Parse(run.Output).RootElement.EnumerateArray().Select(static type => type.GetProperty("type").GetString());
        var all = Enum.GetValues<StoredType>().Except([StoredType.None]).Select(ValueOutput.NameOf);
        Assert.Equal(all.Order(StringComparer.Ordinal), names.Order(StringComparer.Ordinal));
    }

    private static async Task<(int Exit, string Output, string Error)> RunAsync(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var exit = await CommandLine.RunAsync(args, new Terminal(output, error, interactive: false), NoNode.Runner, CancellationToken.None);
        return (exit, output.ToString(), error.ToString());
    }
}
