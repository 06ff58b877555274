using System.Text;
using Gossipdb.Cli.Load;
using Gossipdb.Client;

namespace Gossipdb.Cluster.Tests;

/// <summary>
/// The airline routes of OpenFlights: what to load of them, and what must be there afterwards, computed from the file itself.
/// </summary>
internal sealed class Routes
{
    private readonly string[] _lines;
    private readonly string _prefix;

    private Routes(string[] lines, string prefix) => (_lines, _prefix) = (lines, prefix);

    public int Count => _lines.Length;

    /// <param name="prefix">What the keys of this load begin with.</param>
    public static Routes LoadOrSkip(string prefix)
    {
        var file = Programs.SharedData("openflights/routes.dat");
        Skip.If(
            file is null,
            "the shared data with openflights/routes.dat is not beside the project (../shared/data, or GOSSIPDB_SHARED_DATA)");
        return new Routes(File.ReadAllLines(file!, Encoding.UTF8), prefix);
    }

    /// <summary>Loads some of the rows: per row one set addition and one increment. Every write must end well.</summary>
    public async Task LoadAsync(
        GossipdbClient client, Write consistency, int from, int count, int step = 1, Func<long, Task>? onRows = null)
    {
        var lines = new List<string>();
        for (var i = from; i < from + count; i += step) lines.Add(_lines[i]);
        var loader = new CsvLoader(
            new LoadPlan
            {
                Operations = [RowOperation.ParseSet(_prefix + "from:{2}={4}"), RowOperation.ParseCounter(_prefix + "airline:{0}")],
                Parallel = 512,
            },
            client,
            consistency);
        using var reader = new StringReader(string.Join('\n', lines));
        var loading = loader.RunAsync(reader);
        if (onRows is not null)
        {
            while (!loading.IsCompleted && loader.Report.RowsDone < lines.Count / 3) await Task.WhenAny(loading, Task.Delay(20));
            await onRows(loader.Report.RowsDone);
        }

        var report = await loading;
        Assert.True(report.RowsFailed == 0, report.Problem());
        Assert.Equal(lines.Count, report.RowsDone);
    }

    /// <summary>Compares every set and every counter with the file.</summary>
    public async Task AssertExactAsync(GossipdbClient client, Read consistency)
    {
        var sets = new Dictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        var counters = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var line in _lines)
        {
            var columns = line.Split(',');
            if (!sets.TryGetValue(columns[2], out var members))
                sets.Add(columns[2], members = new SortedSet<string>(StringComparer.Ordinal));
            members.Add(columns[4]);
            counters[columns[0]] = counters.GetValueOrDefault(columns[0]) + 1;
        }

        Assert.True(sets["ATL"].Count > 100 && counters["FR"] > 1_000, "the file is not the one these tests know");
        var wrong = new List<string>();
        await Parallel.ForEachAsync(sets, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (expected, _) =>
        {
            var members = await client.Set($"{_prefix}from:{expected.Key}").GetAsync(consistency);
            if (!members.SequenceEqual(expected.Value, StringComparer.Ordinal))
                lock (wrong) wrong.Add($"from:{expected.Key} has {members.Count} members, the file {expected.Value.Count}");
        });
        await Parallel.ForEachAsync(counters, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (expected, _) =>
        {
            var value = await client.Counter($"{_prefix}airline:{expected.Key}").GetAsync(consistency);
            if (value != expected.Value)
                lock (wrong) wrong.Add($"airline:{expected.Key} is {value}, by the file {expected.Value}");
        });
        Assert.True(wrong.Count == 0, string.Join("; ", wrong.Take(10)));
    }
}
