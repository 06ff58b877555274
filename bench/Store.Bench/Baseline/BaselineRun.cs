using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Gossipdb.Bench.Cluster;
using Gossipdb.Bench.Load;

namespace Gossipdb.Bench.Baseline;

/// <summary>
/// Another build of this program, which measures the Gossipdb it was built with: nodes, client and all. What it prints as JSON becomes
/// rows of this run.
/// </summary>
internal static class BaselineRun
{
    public const string SystemName = "baseline";

    /// <param name="executable">The other build's executable.</param>
    /// <param name="selection">What this run measures: the rows of counters have to be alike.</param>
    /// <param name="window">How long each row is measured.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task<IReadOnlyList<Measurement>> MeasureAsync(
        string executable, WorkloadSelection selection, TimeSpan window, CancellationToken stop)
    {
        var start = new ProcessStartInfo(executable) { RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var argument in Arguments(selection, window)) start.ArgumentList.Add(argument);
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"'{executable}' did not start");
        try
        {
            var printed = await process.StandardOutput.ReadToEndAsync(stop);
            await process.WaitForExitAsync(stop);
            return process.ExitCode == 0
                ? Parse(printed, selection.Keys)
                : throw new InvalidOperationException($"'{executable}' ended with {process.ExitCode}");
        }
        finally
        {
            if (!process.HasExited) process.Kill(); // its nodes end with it
        }
    }

    /// <summary>
    /// What the other build is asked. It may be too old for some options: what is as usual is not said. Open loops are compared with none.
    /// </summary>
    internal static IReadOnlyList<string> Arguments(WorkloadSelection selection, TimeSpan window)
    {
        var usual = new WorkloadSelection();
        return
        [
            "cluster", "--only", "gossipdb", "--json", "--keys", Number(selection.Keys), "--seconds", Number(window.TotalSeconds),
            .. Unless("--in-flight", usual.InFlight, selection.InFlight, static inFlight => Number(inFlight)),
            .. Unless("--levels", usual.Levels, selection.Levels, static level => level.ToString().ToLowerInvariant()),
        ];
    }

    private static IEnumerable<string> Unless<T>(string option, IReadOnlyList<T> usual, IReadOnlyList<T> wanted, Func<T, string> word) =>
        wanted.SequenceEqual(usual) ? [] : [option, .. wanted.Select(word)];

    /// <summary>The rows in what a build printed, whether it prints a figure alone or with its spread.</summary>
    internal static IReadOnlyList<Measurement> Parse(string json, int keys)
    {
        using var document = JsonDocument.Parse(json);
        var rows = document.RootElement.GetProperty("rows").EnumerateArray();
        return [.. rows.Select(row => new Measurement(SystemName, WorkloadOf(row, keys))
        {
            OperationsPerSecond = Figure(row, "operationsPerSecond"),
            P50Ms = Figure(row, "p50Ms"),
            P99Ms = Figure(row, "p99Ms"),
            P999Ms = row.TryGetProperty("p999Ms", out _) ? Figure(row, "p999Ms") : 0,
            MaxMs = Figure(row, "maxMs"),
            CpuUs = Figure(row, "cpuUs"),
            Errors = row.GetProperty("errors").GetInt64(),
            Error = row.GetProperty("error").GetString(),
        })];
    }

    private static Workload WorkloadOf(JsonElement row, int keys) => new(
        Enum.Parse<Operation>(row.GetProperty("operation").GetString()!, ignoreCase: true),
        row.GetProperty("inFlight").GetInt32(),
        row.GetProperty("durability").GetString())
    {
        Keys = keys,
        // Before levels could be chosen, all was done at the usual one.
        Level = row.TryGetProperty("level", out var level) ? Enum.Parse<Level>(level.GetString()!, ignoreCase: true) : Level.Quorum,
    };

    private static double Figure(JsonElement row, string name)
    {
        var figure = row.GetProperty(name);
        return figure.ValueKind == JsonValueKind.Object ? figure.GetProperty("median").GetDouble() : figure.GetDouble();
    }

    private static string Number(double value) => value.ToString("0", CultureInfo.InvariantCulture);
}
