using System.Runtime.InteropServices;
using Gossipdb.Node.Cli;

// The first signal asks for a clean stop, the second one ends the process.
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

return await CommandLine.RunAsync(args, Terminal.OfProcess(), stop.Token);
