using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;
using Gossipdb.Client;
using Gossipdb.Lab.Faults;
using Gossipdb.Lab.Results;
using Gossipdb.Lab.Running;
using Gossipdb.Lab.Scenarios;
using Gossipdb.LocalCluster;

namespace Gossipdb.Cli.Lab;

/// <summary><c>lab run</c>: a scenario on a cluster of its own, with a live view, a recorded history and verdicts.</summary>
internal static class LabRunCommand
{
    /// <summary>Where runs go unless somebody says otherwise.</summary>
    public const string RunsDirectory = "lab-runs";

    public static Command Create(Terminal terminal)
    {
        var scenario = new Argument<string?>("FILE|NAME")
        {
            Description = "A scenario that comes with the laboratory ('lab list'), or a file",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var all = new Option<bool>("--all") { Description = "Run every scenario that comes with the laboratory, one after the other" };
        var seed = Parsers.Option<ulong?>("--seed", "Repeat the workload of a run with this seed (default: a new one, which is told)", "N",
            static text => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw new FormatException($"'{text}' is not a whole number from 0 up"));
        var output = new Option<string?>("--out")
        {
            Description = $"Where the history, the results and the report go (default: {RunsDirectory}/NAME-TIME)",
            HelpName = "DIR",
        };
        var keep = new Option<bool>("--keep") { Description = "Keep the nodes' data and logs, in cluster/ beside the history" };
        var json = new Option<bool>("--json") { Description = "Print the results as JSON, and nothing else" };
        var command = new Command("run", "Run a scenario: real processes, faults, a recorded history, and what it shows")
        {
            scenario, all, seed, output, keep, json,
        };
        command.SetAction((parse, stop) =>
        {
            var (name, isAll) = (parse.GetValue(scenario), parse.GetValue(all));
            if (isAll == name is not null) throw CliException.Usage("'lab run' takes a scenario, or --all");
            var run = new Run(terminal, parse.GetValue(seed), parse.GetValue(output), parse.GetValue(keep), parse.GetValue(json));
            return isAll ? run.AllAsync(stop) : run.OneAsync(Load(name!), stop);
        });
        return command;
    }

    /// <summary>A scenario by its name, or of a file.</summary>
    /// <exception cref="CliException">There is none, or the file is wrong: every problem is told.</exception>
    internal static Scenario Load(string name)
    {
        var isFile = name.EndsWith(".yaml", StringComparison.Ordinal) || name.EndsWith(".yml", StringComparison.Ordinal)
            || name.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal);
        if (!isFile) return LabListCommands.Find(name);
        try
        {
            return ScenarioReader.Read(File.ReadAllText(name), name);
        }
        catch (ScenarioException wrong)
        {
            var further = wrong.Problems.Skip(1).Select(problem => problem.In(name));
            throw new CliException(wrong.Problems[0].In(name), ExitCode.Usage, string.Join('\n', further));
        }
        catch (Exception problem) when (problem is FileNotFoundException or DirectoryNotFoundException)
        {
            throw CliException.Usage($"there is no file '{name}'");
        }
    }

    private sealed class Run(Terminal terminal, ulong? seed, string? output, bool keep, bool json)
    {
        public async Task<int> OneAsync(Scenario scenario, CancellationToken stop)
        {
            var (results, directory) = await RunAsync(scenario, output, stop);
            if (json) terminal.Json(JsonNode.Parse(RunResultsFile.ToJson(results))!);
            else RunSummary.Print(terminal, results, directory);
            return (int)(results.IsMet ? ExitCode.Ok : ExitCode.NotMet);
        }

        public async Task<int> AllAsync(CancellationToken stop)
        {
            var (runs, problems) = (new List<(RunResults Results, string Directory)>(), new List<CliException>());
            foreach (var scenario in ShippedScenarios.All)
            {
                try
                {
                    runs.Add(await RunAsync(scenario, output is null ? null : Path.Combine(output, scenario.Name), stop));
                    if (!json) RunSummary.Print(terminal, runs[^1].Results, runs[^1].Directory);
                }
                catch (CliException failed) when (failed.Exit != ExitCode.Interrupted)
                {
                    // The others are run all the same.
                    terminal.Remark($"gossipdb: {failed.Message}");
                    problems.Add(failed);
                }
            }

            if (json) terminal.Json(new JsonArray([.. runs.Select(static run => JsonNode.Parse(RunResultsFile.ToJson(run.Results)))]));
            else RunSummary.PrintAll(terminal, [.. runs.Select(static run => run.Results)]);
            if (problems is [var first, ..])
                throw new CliException($"{problems.Count} scenarios could not be run; the first: {first.Message}") { IsAfterAnswer = true };
            return (int)(runs.TrueForAll(static run => run.Results.IsMet) ? ExitCode.Ok : ExitCode.NotMet);
        }

        private async Task<(RunResults Results, string Directory)> RunAsync(Scenario scenario, string? directory, CancellationToken stop)
        {
            var time = DateTime.Now.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
            var options = new ScenarioRunOptions
            {
                Scenario = scenario,
                Seed = seed ?? (ulong)Random.Shared.Next(1, 1_000_000),
                Directory = directory ?? Path.Combine(RunsDirectory, $"{scenario.Name}-{time}"),
                Keep = keep,
                Version = Invocation.Version,
            };
            var view = new LiveRunView(terminal, isSilent: json);
            await using (view)
            {
                view.Title(scenario, options.Seed);
                try
                {
                    return (await LabRun.RunAsync(options, view, stop), options.Directory);
                }
                catch (Exception problem) when (problem is FaultException or GossipdbException or LocalClusterException)
                {
                    throw new CliException($"{scenario.Name}: {problem.Message}", detail: $"what was recorded is in {options.Directory}");
                }
                catch (OperationCanceledException) when (stop.IsCancellationRequested)
                {
                    var where = $"what was recorded is in {options.Directory}";
                    throw new CliException($"{scenario.Name}: stopped before it was done", ExitCode.Interrupted, where);
                }
            }
        }
    }
}
