namespace Gossipdb.Cli.Load;

/// <summary>One write that a row asks for, with its columns filled in.</summary>
/// <param name="Key">The key.</param>
/// <param name="Element">The element to add to a set; null for a counter.</param>
/// <param name="Amount">What to add to a counter.</param>
internal readonly record struct RowWrite(string Key, string? Element, long Amount)
{
    /// <summary>Whether doing it twice comes to the same as once.</summary>
    public bool IsIdempotent => Element is not null;
}
