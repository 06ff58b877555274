namespace Gossipdb.Client;

/// <summary>
/// The write was acked, and the read for what it led to failed, as <see cref="Exception.InnerException"/> says. The write stands: made
/// again, it is a second write. Read the object instead, after <see cref="Written"/>'s token.
/// </summary>
public sealed class ReadBackException : GossipdbException
{
    /// <summary>Creates the exception.</summary>
    public ReadBackException(string message, Receipt written, Exception inner)
        : base(message, inner: inner)
    {
        ArgumentNullException.ThrowIfNull(written);
        Written = written;
    }

    /// <summary>The receipt of the write.</summary>
    public Receipt Written { get; }
}
