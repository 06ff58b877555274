using System.Diagnostics;

namespace Gossipdb.Cluster.Tests;

/// <summary>The project's programs, as processes.</summary>
internal static class Programs
{
    private static readonly string Configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    /// <summary>The project's directory.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The node and the command line: as it was built, or another build of the same code that the environment names.</summary>
    public static string Gossipdb { get; } =
        Environment.GetEnvironmentVariable("GOSSIPDB_TESTING_NODE") ?? Built("src/Store.Node", "gossipdb");

    public static string Quickstart { get; } = Built("samples/Quickstart", "Quickstart");

    /// <summary>A file of the shared test data, or null where that is not there.</summary>
    public static string? SharedData(string path)
    {
        var shared = Environment.GetEnvironmentVariable("GOSSIPDB_SHARED_DATA") ?? Path.Combine(Root, "..", "shared", "data");
        var file = Path.Combine(shared, path);
        return File.Exists(file) ? file : null;
    }

    /// <summary>Runs a program to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(string program, params string[] arguments)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                RedirectStandardInput = true,
            }
        };
        process.Start();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }

        return (process.ExitCode, await output, await error);
    }

    private static string Built(string project, string program) =>
        Path.Combine(Root, project, "bin", Configuration, "net10.0", OperatingSystem.IsWindows() ? program + ".exe" : program);

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
            if (File.Exists(Path.Combine(directory.FullName, "Gossipdb.sln"))) return directory.FullName;
        throw new InvalidOperationException("the tests do not run inside the project");
    }
}
