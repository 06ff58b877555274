using System.Diagnostics;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Sql;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Journal;

namespace Gossipdb.Bench.Commit;

/// <summary>A journal as a node has it, in an actor system of its own, and an actor that writes to it one record at a time.</summary>
internal sealed class CommitJournal : IAsyncDisposable
{
    private sealed record Run(byte[] Record, int Commits);

    // As CommitLog persists its records.
    private sealed class Writer : UntypedPersistentActor
    {
        private IActorRef _asker = ActorRefs.Nobody;
        private int _left;

        public override string PersistenceId => "node-1";

        public override Recovery Recovery => Recovery.None;

        protected override void OnRecover(object message)
        {
        }

        protected override void OnCommand(object message)
        {
            if (message is not Run run) return;
            (_asker, _left) = (Sender, run.Commits);
            Commit(run.Record);
        }

        protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) => _asker.Tell(new Status.Failure(cause));

        private void Commit(byte[] record)
        {
            if (_left-- > 0) PersistAsync(record, Commit);
            else _asker.Tell(Status.Success.Instance);
        }
    }

    private readonly JournalDatabase _database;
    private readonly ActorSystem _system;
    private readonly IActorRef _writer;

    /// <param name="directory">Where its file is made.</param>
    /// <param name="more">What differs from a node's journal: HOCON.</param>
    public CommitJournal(string directory, string more)
    {
        Directory.CreateDirectory(directory);
        var settings = NodeSettings.Parse($"""
            gossipdb.node.id = 1
            gossipdb.node.data-dir = "{directory.Replace("\\", "\\\\", StringComparison.Ordinal)}"
            gossipdb.cluster.nodes = ["1 127.0.0.1:5301 http://127.0.0.1:5101"]
            {more}
            """, "bench");
        _database = JournalDatabase.Of(settings);
        _database.Prepare(Serilog.Core.Logger.None);

        // The dispatchers of a node, without its cluster.
        _system = ActorSystem.Create("commit", BootstrapSetup.Create()
            .WithConfig(ConfigurationFactory.ParseString("akka.actor.provider = local\nakka.loglevel = warning")
                .WithFallback(AkkaConfiguration.Create(settings, _database.AkkaConfiguration()))
                .WithFallback(SqlPersistence.DefaultConfiguration))
            .And(new JournalSetup(_database)));
        _writer = _system.ActorOf(Props.Create(static () => new Writer()));
    }

    /// <summary>Writes records one after the other: what one of them cost.</summary>
    public async Task<CommitCost> MeasureAsync(int size, int commits, CancellationToken stop)
    {
        var record = new byte[size];
        Random.Shared.NextBytes(record);
        using var process = Process.GetCurrentProcess();
        GC.Collect();
        process.Refresh();
        var (cpu, allocated, began) = (process.TotalProcessorTime, GC.GetTotalAllocatedBytes(precise: true), Stopwatch.GetTimestamp());
        if (await _writer.Ask(new Run(record, commits), stop) is Status.Failure failure) throw failure.Cause;
        var time = Stopwatch.GetElapsedTime(began);
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        process.Refresh();
        cpu = process.TotalProcessorTime - cpu;
        return new CommitCost(cpu.TotalMicroseconds / commits, time.TotalMicroseconds / commits, allocated / (double)commits);
    }

    public async ValueTask DisposeAsync()
    {
        await _system.Terminate();
        _database.Dispose();
    }
}
