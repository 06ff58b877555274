namespace Gossipdb.Client;

/// <summary>What is known of a key without fetching what it holds.</summary>
/// <param name="Type">What it holds; <see cref="StoredType.None"/> where it holds nothing.</param>
/// <param name="ExpiresAt">Until when it lives, by the clock of the nodes; null where it lives for ever or holds nothing.</param>
public sealed record KeyInfo(StoredType Type, DateTimeOffset? ExpiresAt);
