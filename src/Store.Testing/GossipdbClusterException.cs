namespace Gossipdb.Testing;

/// <summary>
/// The cluster under test cannot be started, cannot be told a fault, or does not come to where it should in time. The message says what
/// was in the way; of a node that does not start it has the last lines that it logged.
/// </summary>
/// <param name="message">What was in the way.</param>
/// <param name="inner">What it came from; null where it came from nothing else.</param>
public sealed class GossipdbClusterException(string message, Exception? inner = null) : Exception(message, inner);
