using Gossipdb.Node.Configuration;
using Gossipdb.Node.Observability;
using Gossipdb.Replication.Hosting;
using Gossipdb.Replication.State;

namespace Gossipdb.Node.Journal;

/// <summary>
/// Hands the pages of the journal over to the partitions at the node's start, in passes (<see cref="RecoveryPasses"/>). The records of a
/// page are handed over on one thread a lane, because partitions of different lanes have nothing in common. All of them have been taken
/// before the next page is: whoever reads is never further ahead than by one page. Of one thread, but for what it says.
/// </summary>
internal sealed class JournalReplay
{
    private readonly NodeHealth _health;
    private readonly JournalDamage _damage;
    private readonly string? _suspicion;
    private readonly IJournalOwners _owners;
    private readonly JournalSpace _space;
    private readonly string _name;
    private readonly int _partitions;
    private readonly RecoveryPasses _passes;
    private readonly LaneShare[] _lanes;

    /// <param name="settings">The node's settings.</param>
    /// <param name="health">Told how far the journal has been read, and when it cannot be.</param>
    /// <param name="damage">Told what is damaged.</param>
    /// <param name="owners">Who the records are of.</param>
    /// <param name="space">Told what the journal holds.</param>
    /// <param name="database">What the journal is in.</param>
    public JournalReplay(
        NodeSettings settings, NodeHealth health, JournalDamage damage, IJournalOwners owners, JournalSpace space,
        JournalDatabase database)
    {
        (_health, _damage, _owners, _space, _partitions) = (health, damage, owners, space, settings.Partitions);
        (_name, _suspicion) = (database.Name, database.Suspicion);
        var bytes = database.BytesOnDisk();
        _passes = new RecoveryPasses(settings.Partitions, bytes);
        _lanes = new LaneShare[Math.Min(settings.Lanes, settings.Partitions)];
        for (var i = 0; i < _lanes.Length; i++) _lanes[i] = new LaneShare(this, i);
        health.ReadingJournal(bytes, _passes.Count, settings.Partitions);
    }

    /// <summary>True until all passes have ended.</summary>
    public bool IsReading => !_passes.IsEnded;

    /// <summary>The records of the journal.</summary>
    public long Records { get; private set; }

    /// <summary>What was handed over of them.</summary>
    public long Entries { get; private set; }

    /// <summary>Hands a page over.</summary>
    /// <returns>False where nobody can take some of it: the node ends, because to go on without it is to lose what was acked.</returns>
    public async Task<bool> TakeAsync(JournalPage page)
    {
        var handed = new Task<bool>[_lanes.Length];
        for (var i = 0; i < handed.Length; i++)
        {
            var lane = _lanes[i];
            handed[i] = Task.Run(() => lane.TryTake(page));
        }

        var taken = await Task.WhenAll(handed).ConfigureAwait(false);
        if (_passes.Current == 1)
        {
            for (var i = 0; i < page.Count; i++) _space.Add(page.NumberOf(i), page[i].Length);
            Records += page.Count;
        }

        foreach (var lane in _lanes) Entries += lane.TakeCount();
        _health.JournalPageRead(page.Count, page.Bytes);
        return Array.TrueForAll(taken, static one => one);
    }

    /// <summary>The journal's end has come once more: the partitions of the pass open.</summary>
    public void EndPass()
    {
        var (first, end) = (_passes.First, _passes.End);
        foreach (var lane in _lanes) lane.EndPass(_suspicion);
        _passes.EndPass();
        _health.JournalPassRead(end);
        _owners.Recovered(first, end);
        if (_passes.IsEnded) _health.JournalRead();
    }

    // What one lane's partitions take of the pages.
    private sealed class LaneShare(JournalReplay replay, int lane)
    {
        private readonly List<JournalRecord.Entry> _entries = [];
        private long _count;
        private long _last;

        public long TakeCount()
        {
            var count = _count;
            _count = 0;
            return count;
        }

        public bool TryTake(JournalPage page)
        {
            for (var i = 0; i < page.Count; i++)
            {
                var number = page.NumberOf(i);
                var whose = "no record at all";
                try
                {
                    if (_last > 0 && number != _last + 1)
                        DamageAll(_last + 1, $"records {_last + 1} to {number - 1} are missing");
                    _last = number;
                    if (!JournalRecord.TryDecode(page[i], _entries, this, static (share, journal) => share.Takes(journal)))
                    {
                        _entries.Clear();
                        DamageAll(number, $"record {number}");
                    }

                    foreach (var (journal, encoded) in _entries)
                    {
                        whose = replay._owners.NameOf(journal);
                        if (encoded is null)
                        {
                            Damage(number, journal, journal, $"what record {number} holds of {whose}");
                            continue;
                        }

                        whose += $", of kind {(encoded.Length == 0 ? "none" : ((JournalRecordKind)encoded[0]).ToString())}";
                        replay._owners.Recover(journal, encoded);
                        replay._space.Note(journal, number, encoded);
                        _count++;
                    }
                }
                catch (Exception unusable)
                {
                    replay._health.Fail($"record {number} of the journal {replay._name} cannot be recovered ({whose})", unusable);
                    return false;
                }
            }

            return true;
        }

        /// <summary>The pass ends. Where the whole journal is suspect, so is whatever each of its owners has been told.</summary>
        public void EndPass(string? suspicion)
        {
            _last = 0;
            if (suspicion is not null) DamageAll(0, suspicion);
        }

        // It cannot be told whose it was.
        private void DamageAll(long number, string what)
        {
            for (var journal = 0; journal < 2 * replay._partitions; journal++)
                if (Takes(journal)) Damage(number, journal, JournalDamage.Anyones, what);
        }

        private void Damage(long number, int journal, int charged, string what)
        {
            replay._damage.Note(number, charged, what);
            replay._owners.RecoverDamage(journal, what);
            if (number > 0) replay._space.NoteDamaged(journal, number);
        }

        // What is of nobody is refused by whoever is asked first.
        private bool Takes(int journal)
        {
            if (journal >= 2 * replay._partitions) return lane == 0;
            var partition = journal % replay._partitions;
            return partition % replay._lanes.Length == lane && replay._passes.Takes(partition);
        }
    }
}
