using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>
/// What one read asks for: of how many replicas the answer must cover the state (R), within what time, and after what.
/// Immutable; change a copy: <c>Read.Quorum with { Timeout = TimeSpan.FromSeconds(1) }</c>.
/// </summary>
public sealed record Read
{
    private readonly TimeSpan? _timeout;

    internal Read(ReplicaLevel level) => Level = level;

    /// <summary>What the node is configured to do for calls that name no consistency; the receipt says what that was.</summary>
    public static Read Default { get; } = new(new ReplicaLevel(Wire.Level.Types.Named.Default));

    /// <summary>One replica.</summary>
    public static Read One { get; } = new(new ReplicaLevel(Wire.Level.Types.Named.One));

    /// <summary>Two replicas.</summary>
    public static Read Two { get; } = new(new ReplicaLevel(Wire.Level.Types.Named.Two));

    /// <summary>A majority of the key's owners: sees every write acked by a quorum before the read began.</summary>
    public static Read Quorum { get; } = new(new ReplicaLevel(Wire.Level.Types.Named.Quorum));

    /// <summary>Every owner of the key.</summary>
    public static Read All { get; } = new(new ReplicaLevel(Wire.Level.Types.Named.All));

    /// <summary>How long the call may take, retries included; null takes <see cref="GossipdbOptions.Timeout"/>.</summary>
    public TimeSpan? Timeout
    {
        get => _timeout;
        init
        {
            ReplicaLevel.CheckTimeout(value);
            _timeout = value;
        }
    }

    /// <summary>The answer covers everything this token covers; null asks for nothing.</summary>
    public ClockToken? Token { get; init; }

    /// <summary>By how much the answer may lag; null where a number of replicas is asked for instead.</summary>
    public TimeSpan? MaxStaleness { get; private init; }

    internal ReplicaLevel Level { get; private init; }

    /// <summary>
    /// The same level, with stand-ins counting too: where an owner is out of reach, the answer covers what another node holds for it
    /// instead.
    /// </summary>
    /// <exception cref="InvalidOperationException">The read bounds its staleness: only owners can tell that.</exception>
    public Read Sloppy => MaxStaleness is null
        ? this with { Level = Level.Sloppy }
        : throw new InvalidOperationException("A read with a bound on staleness asks owners only.");

    /// <summary>Asks for a number of replicas.</summary>
    /// <param name="count">At least 1; more than the cluster's replication is refused at the call.</param>
    public static Read Replicas(int count) => new(new ReplicaLevel(count));

    /// <summary>The same, answered only by state that has everything the token covers.</summary>
    public Read After(ClockToken token) => this with { Token = token };

    /// <summary>
    /// An answer that lacks nothing any owner of the key had applied longer ago than this. It is served by one replica where that one is
    /// known to lag no more; else that replica first asks the others how far they are, and catches up. Where an owner has been out of
    /// reach for longer, the read fails as
    /// <see cref="StalenessExceededException"/>: nobody else can know what that owner took.
    /// </summary>
    /// <param name="maxStaleness">From a millisecond to a day.</param>
    public static Read Within(TimeSpan maxStaleness)
    {
        if (maxStaleness < TimeSpan.FromMilliseconds(1) || maxStaleness > TimeSpan.FromDays(1))
            throw new ArgumentOutOfRangeException(
                nameof(maxStaleness), maxStaleness, "A bound on staleness lies between a millisecond and a day.");
        return new(new ReplicaLevel(Wire.Level.Types.Named.One)) { MaxStaleness = maxStaleness };
    }

    /// <summary>The level's name, or its count, or the bound on staleness.</summary>
    public override string ToString() => MaxStaleness is { } bound ? $"within {bound.TotalSeconds:0.###} s" : Level.ToString();
}
