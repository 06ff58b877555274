using Akka.Actor;
using Akka.Persistence;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Observability;

namespace Gossipdb.Node.Journal;

/// <summary>
/// Reads all of the journal back every so often, at a low rate, and compares the checksums. What it finds damaged is on the disk alone: the
/// partitions have it in memory, as it was when it was written. So all of them write images, and the damaged record goes with what lies
/// before those.
/// </summary>
internal sealed class JournalScrub : UntypedActor, IWithTimers
{
    /// <summary>Asks for the <see cref="ScrubStatus"/>.</summary>
    public sealed record StatusQuery : IPartQuestion
    {
        public static readonly StatusQuery Instance = new();
    }

    private sealed record Begin
    {
        public static readonly Begin Instance = new();
    }

    private sealed record NextPage
    {
        public static readonly NextPage Instance = new();
    }

    // A few of the largest records at a time.
    private const int PageRecords = 8;
    private readonly NodeSettings _settings;
    private readonly JournalDamage _damage;
    private readonly JournalDatabase _database;
    private readonly IActorRef _log;
    private readonly Func<int, string> _nameOf;
    private readonly IActorRef _journal = Persistence.Instance.Apply(Context.System).JournalFor(null);
    private readonly List<JournalRecord.Entry> _entries = [];
    private ScrubStatus _status = new(0, 0, 0, 0, 0);
    private long _read;
    private long _records;
    private long _pageBytes;
    private int _page;

    // Records that were not where they should be: they may have been cut off meanwhile.
    private (long From, long To)? _missing;

    /// <param name="settings">How often, and how fast.</param>
    /// <param name="damage">Told what is damaged.</param>
    /// <param name="database">Told where it cannot be read.</param>
    /// <param name="log">What writes the journal.</param>
    /// <param name="nameOf">A journal's owner, in words for people.</param>
    public JournalScrub(NodeSettings settings, JournalDamage damage, JournalDatabase database, IActorRef log, Func<int, string> nameOf) =>
        (_settings, _damage, _database, _log, _nameOf) = (settings, damage, database, log, nameOf);

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => BeginLater();

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Begin:
                (_read, _records, _status) = (0, 0, _status with { Bytes = 0 });
                Ask();
                break;
            case NextPage:
                Ask();
                break;
            case ReplayedMessage { Persistent: var persistent }:
                Check(persistent.SequenceNr, persistent.Payload as byte[]);
                break;
            case RecoverySuccess:
                EndPage();
                break;
            case ReplayMessagesFailure failure:
                _database.NoteFailure(failure.Cause);
                Found(0, JournalDamage.Anyones, $"{_database.Name} cannot be read behind record {_read}: {failure.Cause.Message}");
                BeginLater();
                break;
            case JournalStatus status when _missing is var (from, to):
                _missing = null;
                if (status.FirstRecord < to)
                    Found(from, JournalDamage.Anyones, $"records {Math.Max(from, status.FirstRecord)} to {to - 1} are missing");
                break;
            case StatusQuery:
                Sender.Tell(_status);
                break;
        }
    }

    private void BeginLater() => Timers.StartSingleTimer(Begin.Instance, Begin.Instance, _settings.ScrubInterval);

    private void Ask()
    {
        (_page, _pageBytes) = (0, 0);
        _journal.Tell(new ReplayMessages(_read + 1, long.MaxValue, PageRecords, $"node-{_settings.Id}", Self));
    }

    private void Check(long number, byte[]? record)
    {
        if (_read > 0 && number != _read + 1 && _missing is null)
        {
            _missing = (_read + 1, number);
            _log.Tell(CommitLog.StatusQuery.Instance);
        }

        _read = number;
        _records++;
        _page++;
        _pageBytes += record?.Length ?? 0;
        if (record is null || !JournalRecord.TryDecode(record, _entries))
        {
            Found(number, JournalDamage.Anyones, $"record {number}");
            return;
        }

        foreach (var entry in _entries)
            if (entry.Encoded is null) Found(number, entry.Journal, $"what record {number} holds of {_nameOf(entry.Journal)}");
    }

    private void EndPage()
    {
        _status = _status with { Bytes = _status.Bytes + _pageBytes };
        if (_page > 0)
        {
            var pause = TimeSpan.FromSeconds((double)_pageBytes / _settings.ScrubBytesPerSecond);
            Timers.StartSingleTimer(NextPage.Instance, NextPage.Instance, pause);
            return;
        }

        _status = new ScrubStatus(_database.Time.GetUtcNow().ToUnixTimeMilliseconds(), _records, _status.Bytes, 0, _status.Found);
        BeginLater();
    }

    // Known damage is being mended already.
    private void Found(long number, int journal, string what)
    {
        var said = $"{what}, found on the disk by the scrub; what is in memory is right and is written anew";
        if (!_damage.Note(number, journal, said)) return;
        _status = _status with { Found = _status.Found + 1 };
        _log.Tell(CommitLog.SnapshotAll.Instance);
    }
}
