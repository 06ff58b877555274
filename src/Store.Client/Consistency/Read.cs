using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>
/// What one read asks for: of how many replicas the answer must cover the state (R), within what time, and after what.
/// Immutable; change a copy: <c>Read.Quorum with { Timeout = TimeSpan.FromSeconds(1) }</c>.
/// </summary>
public sealed record Read
{
    private readonly TimeSpan? _timeout;

    private Read(ReplicaLevel level) => Level = level;

    /// <summary>What the node is configured to do for calls that name no consistency.</summary>
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

    internal ReplicaLevel Level { get; }

    /// <summary>Asks for a number of replicas.</summary>
    /// <param name="count">At least 1; more than the cluster's replication is refused at the call.</param>
    public static Read Replicas(int count) => new(new ReplicaLevel(count));

    /// <summary>The same, answered only by state that has everything the token covers.</summary>
    public Read After(ClockToken token) => this with { Token = token };

    /// <summary>The same, within another time.</summary>
    public Read Within(TimeSpan timeout) => this with { Timeout = timeout };

    /// <summary>The level's name, or its count.</summary>
    public override string ToString() => Level.ToString();
}
