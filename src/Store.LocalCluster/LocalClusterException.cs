namespace Gossipdb.LocalCluster;

/// <summary>A local cluster cannot be started, or does not come up. The message is one line for whoever started it.</summary>
/// <param name="message">What is wrong. What can be done about it depends on who starts the cluster: see <see cref="Problem"/>.</param>
/// <param name="detail">See <see cref="Detail"/>.</param>
public sealed class LocalClusterException(string message, string? detail = null) : Exception(message)
{
    /// <summary>What kind of problem it is.</summary>
    public LocalClusterProblem Problem { get; init; }

    /// <summary>Further lines that help to find the cause, such as the end of a log; null where the message says it all.</summary>
    public string? Detail { get; } = detail;
}
