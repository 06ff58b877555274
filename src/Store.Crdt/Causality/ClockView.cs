namespace Gossipdb.Crdt.Causality;

/// <summary>
/// A clock that its reader cannot change: a window on a <see cref="VersionVector"/>. It changes as its owner's vector does.
/// It costs nothing beside the vector. To keep what it says now, take a <see cref="Copy"/>. A view of no vector covers nothing.
/// </summary>
public readonly struct ClockView(VersionVector? clock) : IEquatable<ClockView>
{
    private static readonly VersionVector Nothing = new();
    private readonly VersionVector? _clock = clock;

    // A view of nothing, as of no clock, covers nothing.
    private VersionVector Clock => _clock ?? Nothing;

    /// <summary>The entries, in ascending order of replica.</summary>
    public ReadOnlySpan<VersionVector.Entry> Entries => Clock.Entries;

    /// <summary>How many replicas have an entry.</summary>
    public int Count => Clock.Count;

    /// <summary>The sum of all components: how many elementary changes the clock covers.</summary>
    public long TotalChanges => Clock.TotalChanges;

    /// <summary>The highest sequence of <paramref name="replica"/>, 0 where it has none.</summary>
    public long this[ReplicaId replica] => Clock[replica];

    /// <summary>Any vector can be looked at.</summary>
    public static implicit operator ClockView(VersionVector? clock) => new(clock);

    /// <summary>True where both cover the same changes.</summary>
    public static bool operator ==(ClockView left, ClockView right) => left.Equals(right);

    /// <summary>True where one covers a change that the other does not.</summary>
    public static bool operator !=(ClockView left, ClockView right) => !left.Equals(right);

    /// <summary>True where the change the dot names is covered.</summary>
    public bool Contains(Dot dot) => Clock.Contains(dot);

    /// <summary>True where every change <paramref name="other"/> covers is covered here too.</summary>
    public bool Covers(ClockView other) => Clock.Covers(other);

    /// <summary>How many elementary changes this clock covers and <paramref name="other"/> does not.</summary>
    public long ChangesMissingFrom(ClockView other) => Clock.ChangesMissingFrom(other);

    /// <summary>What it says now, as a vector of one's own.</summary>
    public VersionVector Copy() => Clock.Copy();

    /// <summary>True where both cover the same changes.</summary>
    public bool Equals(ClockView other) => ReferenceEquals(Clock, other.Clock) || Clock.Equals(other.Clock);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ClockView other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Clock.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => Clock.ToString();
}
