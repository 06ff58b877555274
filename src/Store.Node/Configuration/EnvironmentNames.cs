namespace Gossipdb.Node.Configuration;

/// <summary>
/// The names that settings have in the environment. <c>gossipdb.log.file-size</c> is <c>GOSSIPDB__LOG__FILE_SIZE</c>: two underscores
/// stand for a dot, and one for a dash, because shells export no names with dashes. No setting has an underscore in its name. Capital
/// and small letters are the same, and a dash may stand where something else than a shell sets the variable.
/// </summary>
internal static class EnvironmentNames
{
    /// <summary>What the names of settings begin with. Other variables (<c>GOSSIPDB_ENDPOINT</c>, say) are none of a node's.</summary>
    public const string Prefix = "GOSSIPDB__";

    /// <summary>The name of a setting.</summary>
    public static string Of(string key) =>
        key.Replace(".", "__", StringComparison.Ordinal).Replace('-', '_').ToUpperInvariant();

    /// <summary>The setting that a variable names; null where there is none of that name.</summary>
    public static string? KeyOf(string name)
    {
        var key = name.Replace("__", ".", StringComparison.Ordinal).Replace('_', '-').ToLowerInvariant();
        return SettingKeys.IsKnown(key) ? key : null;
    }

    /// <summary>Whether a variable claims to be a setting.</summary>
    public static bool IsSetting(string name) => name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);
}
