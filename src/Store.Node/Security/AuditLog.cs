using System.Threading.Channels;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Observability;

namespace Gossipdb.Node.Security;

/// <summary>
/// The log of who did what that matters for security, apart from what the node tells of itself. Lines are appended to files and never
/// changed. Any thread writes, and none waits: a bounded queue lies between it and the disk. What the disk does not take is counted, said
/// in the node's status, and told in the log itself once it can be.
/// </summary>
internal sealed class AuditLog : IAsyncDisposable
{
    /// <summary>Lines that may wait for the disk: with the longest of lines, some megabytes.</summary>
    public const int MaxWaiting = 4_096;

    // What somebody may try as often as they like, and what a restore does for each of a million keys.
    private const int MostRefusals = 20;
    private const int MostRestores = 1;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);
    private readonly NodeSettings _settings;
    private readonly NodeHealth _health;
    private readonly TimeProvider _time;
    private readonly AuditFile _file;
    private readonly AuditFloods _refusals;
    private readonly AuditFloods _restores;
    private readonly Channel<string> _waiting = Channel.CreateBounded<string>(
        new BoundedChannelOptions(MaxWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly Task _writing;
    private long _lost;
    private long _untoldLost;
    private volatile string? _trouble;

    /// <param name="settings">Where the files are, and how many.</param>
    /// <param name="health">Told where lines cannot be written.</param>
    /// <param name="time">The clock that stamps.</param>
    public AuditLog(NodeSettings settings, NodeHealth health, TimeProvider time)
    {
        (_settings, _health, _time) = (settings, health, time);
        Directory = Path.Combine(settings.DataDirectory, "audit");
        _file = new AuditFile(Directory, settings.Audit.Files, settings.Audit.FileBytes);
        (_refusals, _restores) = (new AuditFloods(time, MostRefusals), new AuditFloods(time, MostRestores));
        _writing = Task.Run(WriteAllAsync);
    }

    /// <summary>Where the files are.</summary>
    public string Directory { get; }

    /// <summary>Lines that were not written, since the node started.</summary>
    public long Lost => Volatile.Read(ref _lost);

    /// <summary>Why lines cannot be written; null where they can.</summary>
    public string? Trouble => _trouble;

    /// <summary>
    /// Why an action that must leave a trace is not to be done now; null where it may be. Only where <c>gossipdb.audit.required</c> is on.
    /// </summary>
    public string? Refusal => _settings.Audit.IsRequired && _trouble is { } trouble
        ? $"node {_settings.Id} cannot write its audit log, and gossipdb.audit.required is on: {trouble}; nothing was done"
        : null;

    /// <summary>Writes a line. Never waits.</summary>
    /// <param name="action">What it is about.</param>
    /// <param name="who">Who did it.</param>
    /// <param name="what">What it was done to: a user's name, a key, a node. Never a secret.</param>
    /// <param name="outcome">What became of it.</param>
    /// <param name="detail">More, where there is more to say. Never a secret.</param>
    public void Write(AuditAction action, Caller who, string what, AuditOutcome outcome, string? detail = null)
    {
        var floods = action == AuditAction.Restore ? _restores : outcome == AuditOutcome.Done ? null : _refusals;
        if (floods?.MayWrite(action, outcome, who) != false) Enqueue(action, who, what, outcome, detail);
    }

    private void Enqueue(AuditAction action, Caller who, string what, AuditOutcome outcome, string? detail)
    {
        var line = AuditLine.Write(_time.GetUtcNow(), _settings.Id, action, who, what, outcome, detail);
        if (!_waiting.Writer.TryWrite(line)) Lose("the disk is too slow for it");
    }

    /// <summary>Waits until all that was written before is in the files, or lost.</summary>
    public async ValueTask DisposeAsync()
    {
        TellUnwritten(all: true);
        _waiting.Writer.TryComplete();
        await _writing;
        _file.Dispose();
    }

    private async Task WriteAllAsync()
    {
        try
        {
            while (await MoreAsync())
            {
                TellUnwritten(all: false);
                TellLost();
                while (_waiting.Reader.TryRead(out var line))
                {
                    if (_file.Append(line) is { } why) Lose(why);
                    else TellLost();
                }
            }
        }
        catch (Exception unexpected)
        {
            _health.Fail("the audit log failed", unexpected);
        }
    }

    // While lines are lost the disk is asked again every so often: also where nobody writes, because nothing is done without a trace.
    private async Task<bool> MoreAsync()
    {
        using var patience = new CancellationTokenSource(
            _trouble is not null ? RetryAfter
            : _refusals.IsCounting || _restores.IsCounting ? LookEvery
            : Timeout.InfiniteTimeSpan);
        try
        {
            return await _waiting.Reader.WaitToReadAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }

    private void TellUnwritten(bool all)
    {
        foreach (var (action, outcome, who, lines) in (IEnumerable<(AuditAction, AuditOutcome, Caller, long)>)
            [.. _refusals.TakeUntold(all), .. _restores.TakeUntold(all)])
        {
            Enqueue(action, who, string.Empty, outcome, $"{lines} more like it, not written one by one");
        }
    }

    private void TellLost()
    {
        if (Volatile.Read(ref _untoldLost) is not (> 0 and var untold)) return;
        var line = AuditLine.Write(
            _time.GetUtcNow(), _settings.Id, AuditAction.LinesLost, Caller.Anonymous, Directory, AuditOutcome.Failed,
            $"{untold} lines could not be written before this one");
        if (_file.Append(line) is not null) return;
        Interlocked.Add(ref _untoldLost, -untold);
        _trouble = null;
        _health.AuditFails(null);
    }

    private void Lose(string why)
    {
        Interlocked.Increment(ref _untoldLost);
        _trouble = $"{Directory}: {why}; {Interlocked.Increment(ref _lost)} lines are lost so far";
        _health.AuditFails(_trouble);
    }
}
