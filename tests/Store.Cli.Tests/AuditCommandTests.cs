using System.Text.Json.Nodes;
using Gossipdb.Cli.Output;

namespace Gossipdb.Cli.Tests;

public sealed class AuditCommandTests : IDisposable
{
    private readonly TemporaryDirectory _data = new();

    public AuditCommandTests()
    {
        Directory.CreateDirectory(Path.Combine(_data.Path, "audit"));
        Write("audit-20261128_999.jsonl", Line("2026-11-28T10:00:00.000Z", "alice", "login", "done"));
        Write("audit-20261128_1000.jsonl", Line("2026-11-28T23:00:00.000Z", "bob", "login", "denied"));
        Write(
            "audit-20261129.jsonl",
            Line("2026-11-29T10:00:00.000Z", "alice", "layout-apply", "done", "version 3", "two \\u001b[31mslots\\u0007"),
            "{\"when\":\"20",
            Line("2026-11-29T11:00:00.000Z", "alice", "user", "failed"));
    }

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Lines_are_shown_in_the_order_they_were_written_and_what_was_cut_off_is_remarked()
    {
        var (exit, output, error) = await RunAsync();

        Assert.Equal(0, exit);
        string[] inOrder = ["10:00:00.000Z", "bob", "layout-apply", "version 3: two", "11:00:00"];
        Assert.Equal(inOrder.Select(text => output.IndexOf(text, StringComparison.Ordinal)).Order(), inOrder.Select(text =>
            output.IndexOf(text, StringComparison.Ordinal)));
        Assert.Contains("alice (password)", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output);
        Assert.DoesNotContain('\u0007', output);
        Assert.Equal("1 line is not of an audit log\n", error);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(3, "--who", "alice")]
    [InlineData(2, "--since", "2026-11-29")]
    [InlineData(1, "--outcome", "denied")]
    [InlineData(0, "--outcome", "denied", "--who", "alice")]
    [InlineData(1, "--since", "2026-11-29T10:30:00Z", "--who", "alice", "--outcome", "failed")]
    public async Task Only_what_is_asked_for_is_shown(int count, params string[] words)
    {
        var (exit, output, _) = await RunAsync([.. words, "--json"]);

        Assert.Equal(0, exit);
        Assert.Equal(count, JsonNode.Parse(output)!.AsArray().Count);
    }

    [Theory]
    [InlineData("--since", "yesterday")]
    [InlineData("--outcome", "maybe")]
    public async Task What_cannot_be_asked_for_is_an_error_of_usage(params string[] words) =>
        Assert.Equal((int)ExitCode.Usage, (await RunAsync(words)).Exit);

    [Fact]
    public async Task Where_there_is_no_log_it_is_said_where_it_would_be()
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var exit = await CommandLine.RunAsync(
            ["audit", Path.Combine(_data.Path, "audit")], new Terminal(output, error, interactive: false), NoNode.Runner, default);

        Assert.Equal((int)ExitCode.Usage, exit);
        Assert.Contains("under audit/", error.ToString(), StringComparison.Ordinal);
    }

    private static string Line(string when, string who, string action, string outcome, string what = "", string detail = "") =>
        $$"""{"when":"{{when}}","node":1,"action":"{{action}}","outcome":"{{outcome}}","who":"{{who}}","how":"password","from":"x:1","""
        + $$""" "what":"{{what}}","detail":"{{detail}}"}""";

    private void Write(string file, params string[] lines) => File.WriteAllLines(Path.Combine(_data.Path, "audit", file), lines);

    private async Task<(int Exit, string Output, string Error)> RunAsync(params string[] words)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var exit = await CommandLine.RunAsync(
            ["audit", _data.Path, .. words], new Terminal(output, error, interactive: false), NoNode.Runner, CancellationToken.None);
        return (exit, output.ToString(), error.ToString());
    }
}
