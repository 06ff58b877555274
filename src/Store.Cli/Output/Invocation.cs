using System.Reflection;

namespace Gossipdb.Cli.Output;

/// <summary>This program: its version, and how the user can run it from the directory they are in.</summary>
internal static class Invocation
{
    public static string Version { get; } =
        typeof(Invocation).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    public static string OfThis()
    {
        var process = Environment.ProcessPath ?? "gossipdb";
        if (Path.GetFileNameWithoutExtension(process) == "dotnet") return $"dotnet {Relative(OwnAssembly())}";
        return OnPath(process) ? "gossipdb" : Relative(process);
    }

    /// <summary>The file that 'dotnet' runs. A program in a single file has none, and is no 'dotnet'.</summary>
    public static string OwnAssembly() => Path.Combine(AppContext.BaseDirectory, $"{Assembly.GetEntryAssembly()!.GetName().Name}.dll");

    private static bool OnPath(string process) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Contains(Path.GetDirectoryName(process));

    private static string Relative(string path)
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        var shown = relative.Length < path.Length && !relative.StartsWith("..", StringComparison.Ordinal) ? relative : path;
        return shown.Contains(' ') ? $"\"{shown}\""
            : shown.Contains(Path.DirectorySeparatorChar) ? shown
            : $".{Path.DirectorySeparatorChar}{shown}";
    }
}
