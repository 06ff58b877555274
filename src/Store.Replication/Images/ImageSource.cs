using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.State;

namespace Gossipdb.Replication.Images;

/// <summary>
/// Makes an image of a replica that goes on working (the <em>pre-copy</em> of Clark et al., "Live migration of virtual machines", 2005). A
/// round sends the keys that changed since a clock, slice by slice. The next round sends the keys that changed meanwhile, and so on, until
/// little is left. That is encoded in one turn. A key that is sent again replaces what was sent of it before. So together the slices are
/// the state at the clock of the last turn: one consistent cut.
/// </summary>
/// <param name="state">The replica's state.</param>
/// <param name="since">What the receiver has. Empty where every key is wanted.</param>
/// <param name="settings">How much goes into a slice, and into the last turn.</param>
/// <param name="seal">
/// Called in the turn that ends the image, before the end is encoded. Where it returns false the image gets no end. Null where nothing is
/// to be sealed.
/// </param>
internal sealed class ImageSource(PartitionState state, VersionVector since, ReplicaSettings settings, Func<bool>? seal = null)
{
    // Where writes outrun the rounds, this ends them. The last turn is a long one then.
    private const int MaxRounds = 8;
    private readonly List<Bytes> _sent = [];
    private readonly ByteWriter _slice = new();
    private readonly Queue<byte[]> _last = new();
    private readonly long _droppedBefore = state.Keys.Dropped;
    private List<Bytes>? _round;
    private VersionVector? _listedAt;
    private int _next;
    private int _rounds;
    private ImageHead? _head;

    /// <summary>True where the image holds every key.</summary>
    public bool IsWhole => since.Count == 0;

    /// <summary>True once the last turn has come. The image is of that moment.</summary>
    public bool IsFrozen => _head is not null;

    /// <summary>True where the image could not be ended, because the slot was to be sealed and was not.</summary>
    public bool IsRefused { get; private set; }

    /// <summary>Makes the next slice.</summary>
    /// <returns>The slice. With the last one comes the head, which describes the image as of the last turn.</returns>
    public (byte[] Slice, ImageHead? Head) Next()
    {
        _slice.Clear();
        while (_head is null)
        {
            if (_round is not null && _next < _round.Count)
            {
                Write(_round[_next++]);
                if (_slice.Length >= settings.ImageSliceBytes) return (_slice.ToArray(), null);
            }
            else if (BeginRound() <= settings.ImageFinalBytes || _rounds > MaxRounds)
            {
                if (seal is not null && !seal())
                {
                    IsRefused = true;
                    return ([], null);
                }

                if (seal is not null) AddChanged();
                Freeze();
            }
        }

        var slice = _last.Dequeue();
        return (slice, _last.Count == 0 ? _head : null);
    }

    /// <returns>About how many bytes the round has to send.</returns>
    private long BeginRound()
    {
        var isFirst = _listedAt is null;
        var listedAt = _listedAt;
        _round = [];
        _next = 0;
        _rounds++;
        _listedAt = state.Applied.Copy();
        long bytes = 0;
        foreach (var (key, entry) in state.Keys.Entries)
        {
            if (isFirst ? IsWhole || !entry.IsCoveredBy(since) : !entry.IsCoveredBy(listedAt!))
            {
                _round.Add(key);
                bytes += key.Length + entry.ApproximateBytes;
            }
        }

        return bytes;
    }

    // Sealing makes events of its own. What they changed since the round was listed belongs to the end of the image.
    private void AddChanged()
    {
        foreach (var (key, entry) in state.Keys.Entries)
            if (!entry.IsCoveredBy(_listedAt!)) _round!.Add(key);
    }

    private void Freeze()
    {
        for (; _next < _round!.Count; _next++)
        {
            Write(_round[_next]);
            if (_slice.Length >= settings.ImageSliceBytes) EndSlice();
        }

        // A key may have been deleted and dropped since it was sent. The receiver must not keep it.
        if (state.Keys.Dropped != _droppedBefore)
        {
            foreach (var key in _sent)
                if (state.Keys.Find(key) is null) ImageSlice.WriteGone(_slice, key);
        }

        EndSlice();
        _head = state.Head(since);
    }

    private void Write(Bytes key)
    {
        if (state.Keys.Find(key) is not { } entry) return;
        ImageSlice.Write(_slice, key, entry, since);
        _sent.Add(key);
    }

    private void EndSlice()
    {
        _last.Enqueue(_slice.ToArray());
        _slice.Clear();
    }
}
