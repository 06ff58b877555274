namespace Gossipdb.Node.Server;

/// <summary>What is read is held, as another type than the one asked for.</summary>
internal sealed class WrongTypeException(string message) : Exception(message);
