using Google.Protobuf;

namespace Gossipdb.Client.Routing;

/// <summary>A key as it goes over the wire, with its hash.</summary>
internal readonly struct KeyBytes
{
    private KeyBytes(ByteString bytes) => (Bytes, Hash) = (bytes, KeyHash.Of(bytes.Span));

    public ByteString Bytes { get; }

    public ulong Hash { get; }

    public static KeyBytes Of(Bytes key)
    {
        var content = Client.Bytes.WireOf(key);
        return content.IsEmpty ? throw new InvalidRequestException("A key cannot be empty.") : new KeyBytes(content);
    }
}
