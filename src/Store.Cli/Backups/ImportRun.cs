using System.Collections.Concurrent;
using System.Globalization;
using Gossipdb.Cli.Output;
using Gossipdb.Client;

namespace Gossipdb.Cli.Backups;

/// <summary>
/// Imports lines: short ones of one partition together, a bounded number at once, those of one key in their order. A bad line is told by
/// its number; the others go on.
/// </summary>
internal sealed class ImportRun(
    GossipdbClient client, RestoreTarget target, ByteForm form, Write write, int parallel, bool withStates, Action<string> tellBad)
{
    private readonly ValueWriter _values = new(form, write);
    private readonly ConcurrentDictionary<Bytes, Task> _running = new();
    private readonly string _id = Guid.NewGuid().ToString("n");
    private readonly DateTimeOffset _begun = DateTimeOffset.UtcNow;

    // Keys whose line waits in a group.
    private readonly HashSet<Bytes> _waiting = [];
    private long _bad;
    private long _done;
    private long _expired;

    /// <summary>Lines that were not imported.</summary>
    public long Bad => _bad;

    /// <summary>Lines that were.</summary>
    public long Done => _done;

    /// <summary>Lines whose key's life was over.</summary>
    public long Expired => _expired;

    /// <summary>Imports all lines of a text.</summary>
    public async Task RunAsync(TextReader text, CancellationToken stop)
    {
        using var slots = new SemaphoreSlim(parallel, parallel);
        var groups = new PartitionGroups<ImportLine>(target.PartitionOf, PartitionGroups<ImportLine>.MostFor(parallel));
        for (long number = 1; await text.ReadLineAsync(stop) is { } content; number++)
        {
            if (string.IsNullOrWhiteSpace(content)) continue;
            ImportLine line;
            try
            {
                line = ImportLine.Parse(number, content, form);
            }
            catch (FormatException wrong)
            {
                TellBad(number, wrong.Message);
                continue;
            }

            if (line.Expires <= DateTimeOffset.UtcNow)
            {
                _expired++;
                continue;
            }

            if (_waiting.Contains(line.Key)) await StartAsync(groups.Take(line.Key)!, slots, stop);
            if (_running.TryGetValue(line.Key, out var before)) await before;
            if (content.Length > PartitionGroups<ImportLine>.SmallBytes || line.States.Count > 1)
            {
                await StartAsync([line], slots, stop);
                continue;
            }

            _waiting.Add(line.Key);
            if (groups.Add(line.Key, line, content.Length) is { } full) await StartAsync(full, slots, stop);
        }

        foreach (var rest in groups.TakeAll()) await StartAsync(rest, slots, stop);
        for (var i = 0; i < parallel; i++) await slots.WaitAsync(stop);
    }

    private async Task StartAsync(List<ImportLine> lines, SemaphoreSlim slots, CancellationToken stop)
    {
        foreach (var _ in lines) await slots.WaitAsync(stop);
        foreach (var line in lines) _waiting.Remove(line.Key);
        var running = ImportAsync(lines, slots, stop);
        foreach (var line in lines)
            if (!running.IsCompleted) _running[line.Key] = running;
    }

    private async Task ImportAsync(List<ImportLine> lines, SemaphoreSlim slots, CancellationToken stop)
    {
        await Task.Yield();
        try
        {
            if (lines.Count > 1 && await TogetherAsync(lines, stop)) return;
            foreach (var line in lines) await ImportAsync(line, stop);
        }
        finally
        {
            foreach (var line in lines) _running.TryRemove(line.Key, out _);
            slots.Release(lines.Count);
        }
    }

    // False where nothing of it was applied: one by one it shows which line is bad.
    private async Task<bool> TogetherAsync(List<ImportLine> lines, CancellationToken stop)
    {
        try
        {
            if (withStates) await target.Writer.WriteAsync([.. lines.SelectMany(Named)], stop);
            else await WriteAsync(lines, stop);
            Interlocked.Add(ref _done, lines.Count);
            return true;
        }
        catch (Exception unsure) when (unsure is IndeterminateException or TimedOutException or ConnectionException)
        {
            foreach (var line in lines) TellBad(line, unsure);
            return true;
        }
        catch (Exception wrong) when (IsOfLine(wrong))
        {
            return false;
        }
    }

    private async Task WriteAsync(List<ImportLine> lines, CancellationToken stop)
    {
        var batch = client.Batch();
        foreach (var line in lines)
        {
            batch.Collect(store =>
            {
                // What a line writes into a batch is done at once.
                _values.WriteAsync(store, line.Key, line.Type, line.Value, stop).GetAwaiter().GetResult();
                if (line.Expires is { } end) store.ExpireAsync(line.Key, end - DateTimeOffset.UtcNow, write, stop).GetAwaiter().GetResult();
                return Task.FromResult<Receipt>(null!);
            });
        }

        // Of empty sets and the like there is nothing to write.
        if (batch.Count > 0) await batch.ExecuteAsync(write, stop);
    }

    private async Task ImportAsync(ImportLine line, CancellationToken stop)
    {
        try
        {
            if (withStates)
            {
                foreach (var part in Named(line)) await target.Writer.WriteAsync([part], stop);
            }
            else
            {
                await _values.WriteAsync(client, line.Key, line.Type, line.Value, stop);
                if (line.Expires is { } end) await client.ExpireAsync(line.Key, end - DateTimeOffset.UtcNow, write, stop);
            }

            Interlocked.Increment(ref _done);
        }
        catch (Exception wrong) when (IsOfLine(wrong))
        {
            TellBad(line, wrong);
        }
    }

    private NamedEntry[] Named(ImportLine line)
    {
        if (line.States.Count == 0) throw new FormatException("it has no 'state': export with --state, or import without");
        var names = new RestoreNames(string.Create(CultureInfo.InvariantCulture, $"{_id}/{line.Number}"), _begun);
        return
        [
            .. line.States.Select((state, part) => names.Of(
                new BackupEntry(line.Key, line.Type, state, line.Expires, Continues: part > 0), part, mayHaveBeenSent: false)),
        ];
    }

    private static bool IsOfLine(Exception wrong) => wrong is GossipdbException or FormatException or CliException or ArgumentException;

    private void TellBad(ImportLine line, Exception wrong) => TellBad(line.Number, $"'{line.Key.ToEscaped()}': {wrong.Message}");

    private void TellBad(long number, string problem)
    {
        Interlocked.Increment(ref _bad);
        tellBad(string.Create(CultureInfo.InvariantCulture, $"line {number}: {problem}"));
    }
}
