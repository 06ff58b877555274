using Gossipdb.Node.Observability;

namespace Gossipdb.Node.Security;

/// <summary>Callers that were not listened to as nodes: counted, and told of now and then. Any thread.</summary>
internal sealed class PeerRefusals(NodeHealth health)
{
    private long _count;
    private volatile string? _last;

    /// <summary>How many there were.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>The last one, for people; null where there was none.</summary>
    public string? Last => _last;

    /// <summary>One more.</summary>
    /// <param name="port">The port it called.</param>
    /// <param name="peer">Its address.</param>
    /// <param name="why">Why it was refused.</param>
    public void Note(string port, string peer, string why)
    {
        Interlocked.Increment(ref _count);
        _last = $"{peer} at {port}: {why}";
        health.WarnNowAndThen("refused-peer", $"hung up on {peer} at {port}: {why}");
    }
}
