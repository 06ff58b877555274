namespace Gossipdb.Cli.Load;

/// <summary>A row under way: done when the last of its writes is.</summary>
internal sealed class LoadRow(long line)
{
    private int _pending = 1;
    private int _failed;

    /// <summary>The line it begins in.</summary>
    public long Line { get; } = line;

    public bool HasFailed => Volatile.Read(ref _failed) != 0;

    public void Begin() => Interlocked.Increment(ref _pending);

    /// <summary>True for the last one.</summary>
    public bool End() => Interlocked.Decrement(ref _pending) == 0;

    /// <summary>True for the first of its writes that fails.</summary>
    public bool Fail() => Interlocked.Exchange(ref _failed, 1) == 0;
}
