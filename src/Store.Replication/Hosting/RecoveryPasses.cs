namespace Gossipdb.Replication.Hosting;

/// <summary>
/// The passes in which a node reads its journal back. The journal holds what all partitions appended, mixed. Each pass reads all of it
/// and hands over what a group of partitions appended, so that these have heard the whole journal when the pass ends. Then they open,
/// serve, and append behind what is still to be read, while the next group waits for its own pass.
/// <para>A partition and its fallback are of one group.</para>
/// </summary>
public sealed class RecoveryPasses
{
    /// <summary>The bytes of a journal that are worth a pass of their own: it is read anew for each.</summary>
    public const long BytesOfAPass = 32L << 20;

    /// <summary>No journal is read more often.</summary>
    public const int MostPasses = 4;

    private readonly int _partitions;

    /// <summary>The passes of a journal.</summary>
    /// <param name="partitions">How many partitions there are.</param>
    /// <param name="bytes">About how many bytes the journal has.</param>
    public RecoveryPasses(int partitions, long bytes)
    {
        _partitions = partitions;
        Count = (int)Math.Clamp(bytes / BytesOfAPass, 1, Math.Min(MostPasses, partitions));
    }

    /// <summary>How many passes there are.</summary>
    public int Count { get; }

    /// <summary>The pass that is read, counted from 1. Past <see cref="Count"/> all have been.</summary>
    public int Current { get; private set; } = 1;

    /// <summary>True once the last pass has ended.</summary>
    public bool IsEnded => Current > Count;

    /// <summary>The first partition of the present pass.</summary>
    public int First => StartOf(Current);

    /// <summary>The partition behind the last one of the present pass.</summary>
    public int End => StartOf(Current + 1);

    /// <summary>True where the present pass hands over what a partition, or its fallback, appended.</summary>
    public bool Takes(int partition) => partition >= First && partition < End;

    /// <summary>The present pass has come to the journal's end: its partitions open, and the next pass begins.</summary>
    public void EndPass()
    {
        if (IsEnded) throw new InvalidOperationException("the journal has been read to its end already");
        Current++;
    }

    private int StartOf(int pass) => (int)((long)_partitions * (pass - 1) / Count);
}
