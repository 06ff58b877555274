using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gossipdb.Lab.Results;

/// <summary>
/// <c>results.json</c>: what a run came to, for programs. Names are in camel case, instants in UTC, spans as "hh:mm:ss.fffffff".
/// </summary>
public static class RunResultsFile
{
    /// <summary>What the file is called in a run's directory.</summary>
    public const string Name = "results.json";

    private static readonly ResultsJson Json = new(new JsonSerializerOptions(ResultsJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>Writes the results. A file that is there is replaced whole.</summary>
    /// <param name="path">The file.</param>
    /// <param name="results">What to write.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, RunResults results)
    {
        var beside = path + ".tmp";
        File.WriteAllText(beside, ToJson(results));
        File.Move(beside, path, overwrite: true);
    }

    /// <summary>Reads results.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FormatException">It holds no results; the message names the file and the place.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static RunResults Read(string path)
    {
        try
        {
            return FromJson(File.ReadAllText(path));
        }
        catch (FormatException wrong)
        {
            throw new FormatException($"{path}: {wrong.Message}", wrong);
        }
    }

    /// <summary>The results as indented JSON.</summary>
    public static string ToJson(RunResults results) => JsonSerializer.Serialize(results, Json.RunResults) + "\n";

    /// <summary>The results that a JSON text holds. Properties that are not known are passed over.</summary>
    /// <exception cref="FormatException">It is no JSON, or something that is needed is missing or of another kind.</exception>
    public static RunResults FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, Json.RunResults)
                ?? throw new FormatException("there are no results: the file holds null");
        }
        catch (JsonException wrong)
        {
            var place = wrong.LineNumber is { } line ? $"line {line + 1}, column {wrong.BytePositionInLine + 1}: " : "";
            throw new FormatException($"{place}not the results of a run: {wrong.Message}", wrong);
        }
    }
}

/// <summary>How results are written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(RunResults))]
internal sealed partial class ResultsJson : JsonSerializerContext;
