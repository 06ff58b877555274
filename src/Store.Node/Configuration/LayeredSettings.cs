using System.Text.RegularExpressions;
using Akka.Configuration;

namespace Gossipdb.Node.Configuration;

/// <summary>
/// What file, environment and command line say of the settings, one above the other, and the defaults below them. Only names are looked
/// at here: what values mean <see cref="NodeSettings"/> knows. Whatever names no setting is refused, with its place.
/// </summary>
internal sealed partial class LayeredSettings
{
    /// <summary>The option that sets a setting.</summary>
    public const string Option = "--set";

    private readonly Dictionary<string, SettingOrigin> _origins = [];
    private readonly string _name;

    private LayeredSettings(Config? file, string? name, IReadOnlyDictionary<string, int> lines, SettingSources sources)
    {
        _name = name ?? "the node's settings";
        if (file is not null) TakeFile(file, lines);
        var above = new List<string>();
        TakeEnvironment(sources.Environment, above);
        TakeOverrides(sources.Overrides, above);
        var named = Parse(string.Join('\n', above), "what environment and command line set");
        Own = file is null ? named : above.Count == 0 ? file : named.WithFallback(file);
        All = Own.WithFallback(SettingKeys.Reference);
    }

    /// <summary>What was said by anybody, without the defaults.</summary>
    public Config Own { get; }

    /// <summary>Everything.</summary>
    public Config All { get; }

    /// <summary>The settings of Akka that somebody set.</summary>
    public IEnumerable<string> AkkaKeys => _origins.Keys.Where(static key => key.StartsWith("akka.", StringComparison.Ordinal)).Order();

    /// <summary>Where a setting has its value from.</summary>
    public SettingOrigin OriginOf(string key) =>
        _origins.TryGetValue(key, out var origin) ? origin : new SettingOrigin(SettingLayer.Default, string.Empty);

    /// <summary>The place to name in what is said of a setting's value.</summary>
    public string PlaceOf(string key) => _origins.TryGetValue(key, out var origin) ? origin.Place : _name;

    /// <summary>Reads all layers.</summary>
    /// <exception cref="ConfigurationProblem">The file cannot be read, or something in a layer names no setting.</exception>
    public static LayeredSettings Read(SettingSources sources)
    {
        if (sources.File is not { } path) return new LayeredSettings(null, null, new Dictionary<string, int>(), sources);
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationProblem($"cannot read the configuration file {path}: {unreadable.Message}");
        }

        return Of(text, path, sources);
    }

    /// <summary>The same with the text of a file that is there already.</summary>
    /// <param name="text">HOCON.</param>
    /// <param name="name">What to call it in errors.</param>
    /// <param name="sources">The other layers.</param>
    /// <exception cref="ConfigurationProblem">Something in a layer names no setting.</exception>
    public static LayeredSettings Of(string text, string name, SettingSources sources)
    {
        if (HoconStructure.FindProblem(text) is { } problem) throw new ConfigurationProblem($"{name} is not valid HOCON: {problem}");
        return new LayeredSettings(Parse(text, name), name, SettingLines.Of(text), sources);
    }

    private static Config Parse(string text, string name)
    {
        try
        {
            return ConfigurationFactory.ParseString(text);
        }
        catch (Exception malformed)
        {
            throw new ConfigurationProblem($"{name} is not valid HOCON: {malformed.Message.ReplaceLineEndings(" ")}");
        }
    }

    private void TakeFile(Config file, IReadOnlyDictionary<string, int> lines)
    {
        string PlaceIn(string key) => lines.TryGetValue(key, out var line) ? $"{_name}:{line}" : _name;
        foreach (var (key, _) in file.AsEnumerable())
        {
            if (key is not ("gossipdb" or "akka"))
                throw new ConfigurationProblem(
                    $"{PlaceIn(key)}: {key} is not a setting of a node (settings start with gossipdb. or akka.)");
        }

        if (file.HasPath("gossipdb"))
        {
            if (!file.GetValue("gossipdb").IsObject())
                throw new ConfigurationProblem($"{PlaceIn("gossipdb")}: gossipdb is not a section of settings");
            RefuseUnknown(file.GetConfig("gossipdb"), SettingKeys.Reference.GetConfig("gossipdb"), "gossipdb", PlaceIn);
        }

        foreach (var key in SettingKeys.LeavesOf(file)) _origins[key] = new SettingOrigin(SettingLayer.File, PlaceIn(key));
    }

    private static void RefuseUnknown(Config own, Config known, string path, Func<string, string> place)
    {
        foreach (var (name, value) in own.AsEnumerable())
        {
            var key = $"{path}.{name}";
            if (!known.HasPath(name)) throw ConfigurationProblem.Unknown($"{place(key)}: {key} is not a setting", key, SettingKeys.All);
            var isSection = known.GetValue(name).IsObject();
            if (value.IsObject() != isSection)
            {
                throw new ConfigurationProblem(
                    $"{place(key)}: {key} {(isSection ? "is a section of settings, not a setting" : "is a setting, not a section")}");
            }

            if (isSection) RefuseUnknown(own.GetConfig(name), known.GetConfig(name), key, place);
        }
    }

    private void TakeEnvironment(IReadOnlyList<KeyValuePair<string, string>> environment, List<string> above)
    {
        var seen = new Dictionary<string, string>();

        // In the order of their names, so that an error does not depend on the order the system gives them in.
        foreach (var (name, value) in environment.Where(static variable => EnvironmentNames.IsSetting(variable.Key))
            .OrderBy(static variable => variable.Key, StringComparer.Ordinal))
        {
            var place = $"the environment's {name}";
            if (EnvironmentNames.KeyOf(name) is not { } key)
            {
                throw ConfigurationProblem.Unknown(
                    $"{place} names no setting", name.ToUpperInvariant(), [.. SettingKeys.All.Select(EnvironmentNames.Of)]);
            }

            if (seen.TryGetValue(key, out var other))
                throw new ConfigurationProblem($"{place} and {other} both name {key}: set one of them");
            seen.Add(key, name);
            above.Add($"{key} = {ValueOf(key, value, place)}");
            _origins[key] = new SettingOrigin(SettingLayer.Environment, place);
        }
    }

    private void TakeOverrides(IReadOnlyList<string> overrides, List<string> above)
    {
        foreach (var assignment in overrides)
        {
            var equals = EndOfKey(assignment);
            if (equals <= 0) throw new ConfigurationProblem($"{Option} {assignment}: wanted is KEY=VALUE");
            var (key, value) = (assignment[..equals].Trim(), assignment[(equals + 1)..].Trim());
            var place = $"{Option} {key}";
            if (!AkkaKey().IsMatch(key) && !SettingKeys.IsKnown(key))
                throw ConfigurationProblem.Unknown($"{place}: there is no such setting", key, SettingKeys.All);
            above.Add($"{key} = {ValueOf(key, value, place)}");
            _origins[key] = new SettingOrigin(SettingLayer.CommandLine, place);
        }
    }

    // Akka's keys may have parts in quotes, with anything in them.
    private static int EndOfKey(string assignment)
    {
        var isQuoted = false;
        for (var i = 0; i < assignment.Length; i++)
        {
            if (assignment[i] == '"') isQuoted = !isQuoted;
            else if (assignment[i] == '=' && !isQuoted) return i;
        }

        return -1;
    }

    // A value is the text that it is, whatever letters it has. A list is written as in a file, or one entry a line or between commas.
    private static string ValueOf(string key, string value, string place)
    {
        var isAkkas = !SettingKeys.IsKnown(key);
        var isWritten = value.TrimStart().StartsWith('[');
        if (isWritten && (isAkkas || SettingKeys.FormOfKnown(key) == SettingForm.List))
        {
            if (HoconStructure.FindProblem(value) is { } problem)
                throw new ConfigurationProblem($"{place}: the list is not valid HOCON: {problem}");
            if (!value.TrimEnd().EndsWith(']')) throw new ConfigurationProblem($"{place}: something stands behind the list");
            return value.ReplaceLineEndings(" ");
        }

        if (isAkkas || SettingKeys.FormOfKnown(key) != SettingForm.List) return Quoted(value);
        var entries = value.Split([',', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return $"[{string.Join(", ", entries.Select(Quoted))}]";
    }

    private static string Quoted(string value)
    {
        var text = new System.Text.StringBuilder("\"", value.Length + 2);
        foreach (var letter in value)
        {
            if (letter is '"' or '\\') text.Append('\\').Append(letter);
            else if (char.IsControl(letter)) text.Append($"\\u{(int)letter:x4}");
            else text.Append(letter);
        }

        return text.Append('"').ToString();
    }

    [GeneratedRegex("""^akka(\.([A-Za-z0-9_-]+|"[^"\\]+"))+$""")]
    private static partial Regex AkkaKey();
}
