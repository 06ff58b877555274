using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Gossipdb.Cli.Commands;
using Gossipdb.Cli.Completion;
using Gossipdb.Cli.Demo;
using Gossipdb.Cli.Faults;
using Gossipdb.Cli.Hot;
using Gossipdb.Cli.Lab;
using Gossipdb.Cli.Nodes;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Top;
using Gossipdb.Cli.Words;

namespace Gossipdb.Cli;

/// <summary>The command line: what there is, and how its errors are told.</summary>
public static class CommandLine
{
    /// <summary>Carries out the command line of this process, and returns its exit code. Never throws.</summary>
    /// <param name="args">The words.</param>
    /// <param name="runner">What runs a node.</param>
    /// <param name="stop">Set at the first signal that asks the process to stop.</param>
    public static Task<int> RunAsync(string[] args, INodeRunner runner, CancellationToken stop) =>
        RunAsync(args, Terminal.OfProcess(), runner, stop);

    /// <summary>The same, with what it reads and writes.</summary>
    internal static async Task<int> RunAsync(string[] args, Terminal terminal, INodeRunner runner, CancellationToken stop)
    {
        var json = WantsJson(args);
        try
        {
            if (args is [CompletionCommand.Question, .. var typed])
                return CompletionCommand.Answer(Root(terminal, runner), typed, terminal);
            RawWords.Check(args);
            var parse = Parse(args, terminal, runner);
            if (UsageCheck.ProblemOf(parse) is { } problem) throw CliException.Usage(problem);
            var invocation = new InvocationConfiguration
            {
                Output = terminal.Out,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            return await parse.InvokeAsync(invocation, stop);
        }
        catch (Exception problem)
        {
            return terminal.Report(Failure.Of(problem), json);
        }
    }

    internal static ParseResult Parse(string[] args, Terminal terminal, INodeRunner runner) =>
        UsageCheck.Parse(Root(terminal, runner), args);

    private static RootCommand Root(Terminal terminal, INodeRunner runner)
    {
        var options = new CommonOptions();
        var data = new DataCommands(options, terminal);
        var faults = new FaultCommands(options, terminal);
        var root = new RootCommand("Gossipdb: a store that goes on working when its nodes cannot reach each other.")
        {
            UpCommand.Create(terminal),
            DemoCommand.Create(terminal),
            NodeCommand.Create(runner),
            ConfigCommand.Create(terminal, runner),
            CounterCommands.Counter(data),
            CounterCommands.GrowOnly(data),
            CounterCommands.Bounded(data),
            SetCommands.AddWins(data),
            SetCommands.RemoveWins(data),
            SetCommands.GrowOnly(data),
            SortedSetCommands.Create(data),
            RegisterCommands.Create(data),
            NumberRegisterCommands.Max(data),
            NumberRegisterCommands.Min(data),
            FlagCommands.EnableWins(data),
            FlagCommands.DisableWins(data),
            MapCommands.Create(data),
            SequenceCommands.Create(data),
            TextCommands.Create(data),
            JsonCommands.Create(data),
            HyperLogLogCommands.Create(data),
            ScanCommand.Create(options, terminal),
            WatchCommand.Create(options, terminal),
            KeyCommands.Get(data),
            KeyCommands.Type(data),
            KeyCommands.Delete(data),
            CounterCommands.Reset(data),
            KeyCommands.Expire(data),
            KeyCommands.Persist(data),
            KeyCommands.TimeToLive(data),
            SeveralKeysCommands.Get(options, terminal),
            SeveralKeysCommands.Batch(options, terminal, data), // after all commands that write: it names them
            InspectCommand.Create(options, terminal),
            StatusCommand.Create(options, terminal),
            TopCommand.Create(options, terminal),
            HotCommand.Create(options, terminal),
            LayoutCommands.Create(options, terminal),
            JournalCommand.Create(options, terminal),
            RepairCommand.Create(options, terminal),
            CompactCommand.Create(options, terminal, runner),
            LoginCommands.Login(options, terminal),
            LoginCommands.Logout(options, terminal),
            LoginCommands.WhoAmI(options, terminal),
            new AccountCommands(options, terminal).User(),
            new AccountCommands(options, terminal).Role(),
            LoadCommand.Create(options, terminal),
            BackupCommand.Create(options, terminal),
            RestoreCommand.Create(options, terminal, runner, faults),
            ExportCommand.Create(options, terminal, runner),
            ImportCommand.Create(options, terminal),
            VerifyCommand.Create(options, terminal, runner),
            CertsCommand.Create(terminal),
            AuditCommand.Create(options, terminal),
            TypesCommand.Create(options, terminal),
            LabCommand.Create(terminal),
            CompletionCommand.Create(terminal),
            PbsCommand.Create(terminal),
        };
        foreach (var command in faults.All) root.Add(command);
        root.SetAction(_ => terminal.Line("gossipdb: which command? 'gossipdb --help' lists them, 'gossipdb demo' shows what it is about"));
        foreach (var option in root.Options)
        {
            if (option is VersionOption version) version.Action = new PrintVersion(terminal);
            if (option is HelpOption { Action: HelpAction help } helpOption) helpOption.Action = new HelpWithExitCodes(help, terminal);
        }

        return root;
    }

    // Looked for in the words themselves, because a command line that cannot be parsed is answered in JSON too.
    private static bool WantsJson(string[] args) => args.TakeWhile(static word => word != "--").Contains("--json");

    private sealed class PrintVersion(Terminal terminal) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            terminal.Line($"gossipdb {Invocation.Version}");
            return 0;
        }
    }

    private sealed class HelpWithExitCodes(HelpAction help, Terminal terminal) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            help.Invoke(parseResult);
            if (parseResult.CommandResult.Command is not RootCommand) return 0;
            terminal.Line("Keys, fields, elements, members and values:");
            foreach (var line in ByteForm.Rule) terminal.Line($"  {line}");
            terminal.Line();
            terminal.Line("Exit codes:");
            foreach (var (code, meaning) in ExitCodes.All) terminal.Line($"  {(int)code,-4} {meaning}");
            return 0;
        }
    }
}
