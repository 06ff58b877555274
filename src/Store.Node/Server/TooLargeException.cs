namespace Gossipdb.Node.Server;

/// <summary>Something in a request is larger than this node takes.</summary>
internal sealed class TooLargeException(string message) : Exception(message);
