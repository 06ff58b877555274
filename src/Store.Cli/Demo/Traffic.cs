using System.Globalization;
using Gossipdb.Cli.Load;
using Gossipdb.Cli.Output;
using Gossipdb.Client;

namespace Gossipdb.Cli.Demo;

/// <summary>Page views as rows, loaded as any CSV file is, with an account of what every acked row must have left behind.</summary>
internal sealed class Traffic
{
    private const int Pages = 20;

    private readonly SortedDictionary<string, long> _views = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SortedSet<string>> _visitors = new(StringComparer.Ordinal);
    private int _next;

    /// <summary>The rows accounted for.</summary>
    public int Rows => _next;

    /// <summary>Loads further rows through a client; every one of them counts as acked only if all of its writes were.</summary>
    /// <exception cref="CliException">Some row failed.</exception>
    public async Task<LoadReport> LoadAsync(GossipdbClient client, Write consistency, int rows, CancellationToken stop)
    {
        var lines = Enumerable.Range(_next, rows).Select(static row => (Page: Page(row), Visitor: Visitor(row))).ToList();
        _next += rows;
        var plan = new LoadPlan
        {
            Operations = [RowOperation.ParseCounter("views:{0}"), RowOperation.ParseSet("visitors:{0}={1}")],
            Parallel = 128,
        };
        using var text = new StringReader(string.Join('\n', lines.Select(static line => $"{line.Page},{line.Visitor}")));
        var report = await new CsvLoader(plan, client, consistency).RunAsync(text, stop);
        if (report.Problem() is { } problem) throw new CliException($"loading: {problem}", report.Exit);
        lock (_views)
        {
            foreach (var (page, visitor) in lines)
            {
                _views[page] = _views.GetValueOrDefault(page) + 1;
                if (!_visitors.TryGetValue(page, out var visitors))
                    _visitors.Add(page, visitors = new SortedSet<string>(StringComparer.Ordinal));
                visitors.Add(visitor);
            }
        }

        return report;
    }

    /// <summary>Compares what a client reads with what was acked, and says in a line each what is not as it must be.</summary>
    public async Task<IReadOnlyList<string>> CheckAsync(GossipdbClient client, Read consistency, CancellationToken stop)
    {
        var wrong = new List<string>();
        foreach (var (page, views) in _views)
        {
            var read = await client.Counter($"views:{page}").GetAsync(consistency, stop);
            if (read != views) wrong.Add($"views:{page} is {read} and must be {views}");
        }

        foreach (var (page, visitors) in _visitors)
        {
            var read = await client.Set($"visitors:{page}").GetAsync(consistency, stop);
            if (!visitors.SetEquals(read)) wrong.Add($"visitors:{page} has {read.Count} elements and must have exactly {visitors.Count}");
        }

        return wrong;
    }

    private static string Page(int row) => string.Create(CultureInfo.InvariantCulture, $"page-{row * 7 % Pages:00}");

    private static string Visitor(int row) => string.Create(CultureInfo.InvariantCulture, $"visitor-{row:00000}");
}
