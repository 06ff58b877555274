using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Images;

/// <summary>
/// The receiving side of state transfer. Asks a peer for an image, slice by slice, where the peer's event log does not reach back far
/// enough, or where this replica has lost its memory. One image is under way at a time. A lost slice is asked for again. A silent peer is
/// given up.
/// </summary>
internal sealed class ImageReceiver(ReplicaId self, ClockView applied, ReplicaSettings settings, IReplicaEffects effects)
{
    private const int MostAttempts = 5;
    private NodeId _from;
    private VersionVector _since = new();
    private SlotClaim _seal = SlotClaim.None;
    private ImageStage? _stage;
    private long _askAgainMs;
    private int _attempts;
    private uint _started;

    /// <summary>True while an image is on its way.</summary>
    public bool IsRunning => _stage is not null;

    /// <summary>The slot that comes with the image under way, or that came with the last one. None where no slot was asked for.</summary>
    public SlotClaim Seal => _seal;

    /// <summary>How many slices of the image under way have arrived.</summary>
    public int Slices => _stage?.Count ?? 0;

    /// <summary>Begins a transfer, unless one is under way.</summary>
    /// <param name="from">The peer.</param>
    /// <param name="whole">True where every key is wanted, to replace what is here.</param>
    /// <param name="seal">The slot that is to come with the image, or none.</param>
    /// <param name="nowMs">Now.</param>
    public void Start(NodeId from, bool whole, SlotClaim seal, long nowMs)
    {
        if (_stage is not null) return;
        _from = from;
        _seal = seal;
        _since = whole ? new VersionVector() : applied.Copy();

        // Replica ids are never used twice, so these names are not either.
        _stage = new ImageStage(self.Value ^ ((ulong)++_started << 48));
        _attempts = 0;
        Ask(nowMs);
    }

    /// <summary>Takes a slice.</summary>
    /// <returns>Whether the slice was the one waited for; and the head, where the image is complete in <paramref name="stage"/>.</returns>
    public (bool Taken, ImageHead? Head) Take(NodeId from, ImageSliceMessage message, long nowMs, out ImageStage? stage)
    {
        stage = _stage;
        if (_stage is null || from != _from || message.Session != _stage.Session || message.Index != _stage.Count) return (false, null);
        ImageHead? head = null;
        if (!message.Head.IsEmpty)
        {
            var reader = new ByteReader(message.Head.Span);
            head = ImageHead.Decode(ref reader);
            reader.ExpectEnd();
        }

        _stage.Add(message.Slice.Span);
        _attempts = 0;
        if (head is not null) _stage = null;
        else Ask(nowMs);
        return (true, head);
    }

    /// <summary>True where the message refuses the transfer under way, which has ended then. This replica must ask for every key.</summary>
    public bool IsRefused(NodeId from, ImageSliceMessage message)
    {
        if (_stage is null || from != _from || message.Session != _stage.Session || message.Index >= 0) return false;
        _stage = null;
        return true;
    }

    /// <summary>Asks again for a slice that did not come.</summary>
    public void Tick(long nowMs)
    {
        if (_stage is null || nowMs < _askAgainMs) return;
        if (++_attempts >= MostAttempts) _stage = null;
        else Ask(nowMs);
    }

    /// <summary>Ends the transfer under way: no image is wanted any more.</summary>
    public void GiveUp() => _stage = null;

    private void Ask(long nowMs)
    {
        _askAgainMs = nowMs + settings.FetchTimeoutMs;
        effects.Send(_from, new ImageRequestMessage(self, _stage!.Session, _stage.Count, _since, _seal));
    }
}
