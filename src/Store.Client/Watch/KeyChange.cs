using Gossipdb.Client.Routing;

namespace Gossipdb.Client;

/// <summary>What a watch tells of a key.</summary>
public enum KeyChangeKind
{
    /// <summary>
    /// The key holds <see cref="KeyChange.Value"/>. Several changes may have become one; the same may be told again after a reconnection.
    /// </summary>
    Value = 0,

    /// <summary>The key holds a value that is too large to go along (more than 64 KiB): read it.</summary>
    LargeValue = 1,

    /// <summary>
    /// The key holds nothing: it was deleted, or has expired. An expiry is told once a replica has deleted the key, which may be a while
    /// after.
    /// </summary>
    Deleted = 2,

    /// <summary>
    /// What was told of the keys of one partition (<see cref="KeyChange.Concerns(Bytes)"/>) counts no longer: the nodes cannot tell which
    /// of them were deleted since. Forget them; all those there are follow.
    /// </summary>
    Reset = 3,
}

/// <summary>One message of a watch.</summary>
public sealed class KeyChange
{
    private readonly uint _partition;
    private readonly uint _partitions;

    internal KeyChange(
        KeyChangeKind kind, Bytes key, StoredType type, StoredValue? value, ClockToken token, uint partition, uint partitions) =>
        (Kind, KeyBytes, Type, Value, Token, _partition, _partitions) = (kind, key, type, value, token, partition, partitions);

    /// <summary>What is told.</summary>
    public KeyChangeKind Kind { get; }

    /// <summary>The key, as text; empty of a <see cref="KeyChangeKind.Reset"/>.</summary>
    /// <exception cref="NotTextException">It is not UTF-8: <see cref="KeyBytes"/> gives it.</exception>
    public string Key => ValueCodec.Text(KeyBytes.Wire, nameof(KeyBytes));

    /// <summary>The key; empty of a <see cref="KeyChangeKind.Reset"/>.</summary>
    public Bytes KeyBytes { get; }

    /// <summary>The type of what the key holds; <see cref="StoredType.None"/> where it holds nothing.</summary>
    public StoredType Type { get; }

    /// <summary>What the key holds; null unless the change is a <see cref="KeyChangeKind.Value"/>.</summary>
    public StoredValue? Value { get; }

    /// <summary>Given to a later watch of the same keys, makes it go on after this change without missing any.</summary>
    public ClockToken Token { get; }

    /// <summary>Whether the change is of this key, or a reset of what was told of it.</summary>
    public bool Concerns(string key) => Concerns((Bytes)key);

    /// <inheritdoc cref="Concerns(string)"/>
    public bool Concerns(Bytes key) =>
        Kind == KeyChangeKind.Reset ? KeyHash.Partition(Routing.KeyBytes.Of(key).Hash, _partitions) == _partition : KeyBytes == key;
}
