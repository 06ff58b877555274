using Gossipdb.Bench.Load;

namespace Gossipdb.Bench.Peers;

/// <summary>A line to a peer's standard input. The peer stops at its end.</summary>
internal sealed record PeerRequest(PeerTask Task)
{
    public string? SeedAddress { get; init; }

    public int Peers { get; init; }

    public Workload? Workload { get; init; }

    public TimeSpan Duration { get; init; }

    public int RandomSeed { get; init; }
}
