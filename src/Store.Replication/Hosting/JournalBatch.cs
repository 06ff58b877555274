using Gossipdb.Crdt.Causality;

namespace Gossipdb.Replication.Hosting;

/// <summary>
/// Records for the journal, in the order they were made. One incarnation of a replica or of a fallback replica made all of them.
/// </summary>
/// <param name="Incarnation">The incarnation that asks. The journal's confirmation goes to it alone.</param>
/// <param name="Position">The position of the last record, counted in that incarnation.</param>
/// <param name="Records">The records.</param>
/// <param name="Bytes">How many bytes they have.</param>
/// <param name="IsAwaited">Whether somebody waits for them to be durable.</param>
public sealed record JournalBatch(ReplicaId Incarnation, long Position, IReadOnlyList<byte[]> Records, int Bytes, bool IsAwaited);

/// <summary>Gathers what goes to the journal together.</summary>
internal sealed class JournalBatching
{
    private List<byte[]> _records = [];
    private bool _isAwaited;

    /// <summary>The bytes that wait.</summary>
    public int Bytes { get; private set; }

    /// <summary>The position of the last record, counted in the present incarnation.</summary>
    public long Position { get; private set; }

    /// <summary>Takes a record.</summary>
    public void Add(byte[] record, long position, bool isAwaited)
    {
        _records.Add(record);
        Bytes += record.Length;
        Position = position;
        _isAwaited |= isAwaited;
    }

    /// <summary>Takes out what waits; null where nothing does.</summary>
    public JournalBatch? Take(ReplicaId incarnation)
    {
        if (_records.Count == 0) return null;
        var batch = new JournalBatch(incarnation, Position, _records, Bytes, _isAwaited);

        // The next batch is about as long.
        _records = new List<byte[]>(_records.Count);
        Bytes = 0;
        _isAwaited = false;
        return batch;
    }

    /// <summary>Another incarnation begins. Positions are counted anew.</summary>
    public void Restart() => Position = 0;
}
