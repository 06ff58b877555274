using System.Text.RegularExpressions;

namespace Gossipdb.Architecture.Tests;

/// <summary>Which folder of a project may know which other one.</summary>
public sealed partial class FolderTests
{
    /// <summary>
    /// The projects whose types at the root are what all of it stands on: the contract of the types and the list of them, the public
    /// surface of the client, which is one namespace for who uses it. Elsewhere the root is a folder as any other.
    /// </summary>
    private static readonly string[] RootIsShared = ["Store.Crdt", "Store.Client"];

    public static TheoryData<string> Projects => LayerTests.Projects;

    [Theory]
    [MemberData(nameof(Projects))]
    public void Folders_form_no_cycle(string name)
    {
        var edges = Dependencies(SourceTree.ProjectOf(name));
        var folders = edges.Keys.Select(static edge => edge.From).Distinct().Order(StringComparer.Ordinal).ToList();
        var reached = Reachable([.. edges.Keys]);
        var breaks = edges.Where(edge => reached.Contains((edge.Key.To, edge.Key.From)))
            .OrderBy(static edge => edge.Key)
            .Select(static edge => $"{edge.Key.From} → {edge.Key.To}, and back: {edge.Value}");
        Rule.Holds(name, breaks);
    }

    /// <summary>
    /// The picture of a project is a Mermaid graph that begins with the comment "%% folders of" and the project's name. A folder may know
    /// those that arrows lead to, over others too. What is drawn is there.
    /// </summary>
    [Theory]
    [InlineData("Store.Crdt")]
    [InlineData("Store.Replication")]
    [InlineData("Store.Node")]
    public void Folders_know_each_other_as_docs_architecture_draws_it(string name)
    {
        var drawn = Drawn(name);
        var edges = Dependencies(SourceTree.ProjectOf(name));
        var allowed = Reachable(drawn);
        string[] breaks =
        [
            .. edges.Where(edge => !allowed.Contains(edge.Key))
                .OrderBy(static edge => edge.Key)
                .Select(static edge => $"{edge.Key.From} --> {edge.Key.To} is not drawn: {edge.Value}"),
            .. drawn.Where(edge => !edges.ContainsKey(edge)).Select(static edge => $"{edge.From} --> {edge.To} is drawn and is not there"),
        ];
        Rule.Holds(name, breaks.Length == 0 ? [] : [.. breaks, $"The whole picture:\n{Picture(name, [.. edges.Keys])}"]);
    }

    private static string Picture(string project, HashSet<(string From, string To)> edges)
    {
        var reached = Reachable(edges);
        var needed = edges.Where(edge => !edges.Any(over => over.From == edge.From && over != edge && reached.Contains((over.To, edge.To))))
            .Order()
            .Select(static edge => $"  {Node(edge.From)} --> {Node(edge.To)}");
        return $"```mermaid\n%% folders of {project}\ngraph TD\n{string.Join('\n', needed)}\n```";
    }

    /// <summary>Folders that know each other, each pair with some of the types it is made of.</summary>
    private static Dictionary<(string From, string To), string> Dependencies(Project project)
    {
        var isRootShared = RootIsShared.Contains(project.Name);
        var pairs = from type in Code.Architecture.Types
                    let @from = Code.FolderOf(project, type)
                    where @from is not null && !(isRootShared && @from == Code.Root)
                    from used in Code.UsedBy(type)
                    let to = Code.FolderOf(project, used)
                    where to is not null && to != @from && !(isRootShared && to == Code.Root)
                    group $"{type.Name} uses {used.Name}" by (@from, to);
        return pairs.ToDictionary(
            static pair => pair.Key, static pair => string.Join(", ", pair.Distinct().Order(StringComparer.Ordinal).Take(3)));
    }

    private static HashSet<(string From, string To)> Reachable(IReadOnlyCollection<(string From, string To)> edges)
    {
        HashSet<(string From, string To)> reached = [.. edges];
        while (true)
        {
            var further = from first in reached join second in edges on first.To equals second.From select (first.From, second.To);
            var before = reached.Count;
            reached.UnionWith(further.ToList());
            if (reached.Count == before) return reached;
        }
    }

    private static HashSet<(string From, string To)> Drawn(string project)
    {
        var page = File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "architecture.md"));
        var picture = Regex.Match(page, $@"```mermaid\s+%% folders of {Regex.Escape(project)}\s(.*?)```", RegexOptions.Singleline);
        return [.. Arrow().Matches(picture.Groups[1].Value).Select(static arrow =>
            (Folder(arrow.Groups[1].Value), Folder(arrow.Groups[2].Value)))];
    }

    private static string Node(string folder) => folder == Code.Root ? "Root" : folder;

    private static string Folder(string node) => node == "Root" ? Code.Root : node;

    // Both ends of an arrow; the end is looked at without being used up, for it may begin the next arrow.
    [GeneratedRegex(@"(\w+)(?:[\[(][^\])]*[\])])? *-->(?= *(\w+))")]
    private static partial Regex Arrow();
}
