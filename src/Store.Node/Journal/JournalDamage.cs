namespace Gossipdb.Node.Journal;

/// <summary>
/// What of the node's journal was found damaged or missing since the start: it is said in the log, counted, and never handed on. Any
/// thread.
/// </summary>
/// <param name="logger">Told of each finding.</param>
internal sealed class JournalDamage(ILogger<JournalDamage> logger)
{
    /// <summary>In place of a journal's number: it cannot be told whose it was.</summary>
    public const int Anyones = -1;

    private const int MostNamed = 20;
    private const int MostSeen = 100_000;
    private readonly Lock _gate = new();
    private readonly HashSet<(long Number, int Journal)> _seen = [];
    private readonly List<string> _found = [];

    /// <summary>How many there were, and the first of them in words for people.</summary>
    public (int Count, string[] Found) Now
    {
        get
        {
            lock (_gate) return (_seen.Count, [.. _found]);
        }
    }

    /// <summary>Notes a finding. What was noted before is not noted again.</summary>
    /// <param name="number">The record; 0 where the file as a whole is damaged.</param>
    /// <param name="journal">Whose entry it is (<see cref="IJournalOwners"/>), or <see cref="Anyones"/>.</param>
    /// <param name="what">What is damaged, in words for people.</param>
    /// <returns>False where it was noted before.</returns>
    public bool Note(long number, int journal, string what)
    {
        lock (_gate)
        {
            if (_seen.Count >= MostSeen || !_seen.Add((number, journal))) return false;
            if (_found.Count < MostNamed) _found.Add(what);
        }

        logger.LogError(
            "the journal is damaged: {What}; what is damaged is never served, and is mended from other owners. Look at 'gossipdb status', "
                + "and at the disk",
            what);
        return true;
    }
}
