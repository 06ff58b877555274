namespace Gossipdb.Architecture.Tests;

/// <summary>Where files lie, and how long they and the types in them are.</summary>
public sealed class FileTests
{
    private const int MaxFile = 400;
    private const int MaxType = 600;
    private const int MaxReplica = 250;

    public static TheoryData<string> Production => LayerTests.Projects;

    public static TheoryData<string> All => [.. SourceTree.All.Select(static project => project.Name)];

    [Theory]
    [MemberData(nameof(Production))]
    public void A_namespace_is_the_folder(string name)
    {
        var project = SourceTree.ProjectOf(name);
        var breaks = from file in project.Files
                     let folder = Path.GetDirectoryName(file.Path)!.Replace('/', '.').Replace('\\', '.')
                     let wanted = folder.Length == 0 ? project.RootNamespace : $"{project.RootNamespace}.{folder}"
                     where file.Namespace is { } found && found != wanted && !IsShared(file) && !IsOfClient(found)
                     select $"{file.Path} is in {file.Namespace}";
        Rule.Holds(name, breaks);

        bool IsShared(SourceFile file) => SourceTree.Shared.Contains(Path.GetFullPath(Path.Combine(project.Folder, file.Path)));

        // Who uses the client has one namespace to know, and one that .NET gives to all that registers services. The attributes that the
        // compiler asks for and .NET 8 lacks are looked for in a third.
        bool IsOfClient(string found) => name == "Store.Client" && (found == project.RootNamespace
            || found is "Microsoft.Extensions.DependencyInjection" or "System.Runtime.CompilerServices");
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_file_has_at_most_400_lines(string name) => Rule.Holds(
        name,
        SourceTree.ProjectOf(name).Files.Where(static file => file.Lines > MaxFile).Select(static file => $"{file.Path} has {file.Lines}"));

    /// <summary>A type in one file is as short as its file; what may be long is one in parts.</summary>
    [Theory]
    [MemberData(nameof(Production))]
    public void A_type_has_at_most_600_lines_over_all_its_parts(string name) => Rule.Holds(
        name, Partial(name).Where(static type => type.Lines > MaxType).Select(static type => $"{type.Name} has {type.Lines}"));

    [Fact]
    public void Replica_is_a_router_of_at_most_250_lines()
    {
        const string project = "Store.Replication";
        var files = SourceTree.ProjectOf(project).Files.Where(static file => file.Path == "Replica.cs"
            || file.Path.StartsWith("Replica.", StringComparison.Ordinal));
        var lines = files.Sum(static file => file.Lines);
        Rule.Holds(project, lines is > 0 and <= MaxReplica ? [] : [$"it has {lines}"]);
    }

    private static IEnumerable<(string Name, int Lines)> Partial(string project) =>
        from file in SourceTree.ProjectOf(project).Files
        from type in file.PartialTypes
        group file.Lines by $"{file.Namespace}.{type}" into parts
        select (parts.Key, parts.Sum());
}
