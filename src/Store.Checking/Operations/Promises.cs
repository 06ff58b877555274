namespace Gossipdb.Checking.Operations;

/// <summary>
/// Which acks promise that the change stays. An ack promises nothing any more once every node that acked has lost its disk, or, of a
/// change that was only to be in memory, its process. Faults tell which did: wipe, restore, replace; kill.
/// </summary>
internal sealed class Promises
{
    private readonly RecordedHistory _history;
    private readonly List<(long At, int Node)> _disks = [];
    private readonly List<(long At, int Node)> _processes = [];

    public Promises(RecordedHistory history)
    {
        _history = history;
        foreach (var word in (string[])["wipe", "restore", "replace"])
        {
            foreach (var (at, nodes) in history.FaultsOf(word))
                foreach (var node in nodes.Take(word == "replace" ? 1 : nodes.Count)) _disks.Add((at, node));
        }

        _processes.AddRange(_disks);
        foreach (var (at, nodes) in history.FaultsOf("kill"))
            foreach (var node in nodes) _processes.Add((at, node));
    }

    /// <summary>Whether a node lost its disk in this history.</summary>
    public bool HasLostDisk(int node) => _disks.Exists(one => one.Node == node);

    /// <summary>Whether the change was acked, and the ack still binds.</summary>
    public bool Binds(Operation change)
    {
        if (!change.IsOk) return false;
        var lost = change.IsInMemory ? _processes : _disks;
        if (lost.Count == 0) return true;
        var gone = lost.Where(one => one.At >= change.Start).Select(static one => one.Node).ToHashSet();
        if (gone.Count == 0) return true;
        if (change.Receipt is { } receipt) return receipt.Nodes.Concat(receipt.StandIns).Any(node => !gone.Contains(node));
        return change.Level?.Count(_history.Replication) is { } count && count > gone.Count;
    }
}
