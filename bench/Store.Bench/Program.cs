using System.CommandLine;
using System.Runtime.InteropServices;
using Gossipdb.Bench.Backup;
using Gossipdb.Bench.Cluster;
using Gossipdb.Bench.Commit;
using Gossipdb.Bench.Core;
using Gossipdb.Bench.Floor;
using Gossipdb.Bench.Hostile;
using Gossipdb.Bench.Memory;
using Gossipdb.Bench.Micro;
using Gossipdb.Bench.Peers;
using Gossipdb.Bench.Restart;
using Gossipdb.Bench.Timeline;

// The first signal asks for a clean stop, which takes the child processes down; the second one ends the process, and they follow.
using var stop = new CancellationTokenSource();
void Stop(PosixSignalContext signal)
{
    if (stop.IsCancellationRequested) return;
    signal.Cancel = true;
    stop.Cancel();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);

var root = new RootCommand("Benchmarks of Gossipdb.")
{
    MicroCommand.Create(),
    CoreCommand.Create(),
    HoldsCommand.Create(),
    CommitCommand.Create(),
    ClusterCommand.Create(),
    ObjectsCommand.Create(),
    RepairCommand.Create(),
    PhasesCommand.Create(),
    TimelineCommand.Create(),
    MemoryCommand.Create(),
    RecoveryCommand.Create(),
    SnapshotCommand.Create(),
    BackupCommand.Create(),
    AkkaPeerCommand.Create(),
    FloorCommand.Create(),
    HostileCommand.Create(),
    SecureCommand.Create(),
    MetricsCommand.Create(),
};
var parse = root.Parse(args);
try
{
    return await parse.InvokeAsync(
        new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, stop.Token);
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    await Console.Error.WriteLineAsync("stopped before it was done");
    return 130;
}
catch (Exception problem)
{
    await Console.Error.WriteLineAsync($"bench: {problem.Message}");
    return 1;
}
