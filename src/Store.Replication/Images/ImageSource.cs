using System.Buffers;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.State;

namespace Gossipdb.Replication.Images;

/// <summary>
/// Makes an image of a replica that goes on working (the <em>pre-copy</em> of Clark et al., "Live migration of virtual machines", 2005).
/// First it goes through all keys, slice by slice, and sends those that changed since a clock. What changes meanwhile is noted, and a
/// further round sends that, and so on, until little is left. That is encoded in one turn. A key that is sent again replaces what was sent
/// of it before. So together the slices are the state at the clock of the last turn: one consistent cut.
/// <para>No turn is long, however many keys there are: it looks at a bounded number of them and encodes about a slice. The last one encodes
/// what may be left for it, or a few times that where rounds get no shorter.</para>
/// </summary>
internal sealed class ImageSource
{
    // How many keys a turn looks at.
    private const int MostLookedAt = 8_192;

    private readonly PartitionState _state;
    private readonly VersionVector _since;
    private readonly ReplicaSettings _settings;
    private readonly Func<bool>? _seal;
    private readonly ChangedKeys _changed;
    private readonly ByteWriter _slice = new(ArrayPool<byte>.Shared);
    private readonly Queue<byte[]> _last = new();
    private List<Bytes> _round = [];
    private int _place;
    private int _next;
    private int _rounds;

    // How many keys the last round, or the way through all keys, has gone through.
    private int _gone;
    private ImageHead? _head;

    /// <param name="state">The replica's state.</param>
    /// <param name="since">What the receiver has. Empty where every key is wanted.</param>
    /// <param name="settings">How much goes into a slice, and into the last turn.</param>
    /// <param name="seal">
    /// Called in the turn that ends the image, before the end is encoded. Where it returns false the image gets no end. Null where nothing
    /// is to be sealed.
    /// </param>
    public ImageSource(PartitionState state, VersionVector since, ReplicaSettings settings, Func<bool>? seal = null)
    {
        (_state, _since, _settings, _seal) = (state, since, settings, seal);
        _changed = state.Keys.Track();
        _gone = state.Keys.Count;
    }

    /// <summary>True where the image holds every key.</summary>
    public bool IsWhole => _since.Count == 0;

    /// <summary>True once the last turn has come. The image is of that moment.</summary>
    public bool IsFrozen => _head is not null;

    /// <summary>True where the image could not be ended, because the slot was to be sealed and was not.</summary>
    public bool IsRefused { get; private set; }

    /// <summary>Makes the next slice. One before the last may be empty.</summary>
    /// <returns>
    /// The slice, lent until the next call. With the last one comes the head, which describes the image as of the last turn.
    /// </returns>
    public (ReadOnlyMemory<byte> Slice, ImageHead? Head) Next()
    {
        _slice.Clear();
        var lookedAt = 0;
        while (_head is null)
        {
            if (_place < _state.Keys.Places)
            {
                if (lookedAt++ == MostLookedAt) return (_slice.WrittenMemory, null);
                if (_state.Keys.TryPlace(_place++, out var key, out var entry) && IsWanted(key, entry))
                    ImageSlice.Write(_slice, key, entry, _since);
            }
            else if (_next < _round.Count)
            {
                Write(_round[_next++]);
            }
            else if (IsLittleLeft() || _rounds > PreCopyRounds.Most)
            {
                if (_seal is not null && !_seal())
                {
                    IsRefused = true;
                    return (default, null);
                }

                Freeze();
                break;
            }
            else
            {
                (_round, _next) = (_changed.Take(), 0);
                _gone = _round.Count;
                _rounds++;
            }

            if (_slice.Length >= _settings.ImageSliceBytes) return (_slice.WrittenMemory, null);
        }

        var slice = _last.Dequeue();
        return (slice, _last.Count == 0 ? _head : null);
    }

    /// <summary>Lets go of the state, whether the image has ended or not.</summary>
    public void Release()
    {
        _state.Keys.Untrack(_changed);
        _slice.Release();
    }

    // What has changed since the image was begun comes with a round.
    private bool IsWanted(Bytes key, KeyEntry entry) =>
        (IsWhole || !entry.IsCoveredBy(_since)) && (_changed.Count == 0 || !_changed.Contains(key));

    // Where more keys are left than a turn looks at, no more bytes may be left for having been outrun.
    private bool IsLittleLeft()
    {
        var most = _changed.Count > MostLookedAt
            ? _settings.ImageFinalBytes
            : PreCopyRounds.MostLeft(_changed.Count, _gone, _settings);
        long bytes = 0;
        for (var i = 0; i < _changed.Count && bytes <= most; i++)
            bytes += _changed[i].Length + (_state.Keys.Find(_changed[i])?.ApproximateBytes ?? 0);
        return bytes <= most;
    }

    // Sealing makes events of its own. What they changed belongs to the end of the image.
    private void Freeze()
    {
        foreach (var key in _changed.Take())
        {
            Write(key);
            if (_slice.Length >= _settings.ImageSliceBytes) EndSlice();
        }

        EndSlice();
        _head = _state.Head(_since);
        Release();
    }

    // A key may have been deleted and dropped since it was sent. The receiver must not keep it.
    private void Write(Bytes key)
    {
        if (_state.Keys.Find(key) is { } entry) ImageSlice.Write(_slice, key, entry, _since);
        else ImageSlice.WriteGone(_slice, key);
    }

    private void EndSlice()
    {
        _last.Enqueue(_slice.ToArray());
        _slice.Clear();
    }
}
