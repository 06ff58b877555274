using System.IO.Pipelines;
using Gossipdb.Node.Security;

namespace Gossipdb.Node.Transport;

/// <summary>What carries the bytes of a <see cref="FrameConnection"/>.</summary>
internal abstract class FrameTransport : IAsyncDisposable
{
    /// <summary>Who is at the other end, for people.</summary>
    public abstract string Peer { get; }

    /// <summary>Who is at the other end, as its certificate says; null where it has shown none.</summary>
    public virtual PeerIdentity? Identity => null;

    /// <summary>What comes.</summary>
    public abstract PipeReader Input { get; }

    /// <summary>Sends bytes. One call at a time. They are the caller's again once it is done.</summary>
    /// <exception cref="IOException">The other end is gone.</exception>
    public abstract ValueTask SendAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>Ends it: what is under way fails.</summary>
    public abstract void Abort(string because);

    public abstract ValueTask DisposeAsync();
}
