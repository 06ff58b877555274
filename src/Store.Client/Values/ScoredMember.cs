namespace Gossipdb.Client;

/// <summary>A member of a sorted set.</summary>
/// <param name="Member">The member.</param>
/// <param name="Score">Its score.</param>
public readonly record struct ScoredMember(Bytes Member, long Score)
{
    /// <summary>"member: score".</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Member}: {Score}");
}
