using System.Diagnostics;
using System.Globalization;
using Gossipdb.Simulation;

// dotnet run --project tests/Store.Simulation -- [--first SEED] [--seeds COUNT] [--operations COUNT]
int first = 1, seeds = 1_000, operations = 200;
for (var i = 0; i + 1 < args.Length; i += 2)
{
    var value = int.Parse(args[i + 1], CultureInfo.InvariantCulture);
    switch (args[i])
    {
        case "--first": first = value; break;
        case "--seeds": seeds = value; break;
        case "--operations": operations = value; break;
        default:
            Console.Error.WriteLine($"unknown option {args[i]}; there are --first, --seeds and --operations");
            return 2;
    }
}

var watch = Stopwatch.StartNew();
var failures = 0;
Parallel.For(first, first + seeds, seed =>
{
    try
    {
        Replay.Run(seed, operations);
    }
    catch (CheckFailed failed)
    {
        Interlocked.Increment(ref failures);
        Console.Error.WriteLine(failed.Message);
    }
});
Console.WriteLine($"{seeds} histories of {operations} operations in {watch.Elapsed.TotalSeconds:0.0} s ({seeds / watch.Elapsed.TotalSeconds:0}/s), {failures} failed");
return failures == 0 ? 0 : 1;
