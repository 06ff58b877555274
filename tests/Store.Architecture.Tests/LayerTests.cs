using ArchUnitNET.Domain;
using ArchUnitNET.xUnit;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace Gossipdb.Architecture.Tests;

/// <summary>Which project may know which other one.</summary>
public sealed class LayerTests
{
    private const string Node = "Store.Node";
    private const string Runner = "Gossipdb.Node.NodeRunner";

    /// <summary>A project, and those it may know. A project that is not named here may know none.</summary>
    private static readonly Dictionary<string, string[]> Knows = new()
    {
        ["Store.Crdt"] = [],
        ["Store.Replication"] = ["Store.Crdt"],
        [Node] = ["Store.Crdt", "Store.Replication"],
        ["Store.Client"] = [],
        ["Store.AspNetCore"] = ["Store.Client"],
        ["Store.LocalCluster"] = ["Store.Client"],
        ["Store.Checking"] = [],
        ["Store.Lab"] = ["Store.Checking", "Store.Client", "Store.LocalCluster"],
        ["Store.Testing"] = ["Store.Checking", "Store.Client", "Store.Lab", "Store.LocalCluster"],
        ["Store.Cli"] = ["Store.Checking", "Store.Client", "Store.Lab", "Store.LocalCluster"],
    };

    public static TheoryData<string> Projects => [.. SourceTree.Production.Select(static project => project.Name)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_knows_only_those_below_it(string name)
    {
        var project = SourceTree.ProjectOf(name);
        var known = Knows.GetValueOrDefault(name, []);
        // What several projects compile each for itself (the wire contract) is each one's own.
        var own = Code.TypesOf(project).Select(static type => type.FullName).ToHashSet();
        var breaks = from type in Code.TypesOf(project)
                     where !IsEntry(project, type)
                     from used in Code.UsedBy(type)
                     let other = Code.ProjectOf(used)
                     where other is not null && !own.Contains(used.FullName) && !known.Contains(other.Name)
                     where !(known.Contains("Store.Client") && IsOfTheContract(used))
                     select $"{type.FullName} uses {used.FullName}";
        Rule.Holds(name, breaks.Distinct());
    }

    // The node and the client each compile the contract, under the same names: whose a type is cannot be told by them.
    private static bool IsOfTheContract(IType type) => type.FullName.StartsWith("Gossipdb.Protocol.", StringComparison.Ordinal);

    /// <summary>The executable's entry hands what it is told to the command line; all else in it is the server.</summary>
    private static bool IsEntry(Project project, IType type) =>
        project.Name == Node
        && (type.FullName.StartsWith("Program", StringComparison.Ordinal) || type.FullName.StartsWith(Runner, StringComparison.Ordinal));

    [Theory]
    [InlineData("Store.Crdt")]
    [InlineData("Store.Replication")]
    public void The_pure_projects_know_nothing_of_Akka(string name) =>
        Types().That().ResideInAssembly(Code.AssemblyOf(SourceTree.ProjectOf(name)))
            .Should().NotDependOnAny(Types(includeReferenced: true).That().ResideInNamespaceMatching("^Akka"))
            .Check(Code.Architecture);
}
