using System.Diagnostics;

namespace Gossipdb.Node.Tests.Telemetry;

/// <summary>Prometheus' own checker of metrics, rules and tests of rules (Debian's package prometheus).</summary>
internal static class Promtool
{
    /// <summary>Where it is; null where the machine has none.</summary>
    public static string? Path { get; } = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
        .Split(System.IO.Path.PathSeparator)
        .Select(static directory => System.IO.Path.Combine(directory, "promtool"))
        .FirstOrDefault(File.Exists);

    /// <summary>Skips the test where there is none.</summary>
    public static void IsWanted() => Skip.If(Path is null, "there is no promtool on this machine: Debian's package prometheus has it");

    /// <summary>Runs it in a directory, with a text for its standard input. It must find nothing wrong.</summary>
    public static async Task PassesAsync(string directory, string? input, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path!, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var tool = Process.Start(start)!;
        var said = Task.WhenAll(tool.StandardOutput.ReadToEndAsync(), tool.StandardError.ReadToEndAsync());
        if (input is not null) await tool.StandardInput.WriteAsync(input);
        tool.StandardInput.Close();
        var text = string.Join('\n', await said);
        await tool.WaitForExitAsync();
        Assert.True(tool.ExitCode == 0, text);
    }
}
