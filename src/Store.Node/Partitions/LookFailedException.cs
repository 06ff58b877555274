namespace Gossipdb.Node.Partitions;

/// <summary>Somebody looked at a partition, and that failed in a way nobody foresaw. Looking changes nothing.</summary>
internal sealed class LookFailedException(string message) : Exception(message);
