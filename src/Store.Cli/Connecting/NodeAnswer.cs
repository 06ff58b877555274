using Gossipdb.Client;

namespace Gossipdb.Cli.Connecting;

/// <summary>What one node answered, or why it did not.</summary>
internal sealed record NodeAnswer<T>(int Node, T? Value, GossipdbException? Problem) where T : class;
