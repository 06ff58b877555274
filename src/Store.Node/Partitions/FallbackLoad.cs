namespace Gossipdb.Node.Partitions;

/// <summary>What this node's fallbacks hold, all together. Any thread.</summary>
internal sealed class FallbackLoad
{
    private long _heldBytes;
    private long _heldChanges;
    private int _coordinating;

    /// <summary>The bytes that they hold for absent owners.</summary>
    public long HeldBytes => Volatile.Read(ref _heldBytes);

    /// <summary>How many changes these are.</summary>
    public long HeldChanges => Volatile.Read(ref _heldChanges);

    /// <summary>How many of them may take calls by themselves.</summary>
    public int Coordinating => Volatile.Read(ref _coordinating);

    /// <summary>One of them holds that much more than before, or less; and may take calls by itself, or no more.</summary>
    public void Change(long held, int changes, int coordinating)
    {
        Interlocked.Add(ref _heldBytes, held);
        Interlocked.Add(ref _heldChanges, changes);
        Interlocked.Add(ref _coordinating, coordinating);
    }
}
