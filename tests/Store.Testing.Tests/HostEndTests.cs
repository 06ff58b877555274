using System.Diagnostics;

namespace Gossipdb.Testing.Tests;

/// <summary>A test host that is killed takes its nodes with it.</summary>
public sealed class HostEndTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    [SkippableFact]
    public async Task No_node_outlives_a_test_host_that_is_killed()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "which processes there are is read from /proc");
        using var host = Process.Start(new ProcessStartInfo(
            NodeProgram.Dotnet(), [Path.Combine(AppContext.BaseDirectory, "Gossipdb.Testing.Tests.dll")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        string data;
        try
        {
            data = await host.StandardOutput.ReadLineAsync().WaitAsync(Patience) ?? throw new InvalidOperationException("it ended");
            Assert.Equal(2, NodesOf(data).Count);
        }
        finally
        {
            host.Kill();
        }

        await host.WaitForExitAsync();
        var deadline = DateTime.UtcNow + Patience;
        while (NodesOf(data).Count > 0 && DateTime.UtcNow < deadline) await Task.Delay(20);
        Assert.Empty(NodesOf(data));

        // What it could not delete, the next one does.
        using var next = TestDirectory.Make(given: null);
        Assert.False(Directory.Exists(data));
    }

    /// <summary>The processes whose arguments name a configuration in the directory.</summary>
    private static List<int> NodesOf(string directory) =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Select(static path => int.TryParse(Path.GetFileName(path), out var process) ? process : 0)
            .Where(process => process > 0 && CommandOf(process).Contains(directory + "/", StringComparison.Ordinal)),
    ];

    private static string CommandOf(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline");
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
