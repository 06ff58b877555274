using System.Diagnostics;
using System.Globalization;
using Gossipdb.Simulation.Checkers;
using Gossipdb.Simulation.Faults;
using Gossipdb.Simulation.Measuring;
using Gossipdb.Simulation.Shrinking;

// dotnet run --project tests/Store.Simulation -- --scale
// dotnet run --project tests/Store.Simulation -- --clocks
// dotnet run --project tests/Store.Simulation -- [--first SEED] [--seeds COUNT] [--operations COUNT] [--fault NAME] [--skip STEP,FROM-TO,…]
if (args is ["--scale"])
{
    Scale.Print(Console.Out);
    return 0;
}

if (args is ["--clocks"])
{
    ClockCosts.Print(Console.Out);
    return 0;
}

int first = 1, seeds = 1_000, operations = 200;
var fault = Fault.None;
HashSet<int> skipped = [];
for (var i = 0; i + 1 < args.Length; i += 2)
{
    var value = args[i + 1];
    switch (args[i])
    {
        case "--first": first = Number(value); break;
        case "--seeds": seeds = Number(value); break;
        case "--operations": operations = Number(value); break;
        case "--skip": skipped = [.. value.Split(',').SelectMany(Range)]; break;
        case "--fault" when Enum.TryParse(value, ignoreCase: true, out fault): break;
        default:
            Console.Error.WriteLine($"unknown option {args[i]} {value}; there are --first, --seeds, --operations and --skip with numbers, "
                + $"and --fault with one of {string.Join(", ", Enum.GetNames<Fault>())}");
            return 2;
    }
}

// A fault that shows in many histories is told of once in full: shrinking takes longer than hunting.
const int ToldInFull = 3;
var watch = Stopwatch.StartNew();
var failures = 0;
Parallel.For(first, first + seeds, seed =>
{
    try
    {
        Replay.Run(seed, operations, fault, skipped, shrinks: Volatile.Read(ref failures) < ToldInFull);
    }
    catch (CheckFailed failed)
    {
        if (Interlocked.Increment(ref failures) <= ToldInFull) Console.Error.WriteLine(failed.Message);
        else Console.Error.WriteLine(failed.Message.AsSpan(0, failed.Message.IndexOf('\n', StringComparison.Ordinal)).ToString());
    }
});
Console.WriteLine($"{seeds} histories of {operations} operations in {watch.Elapsed.TotalSeconds:0.0} s "
    + $"({seeds / watch.Elapsed.TotalSeconds:0}/s), {failures} failed");
return failures == 0 ? 0 : 1;

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

static IEnumerable<int> Range(string text)
{
    var dash = text.IndexOf('-', StringComparison.Ordinal);
    return dash < 0 ? [Number(text)] : Enumerable.Range(Number(text[..dash]), Number(text[(dash + 1)..]) - Number(text[..dash]) + 1);
}
