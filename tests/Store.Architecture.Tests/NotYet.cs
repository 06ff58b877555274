namespace Gossipdb.Architecture.Tests;

/// <summary>Where the code is not yet what the rules say. Each line goes as soon as it is; nothing is added.</summary>
internal static class NotYet
{
    /// <summary>A rule, and a project of which it does not hold yet.</summary>
    public static readonly (string Rule, string Project)[] Holds =
    [
        (nameof(FileTests.Replica_is_a_router_of_at_most_250_lines), "Store.Replication"),
    ];
}
