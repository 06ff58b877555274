using System.Runtime.InteropServices;
using Gossipdb.Cli;
using Gossipdb.Node;

// The first signal asks for a clean stop; one that comes later ends the process. Not one that comes at once: a terminal and the
// program that started this one may both send the same Ctrl-C.
using var stop = new CancellationTokenSource();
var firstSignal = long.MaxValue;
void Stop(PosixSignalContext signal)
{
    var now = Environment.TickCount64;
    Interlocked.CompareExchange(ref firstSignal, now, long.MaxValue);
    if (now - firstSignal > 1_000) return;
    signal.Cancel = true;
    stop.Cancel();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);

return await CommandLine.RunAsync(args, new NodeRunner(), stop.Token);
