using System.Reflection;

namespace Gossipdb.Bench.Report;

/// <summary>What this program was built from.</summary>
internal static class BuildInfo
{
    /// <summary>The commit, as the build wrote it into the version; null where it was built outside a repository.</summary>
    public static string? Commit { get; } = typeof(BuildInfo).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+') is [_, var commit] ? commit : null;
}
