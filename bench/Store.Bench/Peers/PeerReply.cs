using Gossipdb.Bench.Load;

namespace Gossipdb.Bench.Peers;

/// <summary>A line on a peer's standard output: one when it listens, with its address, then one for each request, in order.</summary>
internal sealed record PeerReply
{
    public string? Address { get; init; }

    public LoadResult? Load { get; init; }

    public long Sum { get; init; }

    public string? Failure { get; init; }
}
