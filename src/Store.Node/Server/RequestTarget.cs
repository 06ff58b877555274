namespace Gossipdb.Node.Server;

/// <summary>What a request turned out to be for, once it was checked.</summary>
/// <param name="Key">Its key, the first of several, or the prefix of a scan.</param>
/// <param name="Several">The keys of a batch or of a read of several; null where the request is of one.</param>
/// <param name="Required">R or W.</param>
/// <param name="IsSloppy">Whether stand-ins of absent owners count too.</param>
internal readonly record struct RequestTarget(
    Crdt.Encoding.Bytes Key, IReadOnlyList<Crdt.Encoding.Bytes>? Several, int Required, bool IsSloppy);
