using System.Globalization;
using Gossipdb.Client;
using YamlDotNet.RepresentationModel;

namespace Gossipdb.Lab.Scenarios;

/// <summary>Reads who calls.</summary>
internal sealed class WorkloadReader(
    ScenarioCluster cluster,
    IReadOnlyDictionary<string, IReadOnlyList<int>> sides,
    TimeSpan duration,
    List<ScenarioProblem> problems)
{
    private const int MostCallers = 512;
    private const int MostKeys = 5000;

    private static readonly Dictionary<string, KeyDistribution> Distributions = new(StringComparer.Ordinal)
    {
        ["uniform"] = KeyDistribution.Uniform,
        ["zipf"] = KeyDistribution.Zipf,
        ["own"] = KeyDistribution.Own,
        ["fresh"] = KeyDistribution.Fresh,
    };

    private static readonly Dictionary<string, Durability> Durabilities = new(StringComparer.Ordinal)
    {
        ["journal"] = Durability.Journal,
        ["memory"] = Durability.Memory,
    };

    // A key holds one type: two groups that take one key for two would get nothing but errors.
    private readonly Dictionary<string, string> _typeOfKey = new(StringComparer.Ordinal);

    public IReadOnlyList<CallerGroup> Read(YamlFields root)
    {
        if (!root.Has("workload")) root.Missing("workload", "who calls: a list of groups");
        var groups = root.Elements("workload").Select(one => ReadGroup(one.Node, one.Path)).OfType<CallerGroup>().ToList();
        foreach (var twice in groups.GroupBy(static group => group.Name).Where(static name => name.Count() > 1))
            problems.Add(YamlFields.At(root.Find("workload")!, "workload", $"two groups are called '{twice.Key}'"));
        return groups;
    }

    private CallerGroup? ReadGroup(YamlNode node, string path)
    {
        if (YamlFields.Of(node, path, ScenarioKeys.Group, problems) is not { } group) return null;
        var name = group.Text("name");
        if (name is null) group.Missing("name", "what the group is called");
        else if (name.Length == 0 || name.Any(static c => !char.IsAsciiLetterOrDigit(c) && c != '-'))
            group.Report(group.Find("name")!, "name", $"'{name}' is no name: letters, digits and dashes");
        var (side, nodes) = ReadSide(group);
        if (group.Has("rate") && group.Has("pause"))
            group.Report(group.Find("pause")!, "pause", "an open loop (rate) has no pauses");
        var callers = group.Integer("callers", 1, MostCallers, group.Has("rate") ? 32 : 4);
        var (from, until) = (group.Duration("from", TimeSpan.Zero), group.Duration("until", duration));
        if (until <= from || until > duration)
            group.Report(group.Find("until") ?? group.Find("from") ?? node, "until", "a group stops after it begins, and with the run");
        var mix = ReadMix(group);
        return new CallerGroup
        {
            Name = name ?? "",
            Side = side,
            Nodes = nodes,
            Callers = callers,
            Rate = group.Rate("rate"),
            Pause = group.Duration("pause", TimeSpan.Zero),
            From = from,
            Until = until,
            Read = group.Level("read"),
            Write = group.Level("write"),
            Durability = group.OneOf("durability", Durabilities, Durability.Journal),
            Session = group.Flag("session"),
            Roams = group.Flag("roams"),
            Timeout = ReadTimeout(group),
            Keys = ReadKeys(group, mix, callers),
            Mix = mix,
            ProbeWithin = group.Duration("probe-within", TimeSpan.FromMilliseconds(50)),
        };
    }

    private TimeSpan ReadTimeout(YamlFields group)
    {
        var timeout = group.Duration("timeout", TimeSpan.FromSeconds(1));
        if (timeout < TimeSpan.FromMilliseconds(10) || timeout > TimeSpan.FromMinutes(1))
            group.Report(group.Find("timeout")!, "timeout", "a timeout is from 10ms to 1m");
        return timeout;
    }

    private (string? Side, IReadOnlyList<int> Nodes) ReadSide(YamlFields group)
    {
        IReadOnlyList<int> all = [.. Enumerable.Range(1, cluster.Nodes)];
        if (group.Text("side") is not { } side) return (null, all);
        if (sides.TryGetValue(side, out var nodes)) return (side, nodes);
        group.Report(group.Find("side")!, "side", $"there is no side '{side}'{YamlFields.Meant(side, sides.Keys)}");
        return (side, all);
    }

    private List<WeightedOperation> ReadMix(YamlFields group)
    {
        var mix = new List<WeightedOperation>();
        if (!group.Has("mix")) group.Missing("mix", "what they do, as: counter increment: 3");
        foreach (var (key, value) in group.Pairs("mix"))
        {
            var kind = OperationKind.Find(key.Value ?? "");
            if (kind is null)
            {
                var there = OperationKind.All.Select(static one => one.Text);
                group.Report(key, $"mix.{key.Value}", $"there is no operation '{key.Value}'{YamlFields.Meant(key.Value ?? "", there)}");
            }

            if (!double.TryParse((value as YamlScalarNode)?.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var weight)
                || weight is not (> 0 and <= 1e6))
                group.Report(value, $"mix.{key.Value}", "a weight is a number above 0");
            else if (kind is not null)
                mix.Add(new(kind, weight));
        }

        return mix;
    }

    private KeyChoice ReadKeys(YamlFields group, List<WeightedOperation> mix, int callers)
    {
        var keys = group.Fields("keys", ScenarioKeys.Keys);
        var distribution = keys?.OneOf("distribution", Distributions, KeyDistribution.Uniform) ?? KeyDistribution.Uniform;
        var choice = new KeyChoice
        {
            Prefix = keys?.Text("prefix") ?? "{type}-",
            Count = distribution == KeyDistribution.Own ? callers : keys?.Integer("count", 1, MostKeys, 20) ?? 20,
            Distribution = distribution,
            Exponent = keys?.Number("exponent", 0.01, 10, 0.99) ?? 0.99,
        };
        if (keys is not null && keys.Has("exponent") && distribution != KeyDistribution.Zipf)
            keys.Report(keys.Find("exponent")!, "exponent", "only a zipf distribution has an exponent");
        foreach (var type in mix.Select(static one => one.Operation.ObjectType).Distinct())
        {
            var prefix = choice.Prefix.Replace("{type}", type, StringComparison.Ordinal);
            if (_typeOfKey.TryAdd(prefix, type) || _typeOfKey[prefix] == type) continue;
            var where = keys ?? group;
            where.Report(where.Node, "keys.prefix",
                $"keys that begin with '{prefix}' would be {_typeOfKey[prefix]}s and {type}s: give each a prefix, or write {{type}} in it");
        }

        return choice;
    }
}
