using System.Globalization;
using System.Text.RegularExpressions;

namespace Gossipdb.Node.Tests.Fuzzing;

/// <summary>
/// Whatever bytes come, what reads them reads them or says no in the way it promises, takes no more memory than they are worth, and ends.
/// <para>In the gate the same inputs every time. For more, with another seed each:
/// <c>GOSSIPDB_FUZZ_SECONDS=600 dotnet test tests/Store.Node.Tests -c Release --filter FullyQualifiedName~FuzzTests</c>;
/// <c>GOSSIPDB_FUZZ_SEED</c> repeats one that failed.</para>
/// </summary>
public sealed partial class FuzzTests
{
    private const int InputsInTheGate = 8_000;
    private const int InputsOfASeed = 1_000;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static TheoryData<string> Targets => [.. FuzzTargets.All.Select(static target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Whatever_bytes_come(string name)
    {
        var target = FuzzTargets.All.Single(target => target.Name == name);
        Assert.NotEmpty(target.Seeds);
        foreach (var seed in target.Seeds) Try(target, seed, 0);
        var seconds = Setting("GOSSIPDB_FUZZ_SECONDS");
        var patience = Patience + TimeSpan.FromSeconds(seconds ?? 0);
        await Task.Run(() => Run(target, seconds)).WaitAsync(patience);
    }

    /// <summary>A decoder that nobody fuzzes is found by its name, and by what calls it.</summary>
    [Fact]
    public void Every_decoder_is_reached_by_one_of_them()
    {
        var reached = CallGraph.Reached(FuzzTargets.All.SelectMany(static target => target.Entries), FuzzTargets.Assemblies);
        var missed = CallGraph.MethodsOf(FuzzTargets.Assemblies)
            .Where(static method => Decoder().IsMatch(method.Name) && method.DeclaringType!.Namespace is { } place
                && place.StartsWith("Gossipdb.", StringComparison.Ordinal))
            .Where(method => !reached.Contains(method) && !ReadsWhatTheNodeWrote.Contains($"{method.DeclaringType!.Name}.{method.Name}"))
            .Select(static method => $"{method.DeclaringType!.FullName}.{method.Name}")
            .Distinct()
            .Order(StringComparer.Ordinal);

        Assert.Equal("", string.Join("\n", missed));
    }

    /// <summary>These read no bytes of another process. Each has its reason.</summary>
    private static readonly HashSet<string> ReadsWhatTheNodeWrote = [];

    private static void Run(FuzzTarget target, int? seconds)
    {
        if (seconds is null)
        {
            for (var seed = 0; seed < InputsInTheGate / InputsOfASeed; seed++) Run(target, seed);
            return;
        }

        var first = Setting("GOSSIPDB_FUZZ_SEED") ?? Environment.TickCount;
        var until = Environment.TickCount64 + (seconds.Value * 1_000L);
        for (var seed = first; Environment.TickCount64 < until; seed++) Run(target, seed);
    }

    private static void Run(FuzzTarget target, int seed)
    {
        var mutator = new Mutator(seed, target.Seeds);
        for (var i = 0; i < InputsOfASeed; i++) Try(target, mutator.Next(), seed);
    }

    private static void Try(FuzzTarget target, byte[] input, int seed)
    {
        var given = input.ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            if (target.Read(given) is { } again)
            {
                Assert.True(
                    input.AsSpan().SequenceEqual(again),
                    Told(target, input, seed, $"read, and written as {Convert.ToHexString(again)}"));
            }
        }
        catch (Exception refusal) when (target.Refusals.Any(type => type.IsInstanceOfType(refusal)))
        {
            // As promised.
        }
        catch (Exception wrong) when (wrong is not Xunit.Sdk.XunitException)
        {
            Assert.Fail(Told(target, input, seed, $"{wrong}"));
        }

        var cost = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(
            cost <= FuzzTarget.FixedBytes + ((long)target.BytesPerByte * input.Length),
            Told(target, input, seed, $"{input.Length} bytes cost {cost} bytes of memory"));
    }

    private static string Told(FuzzTarget target, byte[] input, int seed, string what) =>
        $"{target.Name}, GOSSIPDB_FUZZ_SEED={seed}, input {Convert.ToHexString(input)}: {what}";

    private static int? Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;

    [GeneratedRegex("^(Try)?Decode")]
    private static partial Regex Decoder();
}
