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
    /// <param name="keys">How many counters.</param>
    /// <param name="window">How long each row is measured.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task<IReadOnlyList<Measurement>> MeasureAsync(
        string executable, int keys, TimeSpan window, CancellationToken stop)
    {
        var start = new ProcessStartInfo(executable) { RedirectStandardOutput = true, UseShellExecute = false };
        string[] arguments = ["cluster", "--only", "gossipdb", "--json", "--keys", Number(keys), "--seconds", Number(window.TotalSeconds)];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"'{executable}' did not start");
        try
        {
            var printed = await process.StandardOutput.ReadToEndAsync(stop);
            await process.WaitForExitAsync(stop);
            return process.ExitCode == 0
                ? Parse(printed, keys)
                : throw new InvalidOperationException($"'{executable}' ended with {process.ExitCode}");
        }
        finally
        {
            if (!process.HasExited) process.Kill(); // its nodes end with it
        }
    }

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
    };

    private static double Figure(JsonElement row, string name)
    {
        var figure = row.GetProperty(name);
        return figure.ValueKind == JsonValueKind.Object ? figure.GetProperty("median").GetDouble() : figure.GetDouble();
    }

    private static string Number(double value) => value.ToString("0", CultureInfo.InvariantCulture);
}
