using Gossipdb.Crdt.Causality;

namespace Gossipdb.Replication.State;

/// <summary>Whose rights in bounded counters an incarnation may use besides its own.</summary>
internal interface IInheritedRights
{
    /// <summary>No incarnation's rights.</summary>
    static IInheritedRights None { get; } = new Nobodys();

    /// <summary>The ended incarnations, in ascending order.</summary>
    ReplicaId[] Ids { get; }

    private sealed class Nobodys : IInheritedRights
    {
        public ReplicaId[] Ids => [];
    }
}
