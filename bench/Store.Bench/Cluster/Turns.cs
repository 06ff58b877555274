namespace Gossipdb.Bench.Cluster;

/// <summary>What was measured in several turns: the middle one counts.</summary>
internal sealed class Turns
{
    private readonly List<(double Rate, double Cost)> _all = [];

    public double Rate => _all.Select(static turn => turn.Rate).Order().ElementAt(_all.Count / 2);

    public double Cost => _all.Select(static turn => turn.Cost).Order().ElementAt(_all.Count / 2);

    public void Add((double Rate, double Cost) turn) => _all.Add(turn);
}
