using System.Diagnostics;

namespace Gossipdb.Architecture.Tests;

/// <summary>A program that a test runs, and ends whatever becomes of the test.</summary>
internal static class Program
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>What a program wrote that ended with success; another end is an error that shows all that it said.</summary>
    public static string Run(string folder, string program, IEnumerable<string> words, params (string Name, string Value)[] environment)
    {
        using var running = Start(folder, program, words, environment);
        var (said, wrong) = (running.StandardOutput.ReadToEndAsync(), running.StandardError.ReadToEndAsync());
        if (!running.WaitForExit(Patience))
        {
            running.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', words)} does not end");
        }

        if (running.ExitCode != 0) throw new InvalidOperationException($"{program} {string.Join(' ', words)}: {said.Result}{wrong.Result}");
        return said.Result;
    }

    /// <summary>
    /// Packs a project into a folder, which goes where that fails. What was built with the solution is packed as it is; else it is built,
    /// by no server that others wait for.
    /// </summary>
    public static void Pack(string project, bool isBuilt, string folder)
    {
        var how = isBuilt ? "--no-build" : "-p:UseSharedCompilation=false";
        try
        {
            Run(folder, "dotnet", ["pack", project, "-c", "Release", "-o", folder, "--nologo", "-v", "quiet", how]);
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    /// <summary>A program that runs, with its streams at hand.</summary>
    public static Process Start(string folder, string program, IEnumerable<string> words, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, words)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }
}
