using System.Collections.Concurrent;
using System.Globalization;
using Gossipdb.Cli.Output;
using Gossipdb.Client;

namespace Gossipdb.Cli.Backups;

/// <summary>
/// Imports lines: a bounded number at once, those of one key in their order. A bad line is told by its number; the others go on.
/// </summary>
internal sealed class ImportRun(GossipdbClient client, ByteForm form, Write write, int parallel, bool withStates, Action<string> tellBad)
{
    private readonly ValueWriter _values = new(form, write);
    private readonly ConcurrentDictionary<Bytes, Task> _running = new();
    private readonly string _id = Guid.NewGuid().ToString("n");
    private readonly DateTimeOffset _begun = DateTimeOffset.UtcNow;
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

            if (_running.TryGetValue(line.Key, out var before)) await before;
            await slots.WaitAsync(stop);
            var running = ImportAsync(line, slots, stop);
            if (!running.IsCompleted) _running[line.Key] = running;
        }

        for (var i = 0; i < parallel; i++) await slots.WaitAsync(stop);
    }

    private async Task ImportAsync(ImportLine line, SemaphoreSlim slots, CancellationToken stop)
    {
        await Task.Yield();
        try
        {
            if (withStates) await RestoreAsync(line, stop);
            else await WriteAsync(line, stop);
            Interlocked.Increment(ref _done);
        }
        catch (Exception wrong) when (wrong is GossipdbException or FormatException or CliException or ArgumentException)
        {
            TellBad(line.Number, $"'{line.Key.ToEscaped()}': {wrong.Message}");
        }
        finally
        {
            _running.TryRemove(line.Key, out _);
            slots.Release();
        }
    }

    private async Task WriteAsync(ImportLine line, CancellationToken stop)
    {
        await _values.WriteAsync(client, line.Key, line.Type, line.Value, stop);
        if (line.Expires is { } end) await client.ExpireAsync(line.Key, end - DateTimeOffset.UtcNow, write, stop);
    }

    private async Task RestoreAsync(ImportLine line, CancellationToken stop)
    {
        if (line.States.Count == 0) throw new FormatException("it has no 'state': export with --state, or import without");
        var run = new RestoreRun(client, write, 1, "", string.Create(CultureInfo.InvariantCulture, $"{_id}/{line.Number}"), _begun);
        var entries = line.States.Select((state, part) => new BackupEntry(line.Key, line.Type, state, line.Expires, Continues: part > 0));
        await run.RunAsync(entries, stop);
    }

    private void TellBad(long number, string problem)
    {
        Interlocked.Increment(ref _bad);
        tellBad(string.Create(CultureInfo.InvariantCulture, $"line {number}: {problem}"));
    }
}
