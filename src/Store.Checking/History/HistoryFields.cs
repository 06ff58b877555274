using System.Text.Json;

namespace Gossipdb.Checking.History;

/// <summary>What the fields of a history file hold, in the words of its errors.</summary>
internal static class HistoryFields
{
    private static readonly Dictionary<string, string> Expected = new(StringComparer.Ordinal)
    {
        ["id"] = "a whole number",
        ["start"] = "whole microseconds since the run began",
        ["end"] = "whole microseconds since the run began, or null",
        ["at"] = "whole microseconds since the run began",
        ["since"] = "whole microseconds since the run began",
        ["inForce"] = "whole microseconds since the run began, or null",
        ["outcome"] = "\"ok\", \"refused\" or \"unknown\"",
        ["node"] = "a node's number",
        ["nodes"] = "an array of nodes",
        ["standIns"] = "an array of nodes' numbers",
        ["required"] = "a whole number",
        ["replication"] = "a whole number",
        ["partitions"] = "a whole number",
        ["format"] = "a whole number",
        ["seed"] = "a whole number",
        ["started"] = "an instant such as \"2026-01-31T12:00:00Z\"",
        ["parts"] = "an array of operations",
        ["figures"] = "an object of numbers",
        ["final"] = "true or false",
    };

    /// <summary>What is wrong with a line, and what would be right.</summary>
    public static string Explain(JsonException problem)
    {
        const string missing = "missing required properties including:";
        var message = problem.Message;
        var at = message.IndexOf(missing, StringComparison.Ordinal);
        if (at >= 0)
        {
            var names = message[(at + missing.Length)..].Split('.')[0].Trim();
            return $"expected the field{(names.Contains(',') ? "s" : "")} {names}";
        }

        if (problem.Path is not { Length: > 2 } path) return $"no JSON: {Sentence(message)}";
        var field = path[2..];
        var name = field.Split('.')[^1].Split('[')[0];
        if (message.StartsWith('\'')) return $"no JSON in '{field}': {Sentence(message)}";
        return $"'{field}': expected {Expected.GetValueOrDefault(name, "a text")}";
    }

    // The library adds where it is in words of its own.
    private static string Sentence(string message)
    {
        foreach (var tail in (string[])[" Path: ", " LineNumber: "])
        {
            var at = message.IndexOf(tail, StringComparison.Ordinal);
            if (at >= 0) message = message[..at];
        }

        return message.TrimEnd('.', ' ');
    }
}
