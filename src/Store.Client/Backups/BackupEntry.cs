namespace Gossipdb.Client;

/// <summary>One object of a key, or a part of a large one, as a backup tells it.</summary>
/// <param name="Key">The key.</param>
/// <param name="Type">The object's type; <see cref="StoredType.None"/> where the key is gone.</param>
/// <param name="State">The object's state, as nodes encode it. Opaque: for <see cref="GossipdbStore.RestoreAsync"/>.</param>
/// <param name="ExpiresAt">Until when the key lives; null: for ever.</param>
/// <param name="Continues">
/// True where what was told of the key just before stays, and this is another part of it. Else this replaces all that was told of the key.
/// </param>
public sealed record BackupEntry(Bytes Key, StoredType Type, ReadOnlyMemory<byte> State, DateTimeOffset? ExpiresAt, bool Continues);
