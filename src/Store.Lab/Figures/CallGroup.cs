using Gossipdb.Checking.History;

namespace Gossipdb.Lab.Figures;

/// <summary>Calls that are counted together.</summary>
/// <param name="Level">The level; "default" where none was named.</param>
/// <param name="Side">The side; empty where the callers had none.</param>
/// <param name="IsRead">Whether they are reads.</param>
internal readonly record struct CallGroup(string Level, string Side, bool IsRead)
{
    /// <summary>What calls that named no level are counted under.</summary>
    public const string Unnamed = "default";

    /// <summary>The group of a call.</summary>
    public static CallGroup Of(CallRecord call) => new(call.Level ?? Unnamed, call.Side ?? "", call.IsRead);

    /// <summary>Levels from the weakest to the strongest, as far as their names tell; numbers by what they are.</summary>
    public static int Rank(string level)
    {
        var sloppy = level.EndsWith("-sloppy", StringComparison.Ordinal);
        var name = sloppy ? level[..^"-sloppy".Length] : level;
        var rank = name switch
        {
            "one" => 10,
            "two" => 20,
            "quorum" => 100,
            "all" => 200,
            _ => int.TryParse(name, out var number) ? Math.Clamp(number, 0, 9) * 10 : 300,
        };
        return (rank * 2) + (sloppy ? 0 : 1);
    }
}
