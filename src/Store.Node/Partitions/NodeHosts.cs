using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Hosting;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Partitions;

/// <summary>
/// The host of every partition, and of every partition's stand-in. Until one has heard the whole journal it belongs to whoever reads that,
/// which hands it record by record; then it belongs to its part.
/// </summary>
internal sealed class NodeHosts
{
    public NodeHosts(PartitionEnvironment node, PartitionDirectory directory, Layout layout)
    {
        var (id, fallbackId) = (HostShell.NewId(node.Clock), HostShell.NewId(node.Clock));
        Partitions = new PartitionHost[layout.Partitions];
        Fallbacks = new FallbackHost[layout.Partitions];
        for (var partition = 0; partition < Partitions.Length; partition++)
        {
            var initial = PartitionLayout.Of(layout, partition);
            Partitions[partition] = new PartitionHost(
                node.Settings.Id,
                initial,
                node.Settings.Replica,
                new HostShell(node, directory, partition, partition, id),
                node.RepairBudget);
            Fallbacks[partition] = new FallbackHost(
                node.Settings.Id,
                initial,
                node.Settings.Replica,
                new HostShell(node, directory, partition, Partitions.Length + partition, fallbackId));
        }
    }

    /// <summary>By partition.</summary>
    public PartitionHost[] Partitions { get; }

    /// <summary>By partition.</summary>
    public FallbackHost[] Fallbacks { get; }

    /// <summary>Hands over a record of the journal.</summary>
    /// <param name="journal">The partition it is of; behind those, the partition whose stand-in it is of.</param>
    /// <param name="record">The record.</param>
    /// <exception cref="CorruptDataException">Nobody can take it.</exception>
    public void Recover(int journal, byte[] record)
    {
        if (journal < Partitions.Length) Partitions[journal].Recover(record);
        else if (journal - Partitions.Length < Fallbacks.Length) Fallbacks[journal - Partitions.Length].Recover(record);
        else throw new CorruptDataException($"there are {Partitions.Length} partitions");
    }

    /// <inheritdoc cref="PartitionHost.RecoverDamage"/>
    public void RecoverDamage(int journal, string what)
    {
        if (journal < Partitions.Length) Partitions[journal].RecoverDamage(what);
        else Fallbacks[journal - Partitions.Length].RecoverDamage(what);
    }

    /// <summary>Whom a journal is of, in words for people.</summary>
    public string NameOf(int journal) => NameOf(journal, Partitions.Length);

    /// <summary>Whom a journal of a node with so many partitions is of, in words for people.</summary>
    public static string NameOf(int journal, int partitions) =>
        journal < partitions ? $"partition {journal}" : $"the stand-in of partition {journal - partitions}";
}
