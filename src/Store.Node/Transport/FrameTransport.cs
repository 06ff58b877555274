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

    /// <summary>Whether what is sent is the caller's again at once; else it is once it has been taken.</summary>
    public abstract bool Copies { get; }

    /// <summary>Sends bytes. One call at a time.</summary>
    /// <returns>Done once more may be sent; completed, in the words of pipes, where the other end is gone.</returns>
    public abstract ValueTask<FlushResult> SendAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>Ends it: what is under way fails.</summary>
    public abstract void Abort(string because);

    public abstract ValueTask DisposeAsync();
}
