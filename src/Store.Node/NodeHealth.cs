namespace Gossipdb.Node;

/// <summary>Whether the node can do its work, and if not, why. Any thread may ask; the parts that fail report here, loudly and for good.</summary>
internal sealed class NodeHealth(ILogger<NodeHealth> logger, IHostApplicationLifetime lifetime)
{
    private readonly UnforeseenFailures _failures = new(logger);
    private int _recovering = -1;
    private volatile string? _journalTrouble;
    private volatile string? _layoutTrouble;
    private volatile string? _lost;

    /// <summary>Set where the process must end with an error.</summary>
    public string? Fatal { get; private set; }

    /// <summary>True once every owned partition serves.</summary>
    public bool IsReady => Volatile.Read(ref _recovering) == 0 && _journalTrouble is null && _lost is null;

    /// <summary>True where the journal failed: nothing is written any more, reads go on.</summary>
    public bool RefusesWrites => _journalTrouble is not null;

    /// <summary>Why the node is not ready or refuses writes, or what else an operator must know; empty where all is well.</summary>
    public string Trouble => _lost ?? _journalTrouble ?? (Volatile.Read(ref _recovering) != 0 ? "starting: reading the journal, and asking the other owners whether it is up to date" : _layoutTrouble) ?? string.Empty;

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
    public void CallFailed(string where, string what, Exception unforeseen) => _failures.Note(where, what, unforeseen);

    /// <summary>Something that must not happen has happened: the process ends rather than go on from a state it cannot vouch for.</summary>
    public void Fail(string what, Exception? cause = null)
    {
        Fatal ??= cause is null ? what : $"{what}: {cause.Message}";
        logger.LogCritical(cause, "{Fatal}; the node stops", what);
        lifetime.StopApplication();
    }
}
