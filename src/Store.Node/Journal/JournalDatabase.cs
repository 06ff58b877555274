using Akka.Persistence.Sql.Config;
using Akka.Util;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Faults;
using ILogger = Serilog.ILogger;

namespace Gossipdb.Node.Journal;

/// <summary>The database Akka.Persistence.Sql keeps the journal in, of whatever provider. One node's alone while it runs.</summary>
/// <param name="settings">The node's settings.</param>
internal abstract class JournalDatabase(NodeSettings settings) : IDisposable
{
    /// <summary>What errors and <c>status</c> call it; no secret is in it.</summary>
    public abstract string Name { get; }

    /// <summary>What linq2db calls the provider.</summary>
    protected abstract string Provider { get; }

    /// <summary>How it is connected to.</summary>
    protected abstract string ConnectionString { get; }

    /// <summary>The schema of its tables; null for the connection's own.</summary>
    protected virtual string? Schema => null;

    /// <summary>Whether <see cref="Prepare"/> makes the tables, and not the package.</summary>
    protected virtual bool MakesTables => false;

    /// <summary>The class of the journal plugin.</summary>
    protected virtual Type Plugin => typeof(FastJournal);

    /// <summary>For how long one write may wait before it has failed for good.</summary>
    protected abstract TimeSpan WriteWithin { get; }

    /// <summary>The database that the settings name.</summary>
    /// <exception cref="ConfigurationProblem">They name none that can be used.</exception>
    public static JournalDatabase Of(NodeSettings settings)
    {
        if (settings.Server is { } server) return new PostgresDatabase(settings, server);
        return settings.Own.GetString(PackageDatabase.ProviderKey, SqliteDatabase.ProviderName) == SqliteDatabase.ProviderName
            ? new SqliteDatabase(settings)
            : new PackageDatabase(settings);
    }

    /// <summary>The disk as experiments have it.</summary>
    public FaultyDisk Disk { get; set; } = new();

    /// <summary>The node's clocks: what is written is stamped by them.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Whether what is wrong with <see cref="Disk"/> is brought about.</summary>
    public virtual bool TakesFaults => true;

    /// <summary>Told why a write waits for the database, and null once it waits no longer.</summary>
    public Action<string?> Waiting { get; set; } = static _ => { };

    /// <summary>True while a write waits for something that may pass: it is not a failed one.</summary>
    public bool IsWaiting { get; private set; }

    /// <summary>For how long a write may take that waits for nothing known, before it has failed for good.</summary>
    public TimeSpan HangsAfter => (WriteWithin * 2) + TimeSpan.FromSeconds(10);

    /// <summary>A write waits for something that may pass, or no longer where <paramref name="why"/> is null.</summary>
    public void Wait(string? why)
    {
        IsWaiting = why is not null;
        Waiting(why);
    }

    /// <summary>Takes it for this node, and creates what is missing.</summary>
    /// <param name="logger">Told what an operator should know of it.</param>
    /// <exception cref="ConfigurationProblem">It cannot be opened, or is not one for this node.</exception>
    public abstract void Prepare(ILogger logger);

    /// <summary>Why everything in it is suspect, in words for people; null where it is not.</summary>
    public virtual string? Suspicion => null;

    /// <summary>Every partition has been mended, and has journaled that.</summary>
    public virtual void SuspicionEnded()
    {
    }

    /// <summary>Notes why it could not be read or written: the next start may mend it.</summary>
    public virtual void NoteFailure(Exception cause)
    {
    }

    /// <summary>True where a new start will put another file in its place.</summary>
    public virtual bool IsToBeReplaced => false;

    /// <summary>About how many bytes it has on the disk.</summary>
    public abstract long BytesOnDisk();

    /// <summary>How many of those are free, and used again; null where it does not say.</summary>
    public virtual long? FreeBytes() => null;

    /// <summary>Opens what writes the journal's rows. It is prepared, and the package has made its tables.</summary>
    /// <param name="config">What those are called.</param>
    public abstract IRowWriter OpenWriter(JournalConfig config);

    /// <summary>Whether the product reads the rows itself, and not the package.</summary>
    public virtual bool ReadsRows => false;

    /// <summary>Opens what reads the journal's rows, where <see cref="ReadsRows"/> says that there is such a thing.</summary>
    /// <param name="config">What the tables are called.</param>
    public virtual SqliteRowReader OpenReader(JournalConfig config) => throw new NotSupportedException($"the package reads {Name} itself");

    /// <summary>Gives up what <see cref="Prepare"/> took.</summary>
    public virtual void Dispose()
    {
    }

    /// <summary>What the configuration of Akka says of the journal.</summary>
    public string AkkaConfiguration() => $$"""
        akka.persistence {
          journal {
            plugin = "akka.persistence.journal.sql"
            sql {
              class = "{{Plugin.TypeQualifiedName()}}"
              connection-string = "{{Escaped(ConnectionString)}}"
              provider-name = "{{Provider}}"
              auto-initialize = {{(MakesTables ? "off" : "on")}}
              {{(Schema is { } schema ? $"default.schema-name = \"{Escaped(schema)}\"" : string.Empty)}}

              # Its own dispatcher's threads would be woken for every write, for a few microseconds of work.
              plugin-dispatcher = "akka.actor.default-dispatcher"

              # What the package writes: several records at once would go as hexadecimal text within the SQL.
              prefer-parameters-on-multirow-insert = true

              # A clone for each commit builds its mapping anew, which costs more than opening a pooled connection.
              use-clone-connection = false

              # What it reads at once is what JournalReader asks for.
              replay-batch-size = {{settings.RecoveryPage}}

              # A hundred more would be held back to look for a second writer of the journal.
              # The lock on the data directory, or on the schema, sees to it that there is none.
              replay-filter.mode = off

              # For how long the disk may not tell the number of the last record.
              # The records are read by JournalReader, which is as patient.
              recovery-event-timeout = {{(long)settings.ReadPatience.TotalMilliseconds}}ms

              # FastJournal knows whether a write hangs or waits for something that may pass. The package does not.
              circuit-breaker.call-timeout = {{(Plugin == typeof(FastJournal) ? "20d" : $"{(long)HangsAfter.TotalSeconds}s")}}
            }
          }
          snapshot-store.plugin = "akka.persistence.no-snapshot-store"
        }
        """;

    private static string Escaped(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}
