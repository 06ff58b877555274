using Gossipdb.Node.Configuration;
using Gossipdb.Protocol;

namespace Gossipdb.Node.Server;

/// <summary>Levels of consistency, between the wire contract and the node's settings.</summary>
internal static class WireLevels
{
    /// <summary>
    /// The level a request asks for, or the node's own where it names none. A level that is named is strict unless it says otherwise.
    /// </summary>
    /// <exception cref="ArgumentException">There is no such level.</exception>
    public static ConsistencyLevel Of(Level? level, ConsistencyLevel byDefault) =>
        Count(level, byDefault) with { IsSloppy = level?.Sloppy == true || (!IsNamed(level) && byDefault.IsSloppy) };

    /// <summary>The level as a receipt says it: never a default.</summary>
    public static Level ToLevel(ConsistencyLevel level)
    {
        var said = new Level { Sloppy = level.IsSloppy };
        if (level.IsAll) said.Named = Level.Types.Named.All;
        else if (level.IsQuorum) said.Named = Level.Types.Named.Quorum;
        else if (level.Count == 1) said.Named = Level.Types.Named.One;
        else if (level.Count == 2) said.Named = Level.Types.Named.Two;
        else said.Count = (uint)level.Count;
        return said;
    }

    /// <summary>Whether a request names how many replicas it needs.</summary>
    public static bool IsNamed(Level? level) =>
        level?.LevelCase == Level.LevelOneofCase.Count
        || level is { LevelCase: Level.LevelOneofCase.Named, Named: not Level.Types.Named.Default };

    private static ConsistencyLevel Count(Level? level, ConsistencyLevel byDefault) => level?.LevelCase switch
    {
        Level.LevelOneofCase.Count => new ConsistencyLevel((int)Math.Min(level.Count, int.MaxValue)),
        Level.LevelOneofCase.Named => level.Named switch
        {
            Level.Types.Named.One => new ConsistencyLevel(1),
            Level.Types.Named.Two => new ConsistencyLevel(2),
            Level.Types.Named.Quorum => ConsistencyLevel.Quorum,
            Level.Types.Named.All => ConsistencyLevel.All,
            Level.Types.Named.Default => byDefault,
            var unknown =>
                throw new ArgumentException($"there is no level {(int)unknown}: there are ONE, TWO, QUORUM, ALL, a count, and DEFAULT"),
        },
        _ => byDefault,
    };
}
