namespace Gossipdb.Cli.Nodes;

/// <summary>What the command line says of a node's settings. The environment of the process is between the two.</summary>
/// <param name="File">The node's configuration file; null where it has none.</param>
/// <param name="Overrides">Settings, each "KEY=VALUE": they go before file and environment, and later ones before earlier ones.</param>
public sealed record NodeConfiguration(string? File, IReadOnlyList<string> Overrides);

/// <summary>A node's settings as they are in force.</summary>
/// <param name="Settings">Each of them.</param>
/// <param name="Problem">Why a node does not start with them, in one line; null where it does.</param>
public sealed record ConfigurationReport(IReadOnlyList<ReportedSetting> Settings, string? Problem);

/// <summary>One setting as it is in force.</summary>
/// <param name="Key">Its name in files.</param>
/// <param name="Variable">Its name in the environment; null where it has none there.</param>
/// <param name="Values">The value as it is written: one, or the entries of a list. What is secret in it is hidden.</param>
/// <param name="IsList">Whether it is a list.</param>
/// <param name="Default">What it is unless anybody says otherwise; null where that is not known.</param>
/// <param name="Unit">What it counts or is: "bytes", "bytes/s", "duration", "number", "on/off", "text", "list".</param>
/// <param name="Amount">The value in bytes, bytes a second, or milliseconds of a duration; null for other units.</param>
/// <param name="Source">"default", "file", "environment" or "command line".</param>
/// <param name="Place">Where in it; empty for a default.</param>
public sealed record ReportedSetting(
    string Key, string? Variable, IReadOnlyList<string> Values, bool IsList, IReadOnlyList<string>? Default, string Unit, long? Amount,
    string Source, string Place);
