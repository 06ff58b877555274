using Gossipdb.Checking.History;

namespace Gossipdb.Lab.Figures;

/// <summary>What nodes said of themselves over time: of each figure the last value in each bucket.</summary>
internal sealed class SampleSeries(TimeGrid grid)
{
    private const int MostSeries = 512;

    private readonly SortedDictionary<(string Figure, int Node), double?[]> _values = [];
    private readonly Dictionary<(string Figure, int Node), (double Last, double Risen)> _rises = [];

    /// <summary>The nodes of which a figure is known.</summary>
    public IReadOnlyList<int> NodesOf(string figure) =>
        [.. _values.Keys.Where(key => key.Figure == figure).Select(static key => key.Node)];

    /// <summary>
    /// A node's figure by bucket. A bucket between two samples that are less than two seconds apart has what the earlier one said.
    /// </summary>
    public IReadOnlyList<double?> Of(string figure, int node)
    {
        if (_values.GetValueOrDefault((figure, node)) is not { } values) return [];
        var filled = values.ToArray();
        var last = -1;
        for (var index = 0; index < values.Length; index++)
        {
            if (values[index] is null) continue;
            if (last >= 0 && (index - last) * grid.Width < 2_000_000) filled.AsSpan(last + 1, index - last - 1).Fill(values[last]);
            last = index;
        }

        return filled;
    }

    /// <summary>Takes a sample in.</summary>
    public void Add(SampleRecord sample)
    {
        foreach (var (figure, value) in sample.Figures)
        {
            if (!double.IsFinite(value)) continue;
            var key = (figure, sample.Node);
            if (!_values.TryGetValue(key, out var values))
            {
                if (_values.Count >= MostSeries) continue;
                _values[key] = values = new double?[grid.Count];
            }

            // A count that falls began anew in a new process. What it has counted since then came on top.
            var (last, risen) = _rises.GetValueOrDefault(key, (value, 0));
            risen += value >= last ? value - last : value;
            _rises[key] = (value, risen);
            values[grid.IndexOf(sample.At)] = figure.StartsWith("repair", StringComparison.Ordinal) ? risen : value;
        }
    }

    /// <summary>The sum of a figure over the nodes in each bucket; a node that is silent counts with what it said last.</summary>
    public IReadOnlyList<double?> Sum(string figure)
    {
        var sum = new double?[grid.Count];
        foreach (var node in NodesOf(figure))
        {
            double? last = null;
            for (var index = 0; index < grid.Count; index++)
            {
                last = Of(figure, node)[index] ?? last;
                if (last is { } value) sum[index] = (sum[index] ?? 0) + value;
            }
        }

        return sum;
    }
}
