using System.Text.Json.Serialization;

namespace Gossipdb.Bench.Peers;

/// <summary>What a peer can be asked for.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PeerTask>))]
internal enum PeerTask
{
    /// <summary>Join the cluster, and answer once all members are up and the replicator knows them.</summary>
    Join,

    /// <summary>Run a load.</summary>
    Run,

    /// <summary>Read every counter and add them up.</summary>
    Sum,
}
