using Gossipdb.Node.Configuration;
using Gossipdb.Protocol;
using Gossipdb.Replication.State;

namespace Gossipdb.Node.Server;

/// <summary>Scans, between the wire and the core.</summary>
internal static class WireScans
{
    /// <summary>What is to be scanned; null where nothing is.</summary>
    /// <exception cref="ArgumentException">The partition or the limit is out of range.</exception>
    /// <exception cref="TooLargeException">The prefix or the key to begin behind is longer than keys are.</exception>
    public static ScanRange? Check(Scan? scan, NodeSettings settings)
    {
        if (scan is null) return null;
        if (scan.Partition >= settings.Partitions)
            throw new ArgumentException($"there is no partition {scan.Partition}: there are {settings.Partitions}, from 0");
        if (scan.Limit < 1 || scan.Limit > settings.MaxBatch)
            throw new ArgumentException($"a scan of {scan.Limit} keys at once; the limit is {settings.MaxBatch}, and at least 1");
        var longest = Math.Max(scan.Prefix.Length, scan.After.Length);
        if (longest > settings.MaxKeyBytes)
            throw new TooLargeException($"a scan begins at {longest} bytes; the limit of a key is {settings.MaxKeyBytes}");
        return new ScanRange(Wire.ToBytes(scan.Prefix), Wire.ToBytes(scan.After), (int)scan.Limit);
    }

    /// <summary>The answer.</summary>
    public static ScannedKeys ToKeys(ScanPage page)
    {
        var keys = new ScannedKeys();
        foreach (var (key, type) in page.Keys)
            keys.Keys.Add(new ScannedKey { Key = Wire.ToByteString(key), Type = Wire.ToValueType(type) });
        if (page.Next is { } next) keys.Next = Wire.ToByteString(next);
        return keys;
    }
}
