using System.Reflection;

namespace Gossipdb.Node.Configuration;

/// <summary>Which gossipdb this is.</summary>
internal static class ProductVersion
{
    // The digits of the commit that tell one from another.
    private const int CommitDigits = 7;

    /// <summary>The version, and the commit it was built from where the build knew it: "0.1.0+5864d50".</summary>
    public static string Text { get; } = Read();

    private static string Read()
    {
        var assembly = typeof(ProductVersion).Assembly;
        var text = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "of no version";
        var commit = text.IndexOf('+', StringComparison.Ordinal);
        return commit < 0 || text.Length <= commit + CommitDigits ? text : text[..(commit + 1 + CommitDigits)];
    }
}
