namespace Gossipdb.Client;

/// <summary>A key that a scan met.</summary>
/// <param name="Key">The key.</param>
/// <param name="Type">The type of what it holds.</param>
public sealed record ScannedKey(Bytes Key, StoredType Type);
