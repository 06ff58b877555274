using System.Collections.Immutable;
using Akka.Actor;
using Akka.Persistence;
using Akka.Persistence.Journal;
using Gossipdb.Node.Journal;

namespace Gossipdb.Node.Tests.Journal;

/// <summary>A journal in memory whose writes wait until the test says how they end.</summary>
public sealed class HeldJournal : MemoryJournal
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly SemaphoreSlim Started = new(0);
    private static readonly SemaphoreSlim Ended = new(0);
    private static volatile int[] _events = [];
    private static volatile Exception? _failure;
    private static volatile int _writes;

    /// <summary>How many writes were begun.</summary>
    public static int Writes => _writes;

    /// <summary>Unset, nothing is read.</summary>
    public static ManualResetEventSlim MayReplay { get; } = new(true);

    /// <summary>How many records each page had.</summary>
    public static List<int> Replayed { get; } = [];

    /// <summary>How long each record takes to be read.</summary>
    public static TimeSpan ReadPause { get; set; }

    public static void Reset()
    {
        MayReplay.Set();
        Replayed.Clear();
        ReadPause = TimeSpan.Zero;
        while (Started.Wait(0)) { }
        while (Ended.Wait(0)) { }
        _writes = 0;
    }

    /// <summary>Waits for a write to begin: how many events each of its records holds.</summary>
    public static int[] NextWrite()
    {
        Assert.True(Started.Wait(Patience), "no write began");
        return _events;
    }

    public static void Finish(Exception? failure)
    {
        _failure = failure;
        Ended.Release();
    }

    public override Task ReplayMessagesAsync(
        IActorContext context,
        string persistenceId,
        long fromSequenceNr,
        long toSequenceNr,
        long max,
        Action<IPersistentRepresentation> recoveryCallback)
    {
        var pause = ReadPause;
        var records = new List<IPersistentRepresentation>();
        base.ReplayMessagesAsync(context, persistenceId, fromSequenceNr, toSequenceNr, max, records.Add).GetAwaiter().GetResult();
        Replayed.Add(records.Count);
        return Task.Run(async () =>
        {
            Assert.True(MayReplay.Wait(Patience));
            foreach (var record in records)
            {
                if (pause > TimeSpan.Zero) await Task.Delay(pause);
                recoveryCallback(record);
            }
        });
    }

    protected override async Task<IImmutableList<Exception?>> WriteMessagesAsync(
        IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken)
    {
        var writes = messages.ToList();
        Interlocked.Increment(ref _writes);
        _events = [.. writes.SelectMany(write => (IEnumerable<IPersistentRepresentation>)write.Payload).Select(record =>
            CountOf((byte[])record.Payload))];
        Started.Release();
        await Ended.WaitAsync(Patience, cancellationToken);
        if (_failure is { } failure) throw failure;
        return await base.WriteMessagesAsync(writes, cancellationToken);
    }

    private static int CountOf(byte[] record)
    {
        var entries = new List<JournalRecord.Entry>();
        Assert.True(JournalRecord.TryDecode(record, entries));
        return entries.Count;
    }
}
