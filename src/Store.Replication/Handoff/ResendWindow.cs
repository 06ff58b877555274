using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Handoff;

/// <summary>
/// What one fallback node was sent to hold, and what it has acked. Several messages may be under way to it, up to the bytes of one answer
/// to a fetch. What is not acked in time is sent again, from what the node is known to hold. Owners and other fallback nodes send hints
/// through the same window.
/// </summary>
internal sealed class ResendWindow(ReplicaSettings settings)
{
    private VersionVector _held = new();
    private VersionVector? _sent;
    private int _unackedBytes;
    private long _progressAtMs;

    /// <summary>What the node is known to hold durably, or what is on the owners' disks.</summary>
    public ClockView Held => _held;

    /// <summary>Another incarnation speaks. Nothing is known of it.</summary>
    public void Restart()
    {
        _held = new VersionVector();
        _sent = null;
    }

    /// <summary>What is under way may be lost. It is sent again.</summary>
    public void SendAgain() => _sent = null;

    /// <summary>Takes an ack: what the node says it holds.</summary>
    public void Take(HintAckMessage ack, long nowMs)
    {
        if (_held.Merge(ack.Covered)) _progressAtMs = nowMs;
        if ((ack.Flags & HintAckFlags.Gap) != 0) _sent = null;
        if (_sent is not null && _held.Covers(_sent)) _unackedBytes = 0;
    }

    /// <summary>True where something may be sent. What was not acked in time may be sent again.</summary>
    /// <param name="applied">All there is to send.</param>
    /// <param name="nowMs">Now.</param>
    public bool IsOpen(ClockView applied, long nowMs)
    {
        if (_sent is not null && !_held.Covers(_sent) && nowMs - _progressAtMs >= settings.FetchTimeoutMs) _sent = null;
        return _sent is null || (_unackedBytes < settings.FetchMaxBytes && !_sent.Covers(applied));
    }

    /// <summary>Takes what is to be sent next. Empty where there is nothing.</summary>
    /// <param name="log">What there is.</param>
    /// <param name="from">What need not be held, because every owner has it on disk.</param>
    /// <param name="nowMs">Now.</param>
    public List<byte[]> TakeNext(EventLog log, ClockView from, long nowMs)
    {
        if (_sent is null)
        {
            _sent = _held.Copy();
            _sent.Merge(from);
            _unackedBytes = 0;
            _progressAtMs = nowMs;
        }

        var missing = new List<byte[]>();
        log.CollectMissing(_sent, settings.FetchMaxBytes, missing, reached: _sent);
        if (missing.Count > 0 && _unackedBytes == 0) _progressAtMs = nowMs;
        foreach (var encoded in missing) _unackedBytes += encoded.Length;
        return missing;
    }
}
