
namespace Gossipdb.Bench.Cluster;

/// <summary>
/// Whether a system kept what it acknowledged: the sum of its counters at the end lies between what it acknowledged and what it was sent.
/// </summary>
internal sealed record Verification(string System, long Acknowledged, long Sum, long Attempted)
{
    public bool Holds => Acknowledged <= Sum && Sum <= Attempted;
}
