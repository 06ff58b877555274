using Gossipdb.Checking.History;
using Gossipdb.Lab.Reports;
using Gossipdb.Lab.Results;

namespace Gossipdb.Cluster.Tests;

public sealed class LabTests : IDisposable
{
    private const string Scenario = """
        name: short
        title: A short cut
        page: A cut, and one expectation that is wrong on purpose.
        duration: 5s
        cluster:
          nodes: 3
          partitions: 4
        sides:
          1: 1
          2: 2,3
        prepare:
          - counter increment counter-1 10
        workload:
          - name: one-small
            side: 1
            rate: 15/s
            timeout: 5s
            read: one
            write: one
            keys: { count: 3 }
            mix: { counter increment: 1, counter read: 1 }
          - name: quorum-small
            side: 1
            rate: 10/s
            keys: { count: 3 }
            mix: { counter increment: 1 }
        timeline:
          - at 1s: cut side 1 / side 2
            phase: cut
          - at 4s: heal
            phase: healed
        inspect: [counter-1]
        expect:
          - during cut: availability(one, side 1) = 100 %
          - during cut: availability(quorum, side 1) = 100 %
          - lost = 0
        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("gossipdb-lab-tests-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_run_says_which_expectation_was_wrong_and_shows_it_by_calls()
    {
        var (file, run) = (Path.Combine(_directory, "short.yaml"), Path.Combine(_directory, "run"));
        await File.WriteAllTextAsync(file, Scenario);

        var (exitCode, output, error) = await Programs.RunAsync(
            Programs.Gossipdb, "lab", "run", file, "--seed", "11", "--out", run);

        Assert.True(exitCode == 12, output + error); // an expectation was not met
        Assert.Contains("NOT MET  during cut: availability(quorum, side 1) = 100 %", output, StringComparison.Ordinal);
        var results = RunResultsFile.Read(Path.Combine(run, RunResultsFile.Name));
        Assert.Equal([true, false, true], results.Expectations.Select(static one => one.IsMet));
        Assert.Contains("availability(quorum, side 1, in cut) is 0 % (0 of ", results.Expectations[1].Measured, StringComparison.Ordinal);

        // The evidence is calls of the history.
        using var reader = new HistoryReader(Path.Combine(run, "history.jsonl"));
        var history = reader.ReadAll().ToList();
        var calls = history.OfType<CallRecord>().ToDictionary(static call => call.Id);
        var shown = results.Expectations[1].Evidence.SelectMany(static one => one.Calls).Select(id => calls[id]).ToList();
        Assert.NotEmpty(shown);
        Assert.All(shown, static call => Assert.Equal(("1", "quorum", false), (call.Side, call.Level, call.WasAnswered)));

        // Everything else is in it too: what ran, what happened, how the nodes were, and what they held in the end.
        Assert.Equal(("short", 11UL), (history.OfType<RunRecord>().Single().Name, history.OfType<RunRecord>().Single().Seed));
        Assert.Equal(["calm", "cut", "healed"], history.OfType<PhaseRecord>().Select(static phase => phase.Name));
        Assert.Equal(["cut side 1 / side 2", "heal"], history.OfType<FaultRecord>().Select(static fault => fault.Fault));
        Assert.Single(history.OfType<ConvergedRecord>());
        Assert.Equal([1, 2, 3], history.OfType<SampleRecord>().Select(static sample => sample.Node).Distinct().Order());
        var held = history.OfType<StateRecord>().Where(static state => state is { Final: true, Key: "counter-1" }).ToList();
        Assert.Equal([1, 2, 3], held.Select(static state => state.Node).Order());
        Assert.Single(held.Select(static state => state.Value!.Value.GetInt64()).Distinct());
        Assert.All(held, static state => Assert.True(state.Detail!.Value.TryGetProperty("objects", out _)));
        Assert.True(File.Exists(Path.Combine(run, ReportWriter.Name)));
    }
}
