using System.IO.Hashing;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.State;

namespace Gossipdb.Replication.Images;

/// <summary>
/// Makes a backup of a replica that goes on working, as <see cref="ImageSource"/> makes an image: rounds of slices, and a last turn.
/// A backup is for readers and not for replicas. So it has the objects that a reader sees, each whole, and no trace of removals.
/// <para>
/// Since an earlier backup it has the keys that changed, each whole, whatever was collected meanwhile. A key that was deleted and dropped
/// left nothing behind. So where any may be missing, the hashes of the keys that did not change go along: the others are gone.
/// </para>
/// </summary>
public sealed class BackupSource
{
    private readonly PartitionState _state;
    private readonly VersionVector _since;
    private readonly BackupKeys _before;
    private readonly ReplicaSettings _settings;
    private readonly long _partBytes;
    private readonly ByteWriter _scratch = new();
    private readonly List<Bytes> _sent = [];
    private readonly long _droppedBefore;
    private readonly int _replacedBefore;
    private List<Bytes> _round = [];
    private VersionVector? _listedAt;
    private int _next;
    private int _rounds;
    private long _roundBytes = long.MaxValue;

    /// <param name="state">The replica's state.</param>
    /// <param name="settings">How much goes into a slice, and into the last turn.</param>
    /// <param name="since">The clock of the earlier backup. Empty where every key is wanted.</param>
    /// <param name="before">The keys that it had.</param>
    /// <param name="partBytes">A larger object is told in parts of about that size.</param>
    internal BackupSource(
        PartitionState state, ReplicaSettings settings, VersionVector since, BackupKeys before, long partBytes)
    {
        (_state, _settings, _since, _before, _partBytes) = (state, settings, since, before, partBytes);
        (_droppedBefore, _replacedBefore) = (state.Keys.Dropped, state.Keys.Replaced);
    }

    /// <summary>True where every key is told of.</summary>
    public bool IsWhole => _since.Count == 0;

    /// <summary>True where it is of this state, and nobody else's image has replaced that since it was begun.</summary>
    internal bool IsOf(PartitionState state) => ReferenceEquals(state, _state) && state.Keys.Replaced == _replacedBefore;

    /// <summary>Tells the next keys, see <see cref="BackupSources.Continue"/>.</summary>
    internal BackupEnd? Next(List<SavedObject> into)
    {
        long bytes = 0;
        while (true)
        {
            if (_next < _round.Count)
            {
                bytes += Tell(_round[_next++], into);
                if (bytes >= _settings.ImageSliceBytes) return null;
            }
            else
            {
                var before = _roundBytes;
                _roundBytes = BeginRound();
                var most = PreCopyRounds.MostLeft(_roundBytes, before, _settings);
                if (_roundBytes <= most || _rounds > PreCopyRounds.Most) return End(into);
            }
        }
    }

    /// <returns>About how many bytes the round has to tell.</returns>
    private long BeginRound()
    {
        var seen = _listedAt ?? _since;
        _listedAt = _state.Applied.Copy();
        (_round, _next) = ([], 0);
        long bytes = 0;
        foreach (var (key, entry) in _state.Keys.Entries)
        {
            if (!IsNews(entry, seen)) continue;
            _round.Add(key);
            bytes += key.Length + entry.ApproximateBytes;
        }

        _rounds++;
        return bytes;
    }

    // A clock that covers nothing has not seen what has no last change either.
    private static bool IsNews(KeyEntry entry, VersionVector seen) => seen.Count == 0 || !entry.IsCoveredBy(seen);

    private BackupEnd End(List<SavedObject> into)
    {
        for (; _next < _round.Count; _next++) Tell(_round[_next], into);

        // A key may have been deleted and dropped since it was told.
        if (_state.Keys.Dropped != _droppedBefore)
        {
            foreach (var key in _sent)
                if (_state.Keys.Find(key) is null) into.Add(SavedObject.Gone(key));
        }

        var (all, stood, unchanged) = (new BackupKeys(0, 0), new BackupKeys(0, 0), new List<ulong>());
        foreach (var (key, entry) in _state.Keys.Entries)
        {
            if (entry.Answering is not { } answering) continue;
            var hash = HashOf(key);
            all = all.With(hash);
            if (IsWhole) continue;
            var isUnchanged = entry.IsCoveredBy(_since);
            if (isUnchanged) unchanged.Add(hash);
            if (isUnchanged || _since.Contains(answering.CreatedBy)) stood = stood.With(hash);
        }

        return new BackupEnd(
            _state.Applied.Copy(), _state.Keys.StableCut.Clock, _state.LastTimestamp, all, IsWhole || stood == _before ? null : unchanged);
    }

    /// <summary>The hash that names a key in a backup: XxHash3 of its bytes.</summary>
    public static ulong HashOf(Bytes key) => XxHash3.HashToUInt64(key.Span);

    private long Tell(Bytes key, List<SavedObject> into)
    {
        if (_state.Keys.Find(key) is not { } entry) return 0;
        _sent.Add(key);
        if (entry.Answering is not { } answering)
        {
            if (!IsWhole || _rounds > 1) into.Add(SavedObject.Gone(key));
            return key.Length;
        }

        return SavedObject.Add(key, entry, answering, _partBytes, _scratch, into);
    }
}
