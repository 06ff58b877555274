using System.Diagnostics;
using System.IO.Compression;
using System.Xml.Linq;

namespace Gossipdb.Architecture.Tests;

[CollectionDefinition(Name)]
public sealed class PackedCollection : ICollectionFixture<Packed>
{
    public const string Name = "packed";
}

/// <summary>What is published, packed once for all tests that look into it or install it.</summary>
public sealed class Packed : IDisposable
{
    public const string Version = "0.1.0";
    public const string Tool = "gossipdb";

    private readonly Lazy<Installed> _installed;

    public Packed()
    {
        _installed = new Lazy<Installed>(() => new Installed(Folder));
        foreach (var project in Published)
        {
            // What was built with the solution is packed as it is; else it is built, by no server that others wait for.
            var isBuilt = project.Frameworks.All(framework =>
                File.Exists(Path.Combine(project.Folder, "bin", "Release", framework, project.AssemblyName + ".dll")));
            var how = isBuilt ? "--no-build" : "-p:UseSharedCompilation=false";
            Program.Run(Folder, "dotnet", ["pack", project.Folder, "-c", "Release", "-o", Folder, "--nologo", "-v", "quiet", how]);
        }
    }

    internal static IReadOnlyList<Project> Published { get; } = [.. SourceTree.All.Where(static project => project.IsPublished)];

    /// <summary>The same, installed. Only who asks for it pays for it.</summary>
    internal Installed Installed => _installed.Value;

    public string Folder { get; } = Directory.CreateTempSubdirectory("gossipdb-packages-").FullName;

    public ZipArchive Open(string file) => ZipFile.OpenRead(Path.Combine(Folder, file));

    public void Dispose()
    {
        if (_installed.IsValueCreated) _installed.Value.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    internal static XElement Nuspec(ZipArchive package, string name)
    {
        using var text = package.GetEntry($"{name}.nuspec")!.Open();
        return XDocument.Load(text).Root!.Elements().Single();
    }
}

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

    /// <summary>A program that goes on until it is killed, and that does not outlive the tests, whatever ends them.</summary>
    public static Process Guarded(
        string folder, string program, IEnumerable<string> words, params (string Name, string Value)[] environment) => Start(
        folder, "/bin/sh",
        ["-c", "exec 3<&0; \"$@\" </dev/null >/dev/null 2>&1 & child=$!; cat <&3 >/dev/null; kill -9 $child", "sh", program, .. words],
        environment);

    private static Process Start(string folder, string program, IEnumerable<string> words, params (string Name, string Value)[] environment)
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
