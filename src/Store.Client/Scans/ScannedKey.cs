namespace Gossipdb.Client;

/// <summary>A key that a scan met.</summary>
/// <param name="KeyBytes">The key.</param>
/// <param name="Type">The type of what it holds.</param>
public sealed record ScannedKey(Bytes KeyBytes, StoredType Type)
{
    /// <summary>The key, as text.</summary>
    /// <exception cref="NotTextException">It is not UTF-8: <see cref="KeyBytes"/> gives it.</exception>
    public string Key => ValueCodec.Text(KeyBytes.Wire, nameof(KeyBytes));

    /// <summary>"key: type".</summary>
    public override string ToString() => $"{KeyBytes}: {Type}";
}
