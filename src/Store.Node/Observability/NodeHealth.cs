namespace Gossipdb.Node.Observability;

/// <summary>
/// Whether the node can do its work, and if not, why. Any thread may ask; the parts that fail report here, loudly and for good.
/// </summary>
internal sealed class NodeHealth(ILogger<NodeHealth> logger, IHostApplicationLifetime lifetime)
{
    private const int MostNamed = 5;
    private const long TellEveryMs = 5_000;
    private const long MostBetweenPulsesMs = 30_000;
    private readonly RateLimitedLog _repeated = new(logger);
    private int _recovering;
    private volatile bool _isReading = true;
    private volatile RecoveryProgress _progress = RecoveryProgress.None;
    private volatile string? _damage;
    private long _toldAtMs;
    private int _hasStarted;
    private string? _silentNames;
    private volatile string? _journalTrouble;
    private volatile string? _journalWaits;
    private volatile string? _layoutTrouble;
    private readonly SortedDictionary<string, string> _unusable = new(StringComparer.Ordinal);
    private volatile string? _unusableText;
    private volatile string? _lost;
    private volatile string? _silent;
    private volatile string? _fatal;
    private readonly CancellationTokenSource _failed = new();
    private long _silentForMs;
    private long _pulseAtMs = -1;
    private volatile string? _clockTrouble;
    private volatile string? _auditTrouble;
    private volatile string? _certificateTrouble;

    /// <summary>Set where the process must end with an error.</summary>
    public string? Fatal => _fatal;

    /// <summary>Cancelled where the process must end with an error: nobody is kept waiting for an answer that does not come.</summary>
    public CancellationToken Failed => _failed.Token;

    /// <summary>True once every owned partition serves, as long as every part of the node answers.</summary>
    public bool IsReady =>
        Fatal is null && !IsStarting && _journalTrouble is null && _lost is null && Silent is null;

    /// <summary>False where only a new start can help: the node has failed, or some part of it has not answered for that long.</summary>
    public bool IsLive(TimeSpan within) =>
        Fatal is null && Math.Max(Volatile.Read(ref _silentForMs), SincePulseMs) < within.TotalMilliseconds;

    /// <summary>True where the journal failed: nothing is written any more, reads go on.</summary>
    public bool RefusesWrites => _journalTrouble is not null;

    /// <summary>Why the node is not ready or refuses writes, or what else an operator must know; empty where all is well.</summary>
    public string Trouble => Fatal ?? _lost ?? _journalTrouble ?? _journalWaits
        ?? Silent ?? (IsStarting ? Starting : _layoutTrouble ?? _unusableText) ?? _clockTrouble ?? _certificateTrouble ?? _auditTrouble
        ?? string.Empty;

    /// <summary>That many more partitions have to serve before the node is ready.</summary>
    public void ExpectPartitions(int count) => Interlocked.Add(ref _recovering, count);

    /// <summary>How far the journal has been read.</summary>
    public RecoveryProgress Recovery => _progress;

    /// <summary>The journal is about to be read.</summary>
    /// <param name="bytes">About how many bytes it has.</param>
    /// <param name="passes">How often it is read.</param>
    /// <param name="partitions">How many partitions there are.</param>
    public void ReadingJournal(long bytes, int passes, int partitions)
    {
        _toldAtMs = Environment.TickCount64;
        _progress = new RecoveryProgress(1, passes, 0, 0, bytes, 0, partitions);
    }

    /// <summary>Records of the journal have been handed over. By one thread at a time.</summary>
    public void JournalPageRead(int records, long bytes)
    {
        _progress = _progress with { Records = _progress.Records + records, Bytes = _progress.Bytes + bytes };
        if (Environment.TickCount64 - _toldAtMs < TellEveryMs) return;
        _toldAtMs = Environment.TickCount64;
        logger.LogInformation("reading the journal: {Progress}", _progress);
    }

    /// <summary>The journal has been read to its end once more.</summary>
    /// <param name="partitions">The partitions that have heard all of it by now.</param>
    public void JournalPassRead(int partitions)
    {
        _progress = _progress with { Recovered = partitions };
        logger.LogInformation("the journal has been read: {Progress}", _progress);
        if (_progress.Pass < _progress.Passes) _progress = _progress with { Pass = _progress.Pass + 1, Records = 0, Bytes = 0 };
    }

    /// <summary>The last pass has ended, and what it found serves or is expected to.</summary>
    public void JournalRead()
    {
        _isReading = false;
        TellWhereStarted();
    }

    private bool IsStarting => _isReading || Volatile.Read(ref _recovering) != 0;

    private string Starting => _isReading
        ? _progress is { IsWorthTelling: true } progress ? $"starting: reading the journal ({progress})" : "starting"
        : "starting: asking the other owners whether the journal is up to date; partitions that do not serve yet: "
            + $"{Volatile.Read(ref _recovering)}" + (_damage is { } damage
                ? $"; the journal is damaged ({damage}): what it lacks has to come from them, or is given up with 'gossipdb repair "
                    + "--accept-loss'"
                : string.Empty);

    /// <summary>Something in the journal was found damaged or missing as it was read.</summary>
    /// <param name="what">What it is; the first where there is more.</param>
    public void JournalDamaged(string what) => _damage ??= what;

    /// <summary>One more partition serves.</summary>
    public void PartitionServes()
    {
        Interlocked.Decrement(ref _recovering);
        TellWhereStarted();
    }

    private void TellWhereStarted()
    {
        if (!IsStarting && Interlocked.Exchange(ref _hasStarted, 1) == 0) logger.LogInformation("every owned partition serves");
    }

    // Nobody is missed before the first look.
    private long SincePulseMs => Volatile.Read(ref _pulseAtMs) is >= 0 and var pulse ? Environment.TickCount64 - pulse : 0;

    private string? Silent =>
        _silent ?? (SincePulseMs < MostBetweenPulsesMs ? null : "the node's parts are not watched: it is out of threads or out of memory");

    /// <summary>The node's parts have been looked at.</summary>
    /// <param name="parts">Those that do not answer; null where all do.</param>
    /// <param name="longestMs">For how long one of them has not.</param>
    public void Pulse(IReadOnlyList<string>? parts, long longestMs)
    {
        Volatile.Write(ref _pulseAtMs, Environment.TickCount64);
        Volatile.Write(ref _silentForMs, longestMs);
        var named = parts is null
            ? null
            : string.Join(", ", parts.Take(MostNamed)) + (parts.Count > MostNamed ? $" and {parts.Count - MostNamed} more" : "");
        if (named == _silentNames) return;
        _silentNames = named;
        _silent = named is null ? null : $"no answer from {named}";
        if (named is null) logger.LogInformation("every part of the node answers again");
        else logger.LogError(
            "no answer from {Parts} for {Seconds} s: they are busy or stuck. If it goes on the node is not live, and is to be restarted",
            named, longestMs / 1_000);
    }

    /// <summary>A part of the node has ended. Unless the node stops anyway it fails.</summary>
    public void PartEnded(string part)
    {
        if (Fatal is null && !lifetime.ApplicationStopping.IsCancellationRequested) Fail($"{part} has ended unexpectedly");
    }

    /// <summary>The journal can no longer be written. The node refuses writes from here on.</summary>
    public void JournalFailed(string why)
    {
        if (_journalTrouble is not null) return;
        _journalTrouble = $"the journal failed, writes are refused: {why}";
        logger.LogCritical("{Trouble}; mend the disk or the server, then restart the node: reads go on meanwhile", _journalTrouble);
    }

    /// <summary>A commit waits for the journal's server, or for room, or waits no longer where <paramref name="why"/> is null.</summary>
    public void JournalWaits(string? why)
    {
        var before = _journalWaits;
        _journalWaits = why is null ? null : $"the journal waits, no write becomes durable: {why}";
        if (before is null && why is not null) logger.LogError("{Trouble}; it goes on by itself once that is mended", _journalWaits);
        else if (before is not null && why is null) logger.LogInformation("the journal has taken what waited for it");
    }

    /// <summary>Another node holds a layout unlike ours.</summary>
    public void LayoutDiffers(string what)
    {
        if (_layoutTrouble == what) return;
        _layoutTrouble = what;
        logger.LogError("{Trouble}", what);
    }

    /// <summary>This machine's clock cannot be trusted, or can be again where <paramref name="what"/> is null.</summary>
    public void ClockIsOff(string? what)
    {
        var before = _clockTrouble;
        _clockTrouble = what;
        if (before is null && what is not null) logger.LogError("{Trouble}", what);
        else if (before is not null && what is null) logger.LogInformation("this node's clock is right again");
    }

    /// <summary>Lines of the audit log cannot be written, or can be again where <paramref name="why"/> is null.</summary>
    public void AuditFails(string? why)
    {
        var before = _auditTrouble;
        _auditTrouble = why is null ? null : $"the audit log cannot be written: {why}";
        if (before is null && why is not null) logger.LogError("{Trouble}; it goes on by itself once that is mended", _auditTrouble);
        else if (before is not null && why is null) logger.LogInformation("the audit log is written again");
    }

    /// <summary>How the node's certificates are: what an operator must know of them, or null where all is well.</summary>
    public void CertificatesAre(string? what)
    {
        var before = _certificateTrouble;
        if (before == what) return;
        _certificateTrouble = what;
        if (what is not null) logger.LogWarning("{Trouble}", what);
        else logger.LogInformation("the node's certificates are good again");
    }

    /// <summary>
    /// Something of the layout that others say cannot be used here: it is skipped, and the node goes on with what it has.
    /// </summary>
    /// <param name="what">What cannot be used.</param>
    /// <param name="why">Why; null where it can by now.</param>
    public void LayoutUnusable(string what, string? why)
    {
        lock (_unusable)
        {
            if (why is null ? !_unusable.Remove(what) : _unusable.TryGetValue(what, out var known) && known == why) return;
            if (why is not null) _unusable[what] = why;
            _unusableText = _unusable.Count == 0
                ? null
                : string.Join("; ", _unusable.Select(static each => $"{each.Key} cannot be used and is ignored: {each.Value}"));
        }

        if (why is null) logger.LogInformation("{What} can be used again", what);
        else logger.LogError("{What} cannot be used and is ignored: {Why}", what, why);
    }

    /// <summary>An operator has declared this node lost: it serves nobody any more, and nobody listens to it.</summary>
    public void DeclaredLost(string what)
    {
        if (_lost is not null) return;
        _lost = what;
        logger.LogCritical("{Trouble}", what);
    }

    /// <summary>Something was wrong and was put right; an operator may want to know.</summary>
    public void Warn(string what) => logger.LogWarning("{Warning}", what);

    /// <summary>One call failed in a way nobody foresaw, having changed nothing.</summary>
    public void CallFailed(string where, string what, Exception unforeseen) => _repeated.Failed(where, what, unforeseen);

    /// <summary>
    /// Something was wrong that anybody outside can bring about at will: one line of a kind every so often, with how many there were.
    /// </summary>
    public void WarnNowAndThen(string kind, string what) => _repeated.Warn(kind, what);

    /// <summary>Something that must not happen has happened: the process ends rather than go on from a state it cannot vouch for.</summary>
    public void Fail(string what, Exception? cause = null)
    {
        _fatal ??= cause is null ? what : $"{what}: {cause.Message}";
        logger.LogCritical(cause, "{Fatal}; the node stops", what);
        _ = _failed.CancelAsync();
        lifetime.StopApplication();
    }
}
