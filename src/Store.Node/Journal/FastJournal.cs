using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Sql;
using Akka.Persistence.Sql.Config;
using Akka.Persistence.Sql.Journal;
using Akka.Persistence.Sql.Journal.Dao;
using Akka.Persistence.Sql.Journal.Types;
using Akka.Util;

namespace Gossipdb.Node.Journal;

/// <summary>
/// Akka.Persistence.Sql's journal with one part replaced: rows are written by prepared statements on a connection that stays open.
/// The package makes a connection, a mapping and a query for every write, and hands each write through a stream of actors: that costs
/// several times what the database does. From SQLite rows are read the same way. The package still makes the rows.
/// A journal can be written by either class in turn.
/// <para>A write that failed is never tried again, and nothing is written after it: what a disk holds after a failed flush is known only
/// once it is read again.</para>
/// </summary>
internal sealed class FastJournal : SqlWriteJournal
{
    /// <summary>Asks for records from a number on, as many as fill a page. Answered with the page, or with what went wrong.</summary>
    /// <param name="Page">The page, empty.</param>
    /// <param name="PersistenceId">Whose records.</param>
    /// <param name="From">The number of the first one.</param>
    /// <param name="Last">The number of the last one.</param>
    /// <param name="Most">How many at most, where the database cannot say how large they are.</param>
    public sealed record ReadPage(JournalPage Page, string PersistenceId, long From, long Last, int Most);

    private readonly JournalDatabase _database;
    private readonly JournalConfig _config;
    private readonly ByteArrayJournalSerializer _serializer;
    private readonly Lock _gate = new();

    // The writes that are under way, one after the other. On the pool: a disk that hangs does not keep the actor from its timeouts.
    private Task _writes = Task.CompletedTask;
    private IRowWriter? _writer;
    private Exception? _failure;
    private SqliteRowReader? _reader;

    /// <param name="config">The plugin's configuration.</param>
    public FastJournal(Config config)
        : base(config)
    {
        _database = Context.System.Settings.Setup.Get<JournalSetup>() is { HasValue: true } setup
            ? setup.Value.Database
            : throw new InvalidOperationException($"the actor system was made without a {nameof(JournalSetup)}");
        _config = new JournalConfig(config.WithFallback(SqlPersistence.DefaultJournalConfiguration));
        _serializer = new ByteArrayJournalSerializer(
            _config,
            Context.System.Serialization,
            _config.PluginConfig.TagSeparator,
            _config.TableConfig.EventJournalTable.UseWriterUuidColumn ? Guid.NewGuid().ToString("N") : null);
    }

    public override async Task<long> ReadHighestSequenceNrAsync(
        string persistenceId, long fromSequenceNr, CancellationToken cancellationToken)
    {
        // Whoever asks goes on behind what is being written now.
        Task writes;
        lock (_gate) writes = _writes;
        await writes.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        return await base.ReadHighestSequenceNrAsync(persistenceId, fromSequenceNr, cancellationToken);
    }

    /// <summary>Whether the journal of an actor system is one of these.</summary>
    public static bool IsOf(ActorSystem system)
    {
        var config = system.Settings.Config;
        return config.GetString($"{config.GetString("akka.persistence.journal.plugin")}.class") == typeof(FastJournal).TypeQualifiedName();
    }

    protected override bool ReceivePluginInternal(object message)
    {
        if (message is not ReadPage wanted) return base.ReceivePluginInternal(message);
        var reading = _database.ReadsRows
            ? Task.Run(() => ReadRows(wanted))
            : ReplayMessagesAsync(
                Context, wanted.PersistenceId, wanted.From, wanted.Last, wanted.Most,
                replayed => wanted.Page.Add(replayed.SequenceNr, (byte[])replayed.Payload));
        reading.PipeTo(Sender, success: () => wanted.Page, failure: static cause => new ReplayMessagesFailure(cause));
        return true;
    }

    protected override Task<IImmutableList<Exception>> WriteMessagesAsync(
        IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken)
    {
        var writes = messages as IReadOnlyCollection<AtomicWrite> ?? [.. messages];
        var serialized = _serializer.Serialize(writes, _database.Time.GetUtcNow().Ticks);
        var rows = new List<JournalRow>(serialized.Count);
        var isAnyRejected = false;
        foreach (var ofOne in serialized)
        {
            if (ofOne.Success.HasValue) rows.AddRange(ofOne.Success.Value);
            else isAnyRejected = true;
        }

        // Tags lie in a table of their own. The node's records have none.
        if (rows.Exists(static row => row.TagArray is { Length: > 0 })) return base.WriteMessagesAsync(writes, cancellationToken);

        // None at all, and none of one write, is null; the base class has no annotation for it.
        IImmutableList<Exception> rejections = isAnyRejected
            ? ImmutableList.CreateRange(serialized.Select(static ofOne => ofOne.Failure.GetOrElse(null!)))
            : null!;
        var write = InTurn(() =>
        {
            Write(rows, cancellationToken);
            return rejections;
        });
        return write.IsCompleted ? write : WithinAsync(write);
    }

    // A little at a time, between the writes: they wait for each piece.
    protected override async Task DeleteMessagesToAsync(string persistenceId, long toSequenceNr, CancellationToken cancellationToken)
    {
        while (true)
        {
            var more = await InTurn(() => _failure is null ? _writer?.TryDelete(persistenceId, toSequenceNr) : false);
            if (more is true) continue;
            if (more is null) await base.DeleteMessagesToAsync(persistenceId, toSequenceNr, cancellationToken);
            return;
        }
    }

    // A disk that hangs has failed. One that is full has not: it may have room again at any time.
    private async Task<IImmutableList<Exception>> WithinAsync(Task<IImmutableList<Exception>> write)
    {
        while (true)
        {
            try
            {
                return await write.WaitAsync(_database.HangsAfter).ConfigureAwait(false);
            }
            catch (TimeoutException) when (!write.IsCompleted && _database.IsWaiting)
            {
                // It goes on waiting.
            }
            catch (TimeoutException silent) when (!write.IsCompleted)
            {
                _failure ??= silent;
                throw;
            }
        }
    }

    protected override void PostStop()
    {
        base.PostStop();
        lock (_gate)
        {
            _writes.ContinueWith(
                _ => _writer?.Dispose(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    // On the pool: a disk that hangs does not keep the actor from its timeouts.
    private Task<T> InTurn<T>(Func<T> work)
    {
        lock (_gate)
        {
            var next = _writes.ContinueWith(
                _ => work(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            if (_database.Disk.IsSlow) next = FlushedAsync(next);
            _writes = next;
            return next;
        }
    }

    // A disk that an experiment has made slow. No thread waits for it.
    private async Task<T> FlushedAsync<T>(Task<T> written)
    {
        var result = await written.ConfigureAwait(false);
        await _database.Disk.FlushAsync().ConfigureAwait(false);
        return result;
    }

    // Whoever asks waits for the answer before the next question.
    private void ReadRows(ReadPage wanted)
    {
        _reader ??= _database.OpenReader(_config);
        _reader.Read(wanted.Page, wanted.PersistenceId, wanted.From, wanted.Last);
        if (wanted.Page.Count > 0 && wanted.Page.Last < wanted.Last) return;

        // It is read to its end seldom.
        _reader.Dispose();
        _reader = null;
    }

    // One at a time.
    private void Write(List<JournalRow> rows, CancellationToken cancellationToken)
    {
        if (_failure is not null) throw new InvalidOperationException("an earlier write of the journal failed", _failure);
        try
        {
            // It has been said already that this one failed.
            cancellationToken.ThrowIfCancellationRequested();
            _writer ??= _database.OpenWriter(_config);
            _writer.Write(rows);
        }
        catch (Exception failure)
        {
            _failure = failure;
            _database.NoteFailure(failure);
            _writer?.Dispose();
            throw;
        }
    }
}
