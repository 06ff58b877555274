using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.State;

namespace Gossipdb.Replication.Images;

/// <summary>
/// Writes a snapshot: an image of the whole state, in this replica's own journal, some slices at every tick. Once its end is durable, what
/// the journal holds from before can go.
/// </summary>
internal sealed class SnapshotWriter(PartitionState state, RejoinGate gate, ReplicaSettings settings)
{
    // A slice that is no large object to the garbage collector: each of those brings a collection of everything nearer.
    private const int MostOfSlice = 64 * 1024;
    private readonly ReplicaSettings _sliced =
        settings with { ImageSliceBytes = Math.Min(settings.ImageSliceBytes, MostOfSlice) };
    private readonly ByteWriter _scratch = new();
    private ImageSource? _source;
    private ulong _begun;
    private int _slices;

    /// <summary>How many snapshots have been written to their end.</summary>
    public int Written { get; private set; }

    /// <summary>True while a snapshot is being written.</summary>
    public bool IsRunning => _source is not null;

    /// <summary>Begins a snapshot.</summary>
    public void Begin()
    {
        GiveUp();
        _source = new ImageSource(state, new VersionVector(), _sliced);
        _slices = 0;
        _begun++;
    }

    /// <summary>Gives the snapshot up. What was written of it is never read.</summary>
    public void GiveUp()
    {
        _source?.Release();
        _source = null;
    }

    /// <summary>Writes the next slices: about as much as one is for a peer.</summary>
    public void Tick()
    {
        if (_source is null) return;

        // A state that was found damaged in memory must not replace what the disk holds.
        if (gate.State == ServingState.NeedsImage)
        {
            GiveUp();
            return;
        }

        var name = state.Id.Value ^ (_begun << 48) ^ 1;
        ImageHead? head;
        var bytes = 0;
        bool mayGoOn;

        // The last turn is one turn: nothing may come between its slices and the end.
        do
        {
            (var slice, head) = _source.Next();
            state.Append(ImageStage.SliceRecord(_scratch, name, _slices++, slice.Span), isAwaited: false);
            bytes += slice.Length;

            // Where a slice is short, many keys were looked at for it.
            mayGoOn = slice.Length >= _sliced.ImageSliceBytes && bytes + slice.Length <= settings.ImageSliceBytes;
        }
        while (head is null && (mayGoOn || _source.IsFrozen));

        if (head is null) return;
        state.Append(ImageStage.JoinRecord(_scratch, name, head), isAwaited: false);
        gate.AppendServedAgain();
        Written++;
        _source = null;
    }
}
