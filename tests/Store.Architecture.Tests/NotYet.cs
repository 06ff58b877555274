namespace Gossipdb.Architecture.Tests;

/// <summary>Where the code is not yet what the rules say. Each line goes as soon as it is; nothing is added.</summary>
internal static class NotYet
{
    /// <summary>A rule, and a project of which it does not hold yet.</summary>
    public static readonly (string Rule, string Project)[] Holds =
    [
        (nameof(LayerTests.A_project_knows_only_those_below_it), "Store.Node"),
        (nameof(FolderTests.Folders_form_no_cycle), "Store.Node"),
        (nameof(FolderTests.Folders_know_each_other_as_docs_architecture_draws_it), "Store.Node"),
        (nameof(FileTests.A_file_has_at_most_400_lines), "Store.Node"),
        (nameof(FileTests.A_file_has_at_most_400_lines), "Store.Node.Tests"),
        (nameof(FileTests.A_file_has_at_most_400_lines), "Store.Simulation"),
        (nameof(FileTests.Replica_is_a_router_of_at_most_250_lines), "Store.Replication"),
    ];
}
