namespace Gossipdb.Crdt.Encoding;

/// <summary>Bytes that are not what an encoder of this project writes: truncated, altered, or of an unknown version.</summary>
public sealed class CorruptDataException(string message) : FormatException(message);
