namespace Gossipdb.Node;

/// <summary>Whether the node can do its work, and if not, why. Any thread may ask; the parts that fail report here, loudly and for good.</summary>
internal sealed class NodeHealth(ILogger<NodeHealth> logger, IHostApplicationLifetime lifetime)
{
    private readonly RateLimitedLog _nowAndThen = new(logger);
    private int _recovering = -1;
    private volatile string? _journalTrouble;
    private volatile string? _layoutTrouble;
    private volatile string? _lost;
    private volatile string? _clockTrouble;

    /// <summary>Set where the process must end with an error.</summary>
    public string? Fatal { get; private set; }

    /// <summary>True once every owned partition serves.</summary>
    public bool IsReady => Volatile.Read(ref _recovering) == 0 && _journalTrouble is null && _lost is null;

    /// <summary>True where the journal failed: nothing is written any more, reads go on.</summary>
    public bool RefusesWrites => _journalTrouble is not null;

    /// <summary>Why the node is not ready or refuses writes, or what else an operator must know; empty where all is well.</summary>
    public string Trouble => _lost ?? _journalTrouble ?? (Volatile.Read(ref _recovering) != 0 ? "starting: reading the journal, and asking the other owners whether it is up to date" : _layoutTrouble) ?? _clockTrouble ?? string.Empty;

    /// <summary>Sets how many partitions have to be recovered before the node is ready.</summary>
    public void ExpectPartitions(int count) => Volatile.Write(ref _recovering, count);

    /// <summary>One more partition serves.</summary>
    public void PartitionServes()
    {
        if (Interlocked.Decrement(ref _recovering) == 0) logger.LogInformation("every owned partition serves");
    }

    /// <summary>The journal can no longer be written. The node refuses writes from here on.</summary>
    public void JournalFailed(string why)
    {
        if (_journalTrouble is not null) return;
        _journalTrouble = $"the journal failed, writes are refused: {why}";
        logger.LogCritical("{Trouble}", _journalTrouble);
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

    /// <summary>An operator has declared this node lost: it serves nobody any more, and nobody listens to it.</summary>
    public void DeclaredLost(string what)
    {
        if (_lost is not null) return;
        _lost = what;
        logger.LogCritical("{Trouble}", what);
    }

    /// <summary>Something was wrong and was put right; an operator may want to know.</summary>
    public void Warn(string what) => logger.LogWarning("{Warning}", what);

    /// <summary>Something was wrong that anybody outside can bring about at will: one line of a kind every so often, with how many there were.</summary>
    public void WarnNowAndThen(string kind, string what) => _nowAndThen.Warn(kind, what);

    /// <summary>Something that must not happen has happened: the process ends rather than go on from a state it cannot vouch for.</summary>
    public void Fail(string what, Exception? cause = null)
    {
        Fatal ??= cause is null ? what : $"{what}: {cause.Message}";
        logger.LogCritical(cause, "{Fatal}; the node stops", what);
        lifetime.StopApplication();
    }
}
