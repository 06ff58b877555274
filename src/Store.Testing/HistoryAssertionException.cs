namespace Gossipdb.Testing;

/// <summary>
/// A history does not show what a test asserts. The message names the check, what was found, and the calls that show it, with who made
/// them, at which level and when.
/// </summary>
/// <param name="message">What was found.</param>
/// <param name="results">See <see cref="Results"/>.</param>
public sealed class HistoryAssertionException(string message, IReadOnlyList<CheckResult> results) : Exception(message)
{
    /// <summary>The checks that did not come out as asserted.</summary>
    public IReadOnlyList<CheckResult> Results { get; } = results;
}
