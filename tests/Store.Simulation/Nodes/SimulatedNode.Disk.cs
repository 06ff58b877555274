using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Hosting;
using Gossipdb.Simulation.Faults;

namespace Gossipdb.Simulation.Nodes;

// The node's disk: what is read of it at the start, and what becomes of it.
public sealed partial class SimulatedNode
{
    // Which of the node's partitions this is, and in how many passes its journal is read: the others are not simulated.
    private RecoveryPasses NewPasses(int withinMs, out int partition)
    {
        const int Partitions = 8;
        var drawn = new Random((_incarnation * 31) + _index);
        partition = drawn.Next(Partitions);
        return new RecoveryPasses(Partitions, withinMs == 0 ? 0 : drawn.Next(1, 5) * RecoveryPasses.BytesOfAPass);
    }

    // A piece now and a piece then; what arrives meanwhile arrives at a node that does not know yet what it holds. Passes that are for
    // other partitions hand nothing over.
    private void Read(int life, RecoveryPasses passes, int partition, int from, int withinMs)
    {
        var reader = _host;
        var upTo = withinMs == 0 ? _disk.Count : Math.Min(_disk.Count, from + Math.Max(1, _disk.Count / 4));
        for (var i = from; i < upTo; i++)
        {
            if (!passes.Takes(partition)) continue;
            if (_disk[i].Length > 0) reader!.Recover(_disk[i]);
            else reader!.RecoverDamage("a checksum does not match");
        }

        if (withinMs == 0)
        {
            Begin();
            return;
        }

        _world.After(Math.Max(1, withinMs / 4 / passes.Count), () =>
        {
            // It may have crashed meanwhile.
            if (life != _incarnation || _host != reader) return;
            if (upTo < _disk.Count)
            {
                Read(life, passes, partition, upTo, withinMs);
                return;
            }

            var isHeard = passes.Takes(partition) || _world.Fault == Fault.OpenedAfterAnothersPass;
            passes.EndPass();
            if (isHeard) Begin();
            else Read(life, passes, partition, 0, withinMs);
        });
    }

    /// <summary>Loses the disk. The node is down.</summary>
    public void Wipe() => _disk.Clear();

    /// <summary>
    /// Damages the disk: some of its last records are damaged, and the very last may be missing. They are of the partition's own journal,
    /// and perhaps of its stand-in's. The node is down.
    /// </summary>
    public void DamageDisk(Random random)
    {
        Damage(_disk, random);
        if (random.Next(2) == 0) _standIn.Damage(random);
    }

    /// <summary>A letter of a text is flipped wherever it stands on the disk. The node is down.</summary>
    public void DamageWhere(string text)
    {
        DamageWhere(_disk, text);
        _standIn.DamageWhere(text);
    }

    /// <summary>An operator accepts the loss of what is damaged.</summary>
    public string? AcceptLoss()
    {
        var refusal = _host!.AcceptLoss(SteadyMs);
        FlushLater();
        return refusal;
    }

    /// <summary>An operator asks for the replica to be taken anew from another owner.</summary>
    public string? Rebuild()
    {
        var refusal = _host!.Rebuild(SteadyMs);
        FlushLater();
        return refusal;
    }

    /// <summary>The node is about to stop: its rights in bounded counters go to another owner.</summary>
    public void HandOverRights()
    {
        _host!.HandOverRights(SteadyMs);
        FlushLater();
    }

    internal void DamageWhere(List<byte[]> disk, string text)
    {
        for (var i = 0; i < disk.Count; i++)
        {
            var at = disk[i].AsSpan().IndexOf(Bytes.FromText(text).Span);
            if (at >= 0) disk[i] = Damaged(disk[i], at);
        }
    }

    internal void Damage(List<byte[]> disk, Random random)
    {
        if (disk.Count == 0) return;
        for (var hits = random.Next(1, 4); hits > 0; hits--)
        {
            var among = random.Next(2) == 0 ? disk.Count : Math.Min(disk.Count, 12);
            var hit = disk.Count - 1 - random.Next(among);
            if (disk[hit].Length > 0) disk[hit] = Damaged(disk[hit], random.Next(disk[hit].Length));
        }

        // And what was written last may be gone without a trace. Of nothing else that holds: records have numbers, so who reads the journal
        // tells that some between are missing, and that is the same as a damaged one. An image whose last slice were gone unnoticed would
        // be taken for whole.
        if (random.Next(4) != 0) return;
        var gone = Math.Min(disk.Count, random.Next(1, 4));
        disk.RemoveRange(disk.Count - gone, gone);
    }

    // A record without bytes stands for one whose checksum does not match.
    private byte[] Damaged(byte[] record, int at)
    {
        if (_world.Fault != Fault.DamageUnnoticed) return [];
        var flipped = (byte[])record.Clone();
        flipped[at] ^= 1;
        return flipped;
    }

    /// <summary>Makes a copy of the disk.</summary>
    public void CopyDisk() => _copy = [.. _disk];

    /// <summary>Takes the disk back from the copy that was made of it last. The node is down.</summary>
    public void RestoreOldCopy()
    {
        _disk.Clear();
        _disk.AddRange(_copy);
    }
}
