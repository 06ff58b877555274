using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Membership;

/// <summary>Changes of the layout that wait to be applied.</summary>
/// <param name="Version">
/// The version that they are to become. Once the layout has that version they are out of date: they began from members that are others'
/// by now, and applying them would take back what was applied meanwhile, on the other side of a cut say.
/// </param>
/// <param name="Members">All members, changed or not.</param>
internal sealed record StagedLayout(long Version, IReadOnlyList<Member> Members)
{
    /// <summary>The nodes that are to be declared lost, besides those that are.</summary>
    public IReadOnlyList<LostNode> Lost { get; init; } = [];
}
