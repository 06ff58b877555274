using System.Text.Json.Nodes;
using Gossipdb.Cli.Output;

namespace Gossipdb.Cli.Tests;

/// <summary>What <c>load</c> tells of a file: the same to people, to programs, and by its exit code.</summary>
public sealed class LoadCommandTests(ScriptedNode node) : IClassFixture<ScriptedNode>, IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_file_in_another_encoding_is_refused_until_it_is_said()
    {
        node.Answer("""{ "written": { } }""");
        byte[] rows = [0x61, 0xE9, 0x0A, 0x62, 0x0A];
        var (exit, output, error) = await RunAsync(rows, "--set", "k={0}");
        Assert.Equal((int)ExitCode.Error, exit);
        Assert.StartsWith("1 rows, 1 writes in ", LastLine(output), StringComparison.Ordinal);
        Assert.Equal(
            "gossipdb: 1 of 2 rows failed (0 writes refused, 0 indeterminate, 1 malformed)\n"
            + "  line 1, column {0}: the bytes E9 at byte 2 are no utf-8; --encoding says what the file is in\n",
            error);

        (exit, output, error) = await RunAsync(rows, "--set", "k={0}", "--json");
        var document = JsonNode.Parse(output)!;
        Assert.Equal(((int)ExitCode.Error, "", "load"), (exit, error, (string)document["error"]!["code"]!));
        Assert.Equal((2, 1, 1, null), (
            (int)document["load"]!["rows"]!,
            (int)document["load"]!["rowsFailed"]!,
            (int)document["load"]!["writes"]!,
            document["load"]!["stopped"]));
        Assert.Equal((1, "0"), ((int)document["load"]!["problems"]![0]!["line"]!, (string)document["load"]!["problems"]![0]!["column"]!));

        (exit, output, error) = await RunAsync(rows, "--set", "k={0}", "--encoding", "latin1");
        Assert.Equal((0, ""), (exit, error));
        Assert.StartsWith("2 rows, 2 writes in ", LastLine(output), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_standard_input_is_a_file_too_and_can_have_a_header()
    {
        node.Answer("""{ "written": { } }""");
        var (exit, output, _) = await RunAsync("city,n\nRome,3\n"u8.ToArray(), "--header", "--counter", "c:{city}+={n}", "--json");
        Assert.Equal((0, 1), (exit, (int)JsonNode.Parse(output)!["writes"]!));
        Assert.Equal(("c:Rome", 3), (node.Asked.Key.ToStringUtf8(), node.Asked.Update.CounterIncrement.Amount));

        (exit, output, _) = await RunAsync("city,n\nRome,3\n"u8.ToArray(), "--header", "--counter", "c:{town}", "--json");
        Assert.Equal((int)ExitCode.Usage, exit);
        Assert.Equal(
            "load: 'c:{town}': there is no column 'town'; the header names city, n", (string)JsonNode.Parse(output)!["error"]!["message"]!);
    }

    [Fact]
    public async Task Where_it_stops_is_told_to_programs_too()
    {
        node.Answer("""{ "error": { "code": "WRONG_TYPE", "message": "the key holds a counter" } }""");
        var (exit, output, _) = await RunAsync(
            "a\nb\nc\nd\n"u8.ToArray(), "--set", "{0}=x", "--max-errors", "2", "--parallel", "1", "--json");
        var document = JsonNode.Parse(output)!;
        Assert.Equal((int)ExitCode.Error, exit);
        Assert.Contains("the rest, from line ", (string)document["load"]!["stopped"]!, StringComparison.Ordinal);
        Assert.Equal("the key holds a counter", (string)document["load"]!["problems"]![0]!["message"]!);
    }

    // Before it come lines of progress where it takes long.
    private static string LastLine(string output) => output.TrimEnd('\n').Split('\n')[^1];

    // Through a file, and through the standard input.
    private async Task<(int Exit, string Output, string Error)> RunAsync(byte[] rows, params string[] words)
    {
        var file = Path.Combine(_directory.Path, "rows");
        await File.WriteAllBytesAsync(file, rows);
        var (ofFile, ofInput) = (await RunAsync(file, [], words), await RunAsync("-", rows, words));
        Assert.Equal((ofFile.Exit, ofFile.Error), (ofInput.Exit, ofInput.Error));
        return ofInput;
    }

    private async Task<(int Exit, string Output, string Error)> RunAsync(string file, byte[] input, string[] words)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var terminal = new Terminal(output, error, interactive: false, new MemoryStream(input));
        var exit = await CommandLine.RunAsync(
            ["load", file, .. words, "--endpoint", node.Endpoint], terminal, NoNode.Runner, CancellationToken.None);
        return (exit, output.ToString(), error.ToString());
    }
}
