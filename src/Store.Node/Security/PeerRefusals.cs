using Gossipdb.Node.Observability;

namespace Gossipdb.Node.Security;

/// <summary>Callers that were not listened to as nodes: counted, told of now and then, and in the audit log. Any thread.</summary>
internal sealed class PeerRefusals(NodeHealth health, AuditLog? audit = null)
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
        audit?.Write(AuditAction.Peer, Caller.Anonymous with { From = peer }, port, AuditOutcome.Denied, why);
    }
}
