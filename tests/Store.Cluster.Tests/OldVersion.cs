using System.Diagnostics;

namespace Gossipdb.Cluster.Tests;

/// <summary>The version before this one, built from the project's own history.</summary>
internal static class OldVersion
{
    /// <summary>The last commit of that version: raise it with each version that is given to users.</summary>
    public const string Commit = "5864d5069d82b74c1e9e1089caa10a1f9de27055";

    /// <summary>Its executable, built once a machine; skips the test where the history does not reach back that far.</summary>
    public static async Task<string> GossipdbAsync()
    {
        var home = Path.Combine(Path.GetTempPath(), $"gossipdb-old-{Commit[..12]}");
        var program = Path.Combine(home, "src/Store.Node/bin/Release/net10.0/gossipdb");
        if (File.Exists(program)) return program;
        var (known, _) = await RunAsync(Programs.Root, "git", "cat-file", "-e", Commit + "^{commit}");
        Skip.If(known != 0, $"the history of this checkout does not reach back to {Commit}, the version before this one: fetch it whole");

        // Built aside and moved there whole, so that a build that was broken off is never taken for one.
        var building = Directory.CreateTempSubdirectory("gossipdb-old-building-").FullName;
        try
        {
            await MustRunAsync(building, "/bin/sh", "-c", $"git -C '{Programs.Root}' archive {Commit} | tar -x -C '{building}'");
            await MustRunAsync(building, "dotnet", "build", "src/Store.Node", "-c", "Release", "--nologo", "-v", "quiet",
                "-nodeReuse:false", "-p:RunAnalyzers=false", "-p:UseSharedCompilation=false");
            try
            {
                Directory.Move(building, home);
            }
            catch (IOException) when (File.Exists(program))
            {
                // Another run was faster.
            }

            return program;
        }
        finally
        {
            if (Directory.Exists(building)) Directory.Delete(building, recursive: true);
        }
    }

    private static async Task MustRunAsync(string directory, string program, params string[] arguments)
    {
        var (code, output) = await RunAsync(directory, program, arguments);
        if (code != 0) throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {code}:\n{output}");
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string directory, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // What the build that runs the tests says to its own parts.
        foreach (var name in start.Environment.Keys.ToList())
            if (name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)) start.Environment.Remove(name);
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await error);
    }
}
