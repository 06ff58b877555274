using System.Globalization;
using System.Runtime.InteropServices;

namespace Gossipdb.Bench.Report;

/// <summary>What the figures were measured on.</summary>
internal sealed record Machine(int Cores, string Runtime, string System, double? LoadAverage)
{
    /// <summary>When the run began.</summary>
    public DateTime At { get; } = DateTime.UtcNow;

    private const string LoadAverageFile = "/proc/loadavg";

    public static Machine Now() =>
        new(Environment.ProcessorCount, RuntimeInformation.FrameworkDescription, RuntimeInformation.OSDescription, ReadLoadAverage());

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Cores} cores, {Runtime}, {System}{(LoadAverage is { } load ? $", load average {load:0.0} at the start" : "")}");

    // Of the last minute, before this program adds to it: other work on the machine shows here.
    private static double? ReadLoadAverage() =>
        File.Exists(LoadAverageFile)
        && double.TryParse(File.ReadAllText(LoadAverageFile).Split(' ')[0], CultureInfo.InvariantCulture, out var load)
            ? load
            : null;
}
