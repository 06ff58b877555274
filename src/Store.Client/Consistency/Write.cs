using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>
/// What one write asks for: how many replicas must have it (W), how durably, within what time, after what, and how long the key
/// is to live.
/// Immutable; change a copy: <c>Write.Quorum with { Durability = Durability.Memory }</c>.
/// </summary>
public sealed record Write
{
    private readonly TimeSpan? _timeout;
    private readonly TimeSpan? _lifetime;

    internal Write(ReplicaLevel level) => Level = level;

    /// <summary>What the node is configured to do for calls that name no consistency; the receipt says what that was.</summary>
    public static Write Default { get; } = new(new ReplicaLevel(Wire.Level.Types.Named.Default));

    /// <summary>One replica.</summary>
    public static Write One { get; } = new(new ReplicaLevel(Wire.Level.Types.Named.One));

    /// <summary>Two replicas.</summary>
    public static Write Two { get; } = new(new ReplicaLevel(Wire.Level.Types.Named.Two));

    /// <summary>A majority of the key's owners; a stand-in never counts.</summary>
    public static Write Quorum { get; } = new(new ReplicaLevel(Wire.Level.Types.Named.Quorum));

    /// <summary>Every owner of the key.</summary>
    public static Write All { get; } = new(new ReplicaLevel(Wire.Level.Types.Named.All));

    /// <summary>How durable the write must be at a replica that counts. <see cref="Durability.Journal"/> unless said otherwise.</summary>
    public Durability Durability { get; init; } = Durability.Journal;

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

    /// <summary>The write is executed by a replica that has everything this token covers; null asks for nothing.</summary>
    public ClockToken? Token { get; init; }

    /// <summary>
    /// Updates also give the key a new life: it ends this long from now, by the coordinator's clock, unless a concurrent write gave it
    /// a longer one. From a millisecond to a thousand years; null leaves the key's life as it is. Of no meaning for deletions.
    /// </summary>
    public TimeSpan? Lifetime
    {
        get => _lifetime;
        init
        {
            if (value is { } given)
                LifetimeCodec.Check(given, nameof(Lifetime));
            _lifetime = value;
        }
    }

    internal ReplicaLevel Level { get; private init; }

    /// <summary>
    /// The same level, with stand-ins counting too: where an owner is out of reach, another node holds the write durably until that owner
    /// is back, and counts in its place. A later strict read need not see such a write before then.
    /// </summary>
    public Write Sloppy => this with { Level = Level.Sloppy };

    /// <summary>Asks for a number of replicas.</summary>
    /// <param name="count">At least 1; more than the cluster's replication is refused at the call.</param>
    public static Write Replicas(int count) => new(new ReplicaLevel(count));

    /// <summary>The same, executed only where everything the token covers is known.</summary>
    public Write After(ClockToken token) => this with { Token = token };

    /// <summary>The level's name, or its count.</summary>
    public override string ToString() => Level.ToString();
}
