using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Hosting;

namespace Gossipdb.Node.Actors;

/// <summary>
/// The host of every partition, and of every partition's stand-in. Until the journal's end they belong to whoever reads it, which hands
/// them record by record; then each belongs to its actor.
/// </summary>
internal sealed class NodeHosts
{
    public NodeHosts(NodeContext node)
    {
        var (id, standInId) = (HostShell.NewId(node.Clock), HostShell.NewId(node.Clock));
        Partitions = new PartitionHost[node.Layout.Partitions];
        StandIns = new FallbackHost[node.Layout.Partitions];
        for (var partition = 0; partition < Partitions.Length; partition++)
        {
            var layout = PartitionLayout.Of(node.Layout, partition);
            Partitions[partition] = new PartitionHost(node.Settings.Id, layout, node.Settings.Replica, new HostShell(node, partition, partition, id), node.RepairBudget);
            StandIns[partition] = new FallbackHost(node.Settings.Id, layout, node.Settings.Replica, new HostShell(node, partition, Partitions.Length + partition, standInId));
        }
    }

    /// <summary>By partition.</summary>
    public PartitionHost[] Partitions { get; }

    /// <summary>By partition.</summary>
    public FallbackHost[] StandIns { get; }

    /// <summary>Hands over a record of the journal.</summary>
    /// <param name="journal">The partition it is of; behind those, the partition whose stand-in it is of.</param>
    /// <param name="record">The record.</param>
    /// <exception cref="CorruptDataException">Nobody can take it.</exception>
    public void Recover(int journal, byte[] record)
    {
        if (journal < Partitions.Length) Partitions[journal].Recover(record);
        else if (journal - Partitions.Length < StandIns.Length) StandIns[journal - Partitions.Length].Recover(record);
        else throw new CorruptDataException($"there are {Partitions.Length} partitions");
    }

    /// <summary>Whom a journal is of, in words for people.</summary>
    public string NameOf(int journal) => journal < Partitions.Length ? $"partition {journal}" : $"the stand-in of partition {journal - Partitions.Length}";
}
