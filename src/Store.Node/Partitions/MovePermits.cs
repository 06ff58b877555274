namespace Gossipdb.Node.Partitions;

/// <summary>Bounds how many partitions a node takes over at once. Any thread.</summary>
internal sealed class MovePermits(int most)
{
    private int _taken;

    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _taken) <= most) return true;
        Interlocked.Decrement(ref _taken);
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _taken);
}
