using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Gossipdb.Architecture.Tests;

/// <summary>The projects and files of the repository these tests were built in.</summary>
internal static class SourceTree
{
    public static string Root { get; } = FindRoot();

    /// <summary>What is shipped: the projects below src.</summary>
    public static IReadOnlyList<Project> Production { get; } = ProjectsBelow("src");

    public static IReadOnlyList<Project> All { get; } =
    [
        .. Production, .. ProjectsBelow("tests"), .. ProjectsBelow("bench"), .. ProjectsBelow("samples")
    ];

    public static Project ProjectOf(string name) => All.Single(project => project.Name == name);

    /// <summary>Files that a project compiles from another one's folder, by their full paths: they are no folder's alone.</summary>
    public static IReadOnlySet<string> Shared { get; } = All.SelectMany(static project => project.Linked).ToHashSet();

    private static List<Project> ProjectsBelow(string folder) =>
        [.. Directory.GetFiles(Path.Combine(Root, folder), "*.csproj", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Select(Project.Read)];

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Gossipdb.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("these tests run inside the repository");
        return folder;
    }
}

/// <summary>A project file and the code beside it.</summary>
internal sealed record Project(string Name, string Folder, string RootNamespace, string AssemblyName, IReadOnlyList<string> Linked)
{
    /// <summary>The files somebody wrote.</summary>
    public IReadOnlyList<SourceFile> Files { get; } =
    [
        .. Directory.GetFiles(Folder, "*.cs", SearchOption.AllDirectories)
            .Select(path => new SourceFile(Path.GetRelativePath(Folder, path).Replace('\\', '/'), File.ReadAllText(path)))
            .Where(static file => !file.IsBuilt)
            .OrderBy(static file => file.Path, StringComparer.Ordinal),
    ];

    public static Project Read(string path)
    {
        var elements = XDocument.Load(path).Descendants();
        var (name, folder) = (Path.GetFileNameWithoutExtension(path), Path.GetDirectoryName(path)!);
        string Of(string property) => elements.SingleOrDefault(element => element.Name.LocalName == property)?.Value ?? name;
        var linked = elements.Where(static element => element.Name.LocalName == "Compile")
            .Select(element => Path.GetFullPath(Path.Combine(folder, element.Attribute("Include")!.Value)));
        return new Project(name, folder, Of("RootNamespace"), Of("AssemblyName"), [.. linked]);
    }
}

/// <summary>A file of code, by its path within its project.</summary>
internal sealed partial record SourceFile(string Path, string Text)
{
    public bool IsBuilt => Path.StartsWith("bin/", StringComparison.Ordinal) || Path.StartsWith("obj/", StringComparison.Ordinal);

    public int Lines { get; } = Text.Count(static character => character == '\n');

    /// <summary>The file's namespace, or null where it has none: top-level statements, attributes of the assembly.</summary>
    public string? Namespace => NamespaceLine().Match(Text) is { Success: true } match ? match.Groups[1].Value : null;

    /// <summary>The names of the types of which the file is a part.</summary>
    public IEnumerable<string> PartialTypes => PartialDeclaration().Matches(Text).Select(static match => match.Groups[1].Value);

    [GeneratedRegex(@"^namespace ([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"^[a-z ]*\bpartial (?:class|struct|interface|record|record struct) (\w+)", RegexOptions.Multiline)]
    private static partial Regex PartialDeclaration();
}
