using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Gossipdb.Lab.Scenarios;

/// <summary>Reads scenario files: YAML, whose keys <c>docs/scenario.schema.json</c> describes.</summary>
public static class ScenarioReader
{
    private static readonly TimeSpan LongestRun = TimeSpan.FromHours(1);

    /// <summary>Reads a scenario.</summary>
    /// <param name="text">The file's text.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <exception cref="ScenarioException">It is none; every problem is told with its line, its key, and the nearest right
    /// word.</exception>
    public static Scenario Read(string text, string file)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(file);
        var problems = new List<ScenarioProblem>();
        var scenario = Parse(text, problems);
        return problems.Count == 0 && scenario is not null
            ? scenario
            : throw new ScenarioException(file, [.. problems.OrderBy(static one => one.Line).ThenBy(static one => one.Column)]);
    }

    private static Scenario? Parse(string text, List<ScenarioProblem> problems)
    {
        if (RootOf(text, problems) is not { } root) return null;
        var cluster = ReadCluster(root, problems);
        var sides = ReadSides(root, cluster);
        var duration = root.Duration("duration", TimeSpan.Zero);
        if (!root.Has("duration")) root.Missing("duration", "how long the callers call, as 15s");
        else if (duration < TimeSpan.FromSeconds(1) || duration > LongestRun)
            root.Report(root.Find("duration")!, "duration", "a run lasts from a second to an hour");
        var timeline = new TimelineReader(cluster, sides, duration, problems).Read(root);
        var workload = new WorkloadReader(cluster, sides, duration, problems).Read(root);
        IReadOnlySet<string> phases = new SortedSet<string>(timeline.Select(static moment => moment.Phase).OfType<string>());
        var expectations = new ExpectationReader(phases, sides, workload, problems).Read(root);
        return new Scenario
        {
            Name = Required(root, "name", "what it is called, in letters, digits and dashes", IsName) ?? "",
            Title = Required(root, "title", "what it is about, in a line") ?? "",
            Page = Required(root, "page", "what to expect, what to look at, what it teaches, and which systems behave otherwise") ?? "",
            Duration = duration,
            Cluster = cluster,
            Sides = sides,
            Prepare = [.. root.Elements("prepare").Select(one => ReadPrepared(one.Node, one.Path, problems)).OfType<PreparedWrite>()],
            Workload = workload,
            Timeline = timeline,
            Inspect = [.. root.Elements("inspect").Select(one => TextOf(one.Node, one.Path, "a key", problems)).OfType<string>()],
            Expectations = expectations,
            Text = text,
        };
    }

    private static YamlFields? RootOf(string text, List<ScenarioProblem> problems)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents is [var document]) return YamlFields.Of(document.RootNode, "", ScenarioKeys.Root, problems);
            problems.Add(new(1, 1, "", $"a scenario file has one document, and this has {stream.Documents.Count}"));
        }
        catch (YamlException wrong)
        {
            problems.Add(YamlFields.At(wrong.Start, "", $"this is no YAML: {wrong.Message}"));
        }

        return null;
    }

    private static ScenarioCluster ReadCluster(YamlFields root, List<ScenarioProblem> problems)
    {
        var cluster = root.Fields("cluster", ScenarioKeys.Cluster);
        if (cluster is null) return new();

        var nodes = cluster.Integer("nodes", 1, 9, 3);
        var replication = cluster.Integer("replication", 1, 9, Math.Min(3, nodes));
        if (replication > nodes)
            cluster.Report(cluster.Find("replication") ?? cluster.Node, "replication", $"there are only {nodes} nodes");
        var settings = new List<string>();
        foreach (var (key, value) in cluster.Pairs("settings"))
        {
            var name = key.Value ?? "";
            if (name.Length == 0 || !name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-'))
                problems.Add(YamlFields.At(key, "cluster.settings", $"'{name}' is no name of a setting"));
            else if (value is YamlScalarNode { Value: { } text } && !text.Any(char.IsControl))
                settings.Add($"gossipdb.{name} = \"{Escaped(text)}\"");
            else problems.Add(YamlFields.At(value, $"cluster.settings.{name}", "a setting is a word or a number"));
        }

        var zones = new SortedDictionary<string, IReadOnlyList<int>>(StringComparer.Ordinal);
        foreach (var (key, value) in cluster.Pairs("zones")) zones[key.Value ?? ""] = cluster.Nodes(value, $"zones.{key.Value}", nodes);
        foreach (var twice in zones.SelectMany(static zone => zone.Value).GroupBy(static node => node).Where(static one => one.Count() > 1))
            cluster.Report(cluster.Find("zones")!, "zones", $"node {twice.Key} is in two zones");
        return new ScenarioCluster
        {
            Nodes = nodes,
            Replication = Math.Min(replication, nodes),
            Partitions = cluster.Integer("partitions", 1, 1024, 16),
            Zones = zones,
            Settings = settings,
        };
    }

    private static string Escaped(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);

    private static SortedDictionary<string, IReadOnlyList<int>> ReadSides(YamlFields root, ScenarioCluster cluster)
    {
        var sides = new SortedDictionary<string, IReadOnlyList<int>>(StringComparer.Ordinal);
        foreach (var (key, value) in root.Pairs("sides")) sides[key.Value ?? ""] = root.Nodes(value, $"sides.{key.Value}", cluster.Nodes);
        return sides;
    }

    private static PreparedWrite? ReadPrepared(YamlNode node, string path, List<ScenarioProblem> problems)
    {
        const string Form = "a write, as: bounded-counter increment seats 100";
        if (TextOf(node, path, Form, problems) is not { } text) return null;
        var words = text.Split(' ', 4, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string[] writes = ["counter increment", "bounded-counter increment", "register write", "set add"];
        if (words.Length == 4 && writes.Contains($"{words[0]} {words[1]}")) return new(words[0], words[1], words[2], words[3]);
        var problem = words.Length == 4
            ? $"'{words[0]} {words[1]}' cannot be prepared{YamlFields.Meant($"{words[0]} {words[1]}", writes)}"
            : $"'{text}' is not {Form}";
        problems.Add(YamlFields.At(node, path, problem));
        return null;
    }

    private static string? TextOf(YamlNode node, string path, string form, List<ScenarioProblem> problems)
    {
        if (node is YamlScalarNode { Value: { Length: > 0 } text }) return text;
        problems.Add(YamlFields.At(node, path, $"this must be {form}"));
        return null;
    }

    private static string? Required(YamlFields root, string key, string meaning, Func<string, bool>? isRight = null)
    {
        if (!root.Has(key)) root.Missing(key, meaning);
        var text = root.Text(key)?.Trim();
        if (text is not null && (text.Length == 0 || isRight?.Invoke(text) == false))
            root.Report(root.Find(key)!, key, $"'{text}' is not {meaning}");
        return text;
    }

    private static bool IsName(string name) => name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-') && name.Length <= 60;
}
