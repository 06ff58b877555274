namespace Gossipdb.Client;

/// <summary>What was read cannot be read as the type that was asked for: it was written as another one, or by another means.</summary>
public sealed class ValueFormatException : GossipdbException
{
    /// <summary>Creates the exception.</summary>
    public ValueFormatException(string message, Exception inner)
        : base(message, inner: inner)
    {
    }
}
