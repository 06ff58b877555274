using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gossipdb.Bench.Report;

/// <summary>
/// A file of published runs: one object by what was asked for. Running the same again replaces the run and leaves the others.
/// </summary>
internal static class ResultsFile
{
    /// <summary>As it is read by people: indented, with µ and × as they are.</summary>
    public static readonly JsonSerializerOptions Readable =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a run into a file, which is made where it is not there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="asked">The command and its options, without those that say where results go.</param>
    /// <param name="run">The run.</param>
    /// <exception cref="InvalidDataException">The file holds something else.</exception>
    public static void Write(string path, string asked, JsonObject run)
    {
        var runs = File.Exists(path) ? Read(path) : [];
        runs[asked] = run;
        File.WriteAllText(path, runs.ToJsonString(Readable) + "\n");
    }

    /// <inheritdoc cref="Asked(IReadOnlyList{string})"/>
    public static string Asked(ParseResult parse) => Asked([.. parse.Tokens.Select(static token => token.Value)]);

    /// <summary>What a run is called: its arguments without those that only say where results go and what to check.</summary>
    internal static string Asked(IReadOnlyList<string> arguments)
    {
        var kept = new List<string>();
        for (var i = 0; i < arguments.Count; i++)
        {
            if (arguments[i] is "--check" or "--json") continue;
            if (arguments[i] is "--results" or "--svg")
            {
                i++;
                continue;
            }

            kept.Add(arguments[i]);
            if (arguments[i] == "--baseline") i++; // which file it was means nothing elsewhere
        }

        return string.Join(' ', kept);
    }

    private static JsonObject Read(string path)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(path)) as JsonObject ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new InvalidDataException($"'{path}' does not hold results of this program; name another file");
        }
    }
}
