using Akka.Actor;
using Akka.Persistence;

namespace Gossipdb.Node.Journal;

/// <summary>
/// Reads the journal from its beginning to what was its end at the start, a page at a time and only when it is asked for the next one.
/// (Akka's own recovery asks for all of it at once, and the journal plugin tells record after record to the actor's mailbox, as fast as
/// it reads.) There are two pages: whoever asks for the next one may keep the last, and no other.
/// </summary>
internal sealed class JournalReader : UntypedActor
{
    /// <summary>Asks for the next page.</summary>
    public sealed record Next
    {
        public static readonly Next Instance = new();
    }

    /// <summary>Asks for the first page once more.</summary>
    public sealed record Again
    {
        public static readonly Again Instance = new();
    }

    /// <summary>The journal cannot be read.</summary>
    public sealed record Failed(Exception Cause);

    private readonly string _persistenceId;
    private readonly long _last;
    private readonly int _pageRecords;
    private readonly TimeSpan _patience;
    private readonly IActorRef _journal = Persistence.Instance.Apply(Context.System).JournalFor(null);
    private readonly bool _givesPages = FastJournal.IsOf(Context.System);
    private JournalPage _page = new();
    private JournalPage _spare = new();
    private long _read;

    /// <param name="persistenceId">Whose records.</param>
    /// <param name="last">The number of the last one.</param>
    /// <param name="pageRecords">The records of a page, where it is not known how large they are.</param>
    /// <param name="patience">For how long the journal may hand over nothing.</param>
    public JournalReader(string persistenceId, long last, int pageRecords, TimeSpan patience) =>
        (_persistenceId, _last, _pageRecords, _patience) = (persistenceId, last, pageRecords, patience);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Next:
                Ask();
                break;
            case Again:
                _read = 0;
                Ask();
                break;
            case ReplayedMessage { Persistent: { Payload: byte[] record } persistent }:
                _page.Add(persistent.SequenceNr, record);
                break;
            case ReplayedMessage replayed:
                Context.Parent.Tell(new Failed(new InvalidDataException($"record {replayed.Persistent.SequenceNr} holds a "
                    + $"{replayed.Persistent.Payload?.GetType().Name}, not bytes")));
                break;
            case RecoverySuccess or JournalPage:
                EndPage();
                break;
            case ReceiveTimeout:
                Context.Parent.Tell(new Failed(new TimeoutException($"nothing came of it for {_patience.TotalSeconds:0.###} s after "
                    + $"record {(_page.Count > 0 && !_givesPages ? _page.Last : _read)} of {_last} (gossipdb.journal.read-patience)")));
                break;
            case ReplayMessagesFailure failure:
                Context.Parent.Tell(new Failed(failure.Cause));
                break;
        }
    }

    private void Ask()
    {
        (_page, _spare) = (_spare, _page);
        _page.Clear();
        Context.SetReceiveTimeout(_patience);
        _journal.Tell(_givesPages
            ? new FastJournal.ReadPage(_page, _persistenceId, _read + 1, _last, _pageRecords)
            : new ReplayMessages(_read + 1, _last, _pageRecords, _persistenceId, Self));
    }

    private void EndPage()
    {
        Context.SetReceiveTimeout(null);
        if (_page.Count > 0) _read = _page.Last;

        // Where the last records were deleted the journal ends before its last number.
        _page.IsLast = _page.Count == 0 || _read >= _last;
        Context.Parent.Tell(_page);
    }
}
