using System.Text.Json.Nodes;
using Gossipdb.Bench.Report;

namespace Gossipdb.Bench.Tests;

public sealed class ResultsFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gossipdb-test-").FullName;

    private string File => Path.Combine(_folder, "results.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_run_replaces_the_one_of_the_same_name_and_no_other()
    {
        ResultsFile.Write(File, "cluster", new JsonObject { ["µs"] = 1 });
        ResultsFile.Write(File, "timeline", new JsonObject { ["µs"] = 2 });
        ResultsFile.Write(File, "cluster", new JsonObject { ["µs"] = 3 });

        var text = System.IO.File.ReadAllText(File);
        Assert.Equal("""{"cluster":{"µs":3},"timeline":{"µs":2}}""", JsonNode.Parse(text)!.ToJsonString(new(ResultsFile.Readable)
        {
            WriteIndented = false,
        }));
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("no json")]
    public void A_file_of_something_else_is_left_as_it_is(string text)
    {
        System.IO.File.WriteAllText(File, text);

        var refused = Assert.Throws<InvalidDataException>(() => ResultsFile.Write(File, "cluster", []));

        Assert.Contains(File, refused.Message, StringComparison.Ordinal);
        Assert.Equal(text, System.IO.File.ReadAllText(File));
    }

    [Fact]
    public void A_run_is_called_what_was_measured()
    {
        string[] arguments = ["cluster", "--keys", "5", "--json", "--results", "f.json", "--baseline", "/x/y", "--check", "--open-loop"];

        Assert.Equal("cluster --keys 5 --baseline --open-loop", ResultsFile.Asked(arguments));
    }
}
