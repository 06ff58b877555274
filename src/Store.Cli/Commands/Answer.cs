using System.Text.Json.Nodes;

namespace Gossipdb.Cli.Commands;

/// <summary>How an answer is told: its lines for people, its JSON for programs, and what to remark where there is nothing.</summary>
internal sealed record Answer(IEnumerable<string> Lines, JsonNode? Json, string? Type = null, string? WhenEmpty = null)
{
    /// <summary>A remark that comes after the lines; null where they say it all.</summary>
    public string? Remark { get; init; }
}
