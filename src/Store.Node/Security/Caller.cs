namespace Gossipdb.Node.Security;

/// <summary>How a caller has shown who it is.</summary>
internal enum CallerProof
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>By a password.</summary>
    Password,

    /// <summary>By a certificate.</summary>
    Certificate,

    /// <summary>By a token that somebody trusted has signed.</summary>
    Token,
}

/// <summary>Who calls.</summary>
/// <param name="Name">The user; empty for nobody known.</param>
/// <param name="How">What shows that it is that user.</param>
/// <param name="From">The address it calls from, for people.</param>
internal sealed record Caller(string Name, CallerProof How, string From)
{
    /// <summary>Nobody known, from nowhere.</summary>
    public static Caller Anonymous { get; } = new(string.Empty, CallerProof.None, string.Empty);
}
