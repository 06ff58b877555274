using Gossipdb.Replication.Hosting;

namespace Gossipdb.Node.Journal;

/// <summary>
/// How long the journal is, and what of it is still needed. The journal may be twice as long as images of all partitions would be, and the
/// partition that holds the oldest record writes one when that is due; what lies before all that is needed is cut off. Images are
/// paced by what else is written, so that they are spread over the journal: then every one of them lets something be cut off, and the
/// journal stays as long as it is. (Were all of them written at once, none would let anything go before the last.) Nothing is written
/// where nothing is.
/// </summary>
/// <param name="owners">How many partitions and fallbacks there are.</param>
/// <param name="leastLimit">How long the journal may be at least.</param>
internal sealed class JournalSpace(int owners, long leastLimit)
{
    // Ticks until one that was asked, and has not, is asked again.
    private const int AskAgainAfter = 100;

    // Below this share of the limit no images are written: before the first ones are there nothing can be cut off.
    private const double Begins = 0.55;

    // The length that images are paced for, as a share of the limit: there their pace makes up for all that is written.
    private const double Aim = 0.87;

    // How far from that length, as a share of the limit, the pace is twice as high, or lower.
    private const double Band = 0.1;

    // The least and the greatest pace, in times of that at the aim. A pace that leapt would have all images written at once where the
    // journal gets too long: then none would let anything go before the last, and all would be due at once the next time.
    private const double Least = 0.8;
    private const double Urgent = 8;

    // The greatest pace while the journal is behind, in bytes of images for one that is written. The images wait with what is written, and
    // take its room: were they to catch up now, nothing else would be taken for as long. The journal becomes 1 + 1 / this times as long as
    // the images, and what waited longer.
    private const double Behind = 0.5;

    // How much of all images may be due at once, as a share; or twice the one that is due next, which may have grown by then, or what a
    // record asks for at the aim, where that is more.
    private const double Burst = 0.1;

    // What is written before more is cut off, as a share of the limit: each time costs a commit.
    private const int CutShare = 64;

    private readonly string?[] _because = new string?[owners];
    private readonly int[] _passOver = new int[owners];
    private readonly JournalNeeds[] _needs = [.. Enumerable.Range(0, owners).Select(_ => new JournalNeeds())];
    private readonly Queue<(long Number, int Bytes)> _records = new();
    private long _live;
    private double _credit;

    // What the image that is due next costs.
    private long _due;
    private long _addedSinceCut;
    private long _roundFrom;
    private long _last;

    /// <summary>The bytes of all records that are not cut off.</summary>
    public long Bytes { get; private set; }

    /// <summary>The number of the first record that is not cut off; 0 where there is none.</summary>
    public long First => _records.TryPeek(out var first) ? first.Number : 0;

    /// <summary>The number of the last record.</summary>
    public long Last => _last;

    /// <summary>About how many bytes images of all partitions take.</summary>
    public long LiveBytes => Volatile.Read(ref _live);

    /// <summary>How long the journal may be.</summary>
    public long Limit => Math.Max(leastLimit, 2 * LiveBytes);

    /// <summary>How many images were asked for.</summary>
    public long Asked { get; private set; }

    /// <summary>Counts a persisted record.</summary>
    public void Add(long number, int bytes)
    {
        _records.Enqueue((number, bytes));
        Bytes += bytes;
        _addedSinceCut += bytes;
        _last = number;
    }

    /// <summary>Notes that a record is damaged, or may be, in what it holds of an owner.</summary>
    public void NoteDamaged(int owner, long number) => _needs[owner].NoteDamaged(number);

    /// <summary>Everybody is to write an image, however long the journal is: something in it is damaged, and is to go.</summary>
    public void BeginRound() => _roundFrom = _last;

    /// <summary>Notes what a persisted record holds of an owner. Those of one owner on one thread at a time.</summary>
    public void Note(int owner, long number, ReadOnlySpan<byte> record)
    {
        var need = _needs[owner];
        var (live, from) = (need.LiveBytes, need.NeededFrom);
        need.Note(number, record);
        if (need.LiveBytes != live) Interlocked.Add(ref _live, need.LiveBytes - live);
        if (need.NeededFrom == from) return;
        _because[owner] = null;
        _passOver[owner] = 0;
    }

    /// <summary>Something was persisted that is not of an image: images may follow.</summary>
    /// <param name="bytes">How much.</param>
    /// <param name="isBehind">Whether much more waits to be persisted.</param>
    public void Earn(long bytes, bool isBehind)
    {
        var (live, limit) = (LiveBytes, Limit);
        if (Bytes <= Begins * limit)
        {
            _credit = 0;
            return;
        }

        var aim = Aim * limit;
        var pace = bytes * (live / (aim - live));
        var pull = Math.Clamp(1 + ((Bytes - aim) / (Band * limit)), Least, Urgent);
        var earned = isBehind ? Math.Min(pace * pull, Behind * bytes) : pace * pull;
        _credit = Math.Min(_credit + earned, Math.Max(Math.Max(Burst * live, 2 * _due), pace));
    }

    /// <summary>Who was asked for an image cannot write one now, and why.</summary>
    public void Skip(int owner, string because)
    {
        _because[owner] = because;
        _passOver[owner] = AskAgainAfter;
    }

    /// <summary>Who keeps the journal longer than it should be, and why; null where nobody does.</summary>
    public (int Owner, string Because)? HeldBackBy =>
        (Bytes > Limit || _roundFrom > 0) && Oldest() is >= 0 and var oldest && _because[oldest] is { } because ? (oldest, because) : null;

    /// <summary>The owners that hold the oldest records, the oldest first.</summary>
    /// <param name="most">How many at most.</param>
    public IReadOnlyList<JournalRoom.Holder> Holders(int most)
    {
        var oldest = Enumerable.Range(0, owners)
            .Where(owner => _needs[owner].NeededFrom <= _last)
            .OrderBy(owner => _needs[owner].NeededFrom)
            .Take(most)
            .Select(owner => new JournalRoom.Holder(owner, _needs[owner].NeededFrom, 0, _because[owner]))
            .ToArray();
        var (left, next) = (Bytes, 0);
        foreach (var (number, bytes) in _records)
        {
            for (; next < oldest.Length && oldest[next].NeededFrom <= number; next++) oldest[next] = oldest[next] with { Bytes = left };
            if (next == oldest.Length) break;
            left -= bytes;
        }

        return oldest;
    }

    /// <summary>Time has passed. Call it every tick.</summary>
    public void Tick()
    {
        for (var i = 0; i < _passOver.Length; i++)
            if (_passOver[i] > 0) _passOver[i]--;
    }

    /// <summary>An owner that is to write an image now; null where none is. Call it until then.</summary>
    public int? NextToSnapshot()
    {
        EndRound();

        // No image costs less than one byte: without credit there is nobody to look for. This is asked at every commit.
        if (_roundFrom == 0 && _credit < 1) return null;
        var oldest = Oldest(mayAsk: true);
        if (oldest < 0) return null;
        var cost = Math.Max(1, _needs[oldest].LiveBytes);
        if (_needs[oldest].NeededFrom > _roundFrom)
        {
            _due = cost;
            if (_credit < cost) return null;
            _credit -= cost;
        }

        _passOver[oldest] = AskAgainAfter;
        Asked++;
        return oldest;
    }

    /// <summary>What can be cut off by now, where it is worth while.</summary>
    /// <param name="upTo">The number of the last record that is not needed.</param>
    public bool TryCut(out long upTo)
    {
        upTo = 0;
        if (_addedSinceCut < Limit / CutShare || First is 0) return false;
        var needed = long.MaxValue;
        foreach (var need in _needs) needed = Math.Min(needed, need.NeededFrom);

        // The last one stays, whatever it holds: it tells the next start where the numbers go on.
        upTo = Math.Min(needed, _last) - 1;
        if (First > upTo) return false;
        _addedSinceCut = 0;
        while (_records.TryPeek(out var first) && first.Number <= upTo) Bytes -= _records.Dequeue().Bytes;
        return true;
    }

    // Everybody has: what lies before goes, however little it is.
    private void EndRound()
    {
        if (_roundFrom == 0 || (Oldest() is >= 0 and var oldest && _needs[oldest].NeededFrom <= _roundFrom)) return;
        _roundFrom = 0;
        _addedSinceCut = long.MaxValue / 2;
    }

    // Who holds the oldest record that is needed; of those that may be asked now. -1 where nobody does.
    private int Oldest(bool mayAsk = false)
    {
        var oldest = -1;
        for (var i = 0; i < _needs.Length; i++)
        {
            if ((mayAsk && _passOver[i] > 0) || _needs[i].NeededFrom == long.MaxValue) continue;
            if (oldest < 0 || _needs[i].NeededFrom < _needs[oldest].NeededFrom) oldest = i;
        }

        return oldest;
    }
}
