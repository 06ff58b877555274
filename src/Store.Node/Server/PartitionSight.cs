using Gossipdb.Crdt.Encoding;
using Gossipdb.Protocol;

namespace Gossipdb.Node.Server;

/// <summary>
/// What is seen of a partition: its status, null where the node has no part in it by now, and the keys and fields of conflicting types.
/// </summary>
internal sealed record PartitionSight(PartitionStatus? Status, IReadOnlyList<Bytes[]> Conflicts);
