using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;

namespace Gossipdb.Bench.Micro;

/// <summary>Runs a class of BenchmarkDotNet benchmarks inside this process, quietly, and leaves nothing behind.</summary>
internal static class Nanoseconds
{
    /// <summary>
    /// The mean of each benchmark in nanoseconds per operation, by method name and, where there are parameters, ":value" of the first
    /// one.
    /// </summary>
    public static IReadOnlyDictionary<string, double> Of<T>()
    {
        var artifacts = Directory.CreateTempSubdirectory("gossipdb-micro-");
        try
        {
            var config = ManualConfig.CreateEmpty()
                .AddJob(Job.ShortRun.WithToolchain(new InProcessNoEmitToolchain(TimeSpan.FromMinutes(5), logOutput: false)))
                .AddLogger(NullLogger.Instance)
                .AddColumnProvider(DefaultColumnProviders.Instance)
                .WithArtifactsPath(artifacts.FullName)
                .WithOptions(ConfigOptions.DisableOptimizationsValidator);
            var summary = BenchmarkRunner.Run<T>(config);
            if (summary.HasCriticalValidationErrors)
                throw new InvalidOperationException(string.Join("; ", summary.ValidationErrors.Select(static e => e.Message)));
            return summary.Reports.ToDictionary(
                static report => NameOf(report.BenchmarkCase),
                static report => report.ResultStatistics?.Mean
                    ?? throw new InvalidOperationException($"{report.BenchmarkCase.DisplayInfo} failed: "
                        + $"{string.Join("; ", report.ExecuteResults.SelectMany(static r => r.Errors))}"));
        }
        finally
        {
            artifacts.Delete(recursive: true);
        }
    }

    private static string NameOf(BenchmarkCase benchmark) => benchmark.HasParameters
        ? $"{benchmark.Descriptor.WorkloadMethod.Name}:{benchmark.Parameters[0].Value}"
        : benchmark.Descriptor.WorkloadMethod.Name;
}
