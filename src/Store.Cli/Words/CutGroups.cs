using System.Globalization;
using Gossipdb.Cli.Output;

namespace Gossipdb.Cli.Words;

/// <summary>Which nodes can reach each other: groups of nodes, with every link between two groups cut.</summary>
internal sealed class CutGroups
{
    private CutGroups(IReadOnlyList<IReadOnlyList<int>> groups) => Groups = groups;

    public IReadOnlyList<IReadOnlyList<int>> Groups { get; }

    /// <summary>Reads "1 / 2,3" and checks it against the cluster's nodes.</summary>
    /// <exception cref="CliException">The words are no such groups, or a node is missing, unknown or named twice.</exception>
    public static CutGroups Parse(IEnumerable<string> words, IReadOnlyCollection<int> nodes)
    {
        var text = string.Join(' ', words);
        var groups = text.Split('/').Select(group => ParseGroup(group, text)).ToList();
        if (groups.Count < 2) throw CliException.Usage($"cut: '{text}' is one group; separate the groups with /, as in 1 / 2,3");
        var named = groups.SelectMany(static group => group).ToList();
        var known = $"the cluster's nodes are {string.Join(", ", nodes.Order())}";
        if (named.GroupBy(static node => node).FirstOrDefault(static same => same.Count() > 1) is { } twice)
            throw CliException.Usage($"cut: node {twice.Key} is named twice");
        if (named.Except(nodes).Order().ToList() is [var stranger, ..])
            throw CliException.Usage($"cut: there is no node {stranger}; {known}");
        if (nodes.Except(named).Order().ToList() is [var missing, ..])
            throw CliException.Usage($"cut: node {missing} is in no group; {known}");
        return new CutGroups(groups);
    }

    /// <summary>The nodes one node's links are cut to: those of every other group.</summary>
    public IReadOnlyList<int> CutsOf(int node) =>
        [.. Groups.Where(group => !group.Contains(node)).SelectMany(static group => group).Order()];

    public override string ToString() => string.Join(" / ", Groups.Select(static group => string.Join(",", group)));

    private static List<int> ParseGroup(string group, string text)
    {
        var names = group.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries);
        if (names.Length == 0) throw CliException.Usage($"cut: '{text}' has an empty group; write it as in 1 / 2,3");
        return [.. names.Select(static name =>
            int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var node)
                ? node
                : throw CliException.Usage($"cut: '{name}' is no node id; write groups as in 1 / 2,3"))];
    }
}
