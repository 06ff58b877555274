using System.Runtime.InteropServices;

namespace Gossipdb.Testing;

/// <summary>Where the program is that nodes run: <c>gossipdb.dll</c>, which comes with the package, or an executable.</summary>
internal static class NodeProgram
{
    /// <summary>The environment variable that names another.</summary>
    public const string Variable = "GOSSIPDB_TESTING_NODE";

    /// <summary>The setting of the runtime that names another: <c>RuntimeHostConfigurationOption</c> in a project file.</summary>
    public const string Setting = "Gossipdb.Testing.Node";

    private const string Folder = "gossipdb";
    private const string Library = "gossipdb.dll";

    /// <summary>What to start, before a node's own arguments.</summary>
    /// <exception cref="GossipdbClusterException">It is not where it should be; the message says where that is.</exception>
    public static IReadOnlyList<string> Find() =>
        Find(Environment.GetEnvironmentVariable(Variable), AppContext.GetData(Setting) as string, AppContext.BaseDirectory);

    /// <summary>The same, of given places.</summary>
    internal static IReadOnlyList<string> Find(string? variable, string? setting, string baseDirectory)
    {
        var (path, whose) = variable is { Length: > 0 } ? (variable, $"the environment variable {Variable} names")
            : setting is { Length: > 0 } ? (setting, $"the runtime's setting {Setting} names")
            : (Path.Combine(baseDirectory, Folder, Library), "the build of a project with the package Gossipdb.Testing puts");
        if (!File.Exists(path))
            throw new GossipdbClusterException(
                $"there is no node to start: {whose} '{path}', which does not exist; "
                    + $"build anew, or set {Variable} to an executable gossipdb or to gossipdb.dll");
        return path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) ? [Dotnet(), path] : [path];
    }

    // The dotnet that runs this process, whatever the path says: test hosts are executables of their own.
    internal static string Dotnet()
    {
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        if (Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host && File.Exists(host)) return host;
        if (Environment.ProcessPath is { } own && Path.GetFileName(own) == name) return own;

        // ROOT/shared/Microsoft.NETCore.App/10.0.0
        var root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        return Path.Combine(root, name) is { } beside && File.Exists(beside) ? beside : name;
    }
}
