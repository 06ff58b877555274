using System.Globalization;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>How many of the N replicas of a key a call needs: a named level, or a count.</summary>
internal readonly record struct ReplicaLevel
{
    private const string SloppySuffix = "-sloppy";

    private readonly Wire.Level.Types.Named _named;
    private readonly int _count;
    private readonly bool _sloppy;

    public ReplicaLevel(Wire.Level.Types.Named named)
    {
        _named = named;
        // Built once for a level and shared by every request that asks for it: never changed after this.
        Message = named == Wire.Level.Types.Named.Default ? null : new Wire.Level { Named = named };
    }

    public ReplicaLevel(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        _count = count;
        Message = new Wire.Level { Count = (uint)count };
    }

    private ReplicaLevel(Wire.Level.Types.Named named, int count)
    {
        _named = named;
        _count = count;
        _sloppy = true;
        Message = count > 0 ? new Wire.Level { Count = (uint)count, Sloppy = true } : new Wire.Level { Named = named, Sloppy = true };
    }

    /// <summary>The same, with stand-ins counting too.</summary>
    public ReplicaLevel Sloppy => _sloppy ? this : new(_named, _count);

    /// <summary>What goes into a request; null asks for the node's default.</summary>
    public Wire.Level? Message { get; }

    /// <summary>The least N for which the level can ever be met.</summary>
    public int LeastReplication => _count > 0 ? _count : _named == Wire.Level.Types.Named.Two ? 2 : 1;

    /// <summary>Reads what <see cref="ToString"/> writes, in any case.</summary>
    public static bool TryParse(string text, out ReplicaLevel level)
    {
        var isSloppy = text.EndsWith(SloppySuffix, StringComparison.OrdinalIgnoreCase);
        var strict = isSloppy ? text[..^SloppySuffix.Length] : text;
        ReplicaLevel? found = strict.ToLowerInvariant() switch
        {
            "default" when !isSloppy => new(Wire.Level.Types.Named.Default),
            "one" => new(Wire.Level.Types.Named.One),
            "two" => new(Wire.Level.Types.Named.Two),
            "quorum" => new(Wire.Level.Types.Named.Quorum),
            "all" => new(Wire.Level.Types.Named.All),
            _ => int.TryParse(strict, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0
                ? new(count)
                : null,
        };
        level = isSloppy && found is { } known ? known.Sloppy : found.GetValueOrDefault();
        return found is not null;
    }

    public override string ToString() => Text(_named, _count, _sloppy);

    /// <summary>A level as a receipt says it; null where it says none.</summary>
    public static string? Text(Wire.Level? level) =>
        level is null or { LevelCase: Wire.Level.LevelOneofCase.None } ? null : Text(level.Named, (int)level.Count, level.Sloppy);

    private static string Text(Wire.Level.Types.Named named, int count, bool sloppy) =>
        (count > 0 ? count.ToString(CultureInfo.InvariantCulture) : named.ToString().ToLowerInvariant()) + (sloppy ? SloppySuffix : "");

    public static void CheckTimeout(TimeSpan? timeout)
    {
        if (timeout is { } given && (given < TimeSpan.FromMilliseconds(1) || given > TimeSpan.FromDays(1)))
            throw new ArgumentOutOfRangeException(nameof(timeout), given, "A timeout lies between a millisecond and a day.");
    }
}
