using System.Collections;

namespace Gossipdb.Node.Configuration;

/// <summary>Where a node's settings come from, in rising precedence: its file, its environment, its command line.</summary>
internal sealed record SettingSources
{
    /// <summary>The node's file, in HOCON; null where there is none.</summary>
    public string? File { get; init; }

    /// <summary>The variables of the environment; only those with <see cref="EnvironmentNames.Prefix"/> are settings.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; } = [];

    /// <summary>What the command line sets, each "KEY=VALUE".</summary>
    public IReadOnlyList<string> Overrides { get; init; } = [];

    /// <summary>With the environment of this process.</summary>
    public static SettingSources OfProcess(string? file, IReadOnlyList<string> overrides) => new()
    {
        File = file,
        Environment =
        [
            .. System.Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
                .Select(static entry => KeyValuePair.Create((string)entry.Key, (string?)entry.Value ?? string.Empty)),
        ],
        Overrides = overrides,
    };
}
