using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.State;

namespace Gossipdb.Replication.Images;

/// <summary>
/// Makes an image of a replica that goes on working: the keys that changed since a clock, slice by slice, then those that changed meanwhile, round after
/// round, until what is left is little; that is encoded in one turn. A key sent again replaces what was sent of it before, so together the slices are the state at
/// the clock of that last turn: one consistent cut.
/// </summary>
internal sealed class ImageSource(Keyspace keys, VersionVector applied, VersionVector since, ReplicaSettings settings, Func<bool>? seal = null)
{
    // Writes that outrun the rounds are cut short: then the last turn is a long one.
    private const int MaxRounds = 8;
    private readonly List<Bytes> _sent = [];
    private readonly ByteWriter _slice = new();
    private readonly Queue<byte[]> _last = new();
    private readonly long _droppedBefore = keys.Dropped;
    private List<Bytes>? _round;
    private VersionVector? _listedAt;
    private int _next;
    private int _rounds;
    private ImageHead? _head;

    /// <summary>True where the image holds every key.</summary>
    public bool IsWhole => since.Count == 0;

    /// <summary>True once the last turn has come: the image is of that moment.</summary>
    public bool IsFrozen => _head is not null;

    /// <summary>True where the image could not be ended, because it was to be sealed and was not.</summary>
    public bool IsRefused { get; private set; }

    /// <summary>The next slice.</summary>
    /// <param name="head">Describes the image as of now; taken in the last turn.</param>
    /// <returns>The slice, and the head with the last one.</returns>
    public (byte[] Slice, ImageHead? Head) Next(Func<ImageHead> head)
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
                Freeze(head);
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
        _listedAt = applied.Copy();
        long bytes = 0;
        foreach (var (key, entry) in keys.Entries)
        {
            if (isFirst ? IsWhole || !entry.IsCoveredBy(since) : !entry.IsCoveredBy(listedAt!))
            {
                _round.Add(key);
                bytes += key.Length + entry.ApproximateBytes;
            }
        }

        return bytes;
    }

    // Sealing makes events of its own: what they changed since the round was listed belongs to the end.
    private void AddChanged()
    {
        foreach (var (key, entry) in keys.Entries)
            if (!entry.IsCoveredBy(_listedAt!)) _round!.Add(key);
    }

    private void Freeze(Func<ImageHead> head)
    {
        for (; _next < _round!.Count; _next++)
        {
            Write(_round[_next]);
            if (_slice.Length >= settings.ImageSliceBytes) EndSlice();
        }

        // What was deleted and forgotten since it was sent must not stay with the receiver.
        if (keys.Dropped != _droppedBefore)
        {
            foreach (var key in _sent)
                if (keys.Find(key) is null) ImageSlice.WriteGone(_slice, key);
        }

        EndSlice();
        _head = head();
    }

    private void Write(Bytes key)
    {
        if (keys.Find(key) is not { } entry) return;
        ImageSlice.Write(_slice, key, entry, since);
        _sent.Add(key);
    }

    private void EndSlice()
    {
        _last.Enqueue(_slice.ToArray());
        _slice.Clear();
    }
}
