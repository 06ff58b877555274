namespace Gossipdb.Node.Configuration;

/// <summary>Which layer gave a setting its value.</summary>
internal enum SettingLayer
{
    /// <summary>hocon/reference.conf.</summary>
    Default,

    /// <summary>The node's file.</summary>
    File,

    /// <summary>A variable of the environment.</summary>
    Environment,

    /// <summary>The command line.</summary>
    CommandLine,
}

/// <summary>Where a setting has its value from.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Place">Where in it: "node.conf:12", the name of a variable, "--set"; empty for a default.</param>
internal sealed record SettingOrigin(SettingLayer Layer, string Place);
