using Gossipdb.Crdt.Encoding;
using Gossipdb.Simulation.Faults;

namespace Gossipdb.Simulation.Nodes;

// What happens to its disk.
public sealed partial class SimulatedNode
{
    /// <summary>Loses the disk. The node is down.</summary>
    public void Wipe() => _disk.Clear();

    /// <summary>
    /// Damages the disk: some of its last records are damaged or missing, of the partition's own journal or of its stand-in's. The node is
    /// down.
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

        // And what was written last may be gone without a trace.
        if (random.Next(4) == 0) disk.RemoveRange(disk.Count - Math.Min(disk.Count, random.Next(1, 4)), Math.Min(disk.Count, 1));
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
