using System.Globalization;

namespace Gossipdb.Checking.Operations;

/// <summary>How many replicas a call needed.</summary>
public sealed class Level
{
    private const string Sloppy = "-sloppy";

    private Level(string name)
    {
        Name = name;
        IsSloppy = name.EndsWith(Sloppy, StringComparison.Ordinal);
        Base = IsSloppy ? name[..^Sloppy.Length] : name;
    }

    /// <summary>As the history has it: "quorum-sloppy".</summary>
    public string Name { get; }

    /// <summary>Without "-sloppy".</summary>
    public string Base { get; }

    /// <summary>Whether stand-ins count.</summary>
    public bool IsSloppy { get; }

    /// <summary>A level by its name; null of null.</summary>
    public static Level? Of(string? name) => name is null ? null : new Level(name);

    /// <summary>How many of N replicas; null where the name says no number, or N is not known.</summary>
    /// <param name="replication">N; 0 where it is not known.</param>
    public int? Count(int replication) => Base switch
    {
        "one" => 1,
        "two" => 2,
        "three" => 3,
        "quorum" => replication > 0 ? (replication / 2) + 1 : null,
        "all" => replication > 0 ? replication : null,
        _ => int.TryParse(Base, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0 ? count : null,
    };

    /// <summary>
    /// Whether every read at one of them meets a replica that acked a write at the other: strict levels with R + W > N.
    /// </summary>
    public static bool Intersect(Level? read, Level? write, int replication) =>
        read is { IsSloppy: false } && write is { IsSloppy: false }
        && read.Count(replication) is { } r && write.Count(replication) is { } w && replication > 0 && r + w > replication;

    /// <inheritdoc/>
    public override string ToString() => Name;
}
