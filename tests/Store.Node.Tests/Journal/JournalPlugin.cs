using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Sql;
using Gossipdb.Node.Journal;
using Microsoft.Data.Sqlite;

namespace Gossipdb.Node.Tests.Journal;

/// <summary>
/// An actor system with a journal in a database, as a node configures it or with another class, and the journal's own protocol.
/// </summary>
internal sealed class JournalPlugin : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly JournalDatabase _database;
    private readonly ActorSystem _system;
    private readonly IActorRef _journal;
    private readonly Inbox _inbox;

    /// <param name="settings">A node's settings: HOCON.</param>
    /// <param name="isFast">Whether this product's class writes, or the package's.</param>
    public JournalPlugin(string settings, bool isFast)
    {
        _database = JournalDatabase.Of(TestSettings.Parse(settings));
        _database.Prepare(Serilog.Core.Logger.None);
        var own = isFast
            ? Config.Empty
            : "akka.persistence.journal.sql.class = \"Akka.Persistence.Sql.Journal.SqlWriteJournal, Akka.Persistence.Sql\"";
        _system = ActorSystem.Create("journal", BootstrapSetup.Create()
            .WithConfig(own
                .WithFallback(ConfigurationFactory.ParseString(_database.AkkaConfiguration()))
                .WithFallback("akka.loglevel = off\nakka.stdout-loglevel = off")
                .WithFallback(SqlPersistence.DefaultConfiguration))
            .And(new JournalSetup(_database)));
        _journal = Persistence.Instance.Apply(_system).JournalFor(null);
        _inbox = Inbox.Create(_system);
    }

    /// <summary>Begins to write records in one batch, each in a write of its own.</summary>
    public void Tell(string persistenceId, long first, params object[] payloads) => Send(
        [.. payloads.Select((payload, i) => new AtomicWrite(Record(persistenceId, first + i, payload)))]);

    /// <summary>Writes records in one batch, each in a write of its own: null, or why that failed or one was rejected.</summary>
    public Task<Exception?> WriteAsync(string persistenceId, long first, params object[] payloads)
    {
        Tell(persistenceId, first, payloads);
        return WrittenAsync(payloads.Length);
    }

    /// <summary>Writes records in one write.</summary>
    public Task<Exception?> WriteAtOnceAsync(string persistenceId, long first, params object[] payloads)
    {
        var records = payloads.Select((payload, i) => Record(persistenceId, first + i, payload)).ToImmutableList();
        Send([new AtomicWrite(records)]);
        return WrittenAsync(payloads.Length);
    }

    /// <summary>How a batch that was begun ended.</summary>
    public async Task<Exception?> WrittenAsync(int records)
    {
        var cause = await NextAsync() switch
        {
            WriteMessagesSuccessful => null,
            WriteMessagesFailed failed => failed.Cause,
            var other => throw new InvalidOperationException($"{other}"),
        };
        Exception? rejection = null;
        for (var i = 0; i < records; i++)
        {
            switch (await NextAsync())
            {
                case WriteMessageSuccess when cause is null:
                case WriteMessageFailure failed when failed.Cause == cause:
                    break;
                case WriteMessageRejected rejected:
                    rejection = rejected.Cause;
                    break;
                case var other:
                    throw new InvalidOperationException($"{other}");
            }
        }

        return cause ?? rejection;
    }

    /// <summary>A payload as it can be compared: of bytes the digits.</summary>
    public static string TextOf(object payload) => payload is byte[] bytes ? Convert.ToHexString(bytes) : $"{payload}";

    /// <summary>Asks for all records of an id, and its highest number.</summary>
    public void TellRead(string persistenceId) =>
        _journal.Tell(new ReplayMessages(1, long.MaxValue, long.MaxValue, persistenceId, _inbox.Receiver));

    /// <summary>What was asked for; that writes before it are confirmed meanwhile is passed over.</summary>
    public async Task<(long Highest, List<(long Number, string Payload)> Records)> HasReadAsync()
    {
        var records = new List<(long, string)>();
        while (true)
        {
            switch (await NextAsync())
            {
                case ReplayedMessage replayed:
                    records.Add((replayed.Persistent.SequenceNr, TextOf(replayed.Persistent.Payload)));
                    break;
                case WriteMessagesSuccessful or WriteMessageSuccess:
                    break;
                case RecoverySuccess success:
                    return (success.HighestSequenceNr, records);
                case var other:
                    throw new InvalidOperationException($"{other}");
            }
        }
    }

    /// <summary>All records of an id, and its highest number.</summary>
    public Task<(long Highest, List<(long Number, string Payload)> Records)> ReadAsync(string persistenceId)
    {
        TellRead(persistenceId);
        return HasReadAsync();
    }

    /// <summary>Deletes the first records of an id.</summary>
    public async Task DeleteAsync(string persistenceId, long upTo)
    {
        _journal.Tell(new DeleteMessagesTo(persistenceId, upTo, _inbox.Receiver));
        Assert.IsType<DeleteMessagesSuccess>(await NextAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _system.Terminate();
        _database.Dispose();
        SqliteConnection.ClearAllPools();
    }

    private static IPersistentRepresentation Record(string persistenceId, long number, object payload) =>
        new Persistent(payload, number, persistenceId, string.Empty);

    private void Send(IReadOnlyList<AtomicWrite> writes) =>
        _journal.Tell(new WriteMessages(writes.Cast<IPersistentEnvelope>(), _inbox.Receiver, 1));

    private Task<object> NextAsync() => _inbox.ReceiveAsync(Patience);
}
