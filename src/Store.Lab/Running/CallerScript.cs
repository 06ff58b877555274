using System.Globalization;
using Gossipdb.Lab.Scenarios;

namespace Gossipdb.Lab.Running;

/// <summary>What one caller does next: drawn from the seed alone, whatever the store answers.</summary>
/// <param name="Number">Which of its steps, from 1.</param>
/// <param name="Operation">The operation.</param>
/// <param name="Key">The key.</param>
/// <param name="Node">A draw in [0, 1) for the node of a caller that roams.</param>
/// <param name="Item">A draw in [0, 1) for one of several items.</param>
/// <param name="Wait">A draw in [0, 1) for how long a probe waits.</param>
internal readonly record struct WorkloadStep(int Number, OperationKind Operation, string Key, double Node, double Item, double Wait);

/// <summary>The endless list of what one caller does: the same for the same seed.</summary>
internal sealed class CallerScript
{
    private readonly CallerGroup _group;
    private readonly Draws _draws;
    private readonly double[] _weights;
    private readonly double[] _keys;
    private readonly int _caller;
    private int _steps;

    /// <param name="group">Whose caller it is.</param>
    /// <param name="groupNumber">Which group of the scenario, from 0.</param>
    /// <param name="caller">Which caller of the group, from 0.</param>
    /// <param name="seed">The run's seed.</param>
    public CallerScript(CallerGroup group, int groupNumber, int caller, ulong seed)
    {
        (_group, _caller) = (group, caller);
        _draws = Draws.Of(seed, groupNumber, caller);
        _weights = Sums(group.Mix.Select(static one => one.Weight));
        _keys = Sums(Enumerable.Range(1, group.Keys.Count).Select(rank =>
            group.Keys.Distribution == KeyDistribution.Zipf ? Math.Pow(rank, -group.Keys.Exponent) : 1));
    }

    public WorkloadStep Next()
    {
        var operation = _group.Mix[Choose(_weights, _draws.Share())].Operation;
        var chosen = Choose(_keys, _draws.Share());
        var number = _group.Keys.Distribution == KeyDistribution.Own ? _caller : chosen;
        _steps++;
        var key = _group.Keys.Distribution == KeyDistribution.Fresh
            ? _group.Keys.Name(operation.ObjectType, string.Create(CultureInfo.InvariantCulture, $"{_caller + 1}-{_steps}"))
            : _group.Keys.Name(operation.ObjectType, (number + 1).ToString(CultureInfo.InvariantCulture));
        return new(_steps, operation, key, _draws.Share(), _draws.Share(), _draws.Share());
    }

    private static double[] Sums(IEnumerable<double> weights)
    {
        var sum = 0.0;
        return [.. weights.Select(weight => sum += weight)];
    }

    private static int Choose(double[] sums, double draw)
    {
        var found = Array.BinarySearch(sums, draw * sums[^1]);
        return Math.Min(found >= 0 ? found + 1 : ~found, sums.Length - 1);
    }
}
