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

    /// <summary>What stands behind the level of calls in sessions, where they are told apart.</summary>
    public const string InSession = " in a session";

    /// <summary>The group of a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="splitsSessions">Whether calls in sessions are told apart from others.</param>
    public static CallGroup Of(CallRecord call, bool splitsSessions) => new(LevelOf(call, splitsSessions), call.Side ?? "", call.IsRead);

    /// <summary>The level that a call is counted under.</summary>
    public static string LevelOf(CallRecord call, bool splitsSessions) =>
        splitsSessions && call.Session is not null ? (call.Level ?? Unnamed) + InSession : call.Level ?? Unnamed;

    /// <summary>Levels from the weakest to the strongest, as far as their names tell; numbers by what they are.</summary>
    public static int Rank(string level)
    {
        var inSession = level.EndsWith(InSession, StringComparison.Ordinal);
        if (inSession) level = level[..^InSession.Length];
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
        return (rank * 4) + (sloppy ? 0 : 2) + (inSession ? 1 : 0);
    }
}
