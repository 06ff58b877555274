using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using Assembly = System.Reflection.Assembly;

namespace Gossipdb.Architecture.Tests;

/// <summary>What was compiled of the projects below src, read once.</summary>
internal static class Code
{
    public static ArchUnitNET.Domain.Architecture Architecture { get; } =
        new ArchLoader().LoadAssemblies([.. SourceTree.Production.Select(AssemblyOf)]).Build();

    private static readonly Dictionary<string, Project> ByAssembly =
        SourceTree.Production.ToDictionary(static project => project.AssemblyName);

    public static Assembly AssemblyOf(Project project) => Assembly.Load(project.AssemblyName);

    public static IEnumerable<IType> TypesOf(Project project) =>
        Architecture.Types.Where(type => ProjectOf(type) == project);

    /// <summary>The project below src in which a type was compiled; null where it comes from elsewhere.</summary>
    public static Project? ProjectOf(IType type) => ByAssembly.GetValueOrDefault(type.Assembly.Name);

    /// <summary>What a type uses, without itself: bases, members, bodies of methods, attributes.</summary>
    public static IEnumerable<IType> UsedBy(IType type) =>
        // A type parameter is known by its name alone: two of one name in two folders are no dependency.
        type.Dependencies.Select(static dependency => dependency.Target).Where(target => target != type && target is not GenericParameter);

    /// <summary>
    /// The first folder a type lies in, below its project's, or "(root)"; null of a type that is not the project's, or was generated into
    /// another namespace.
    /// </summary>
    public static string? FolderOf(Project project, IType type)
    {
        var name = type.Namespace?.FullName ?? "";
        if (name == project.RootNamespace) return Root;
        return name.StartsWith(project.RootNamespace + ".", StringComparison.Ordinal)
            ? name[(project.RootNamespace.Length + 1)..].Split('.')[0]
            : null;
    }

    public const string Root = "(root)";
}
