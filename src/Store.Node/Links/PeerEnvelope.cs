namespace Gossipdb.Node.Links;

/// <summary>The one message between nodes: bytes that <see cref="LinkFrames"/> lays out.</summary>
internal sealed record PeerEnvelope(byte[] Bytes);
