using Gossipdb.Cli.Nodes;
using Gossipdb.Crdt.Registers;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Journal;
using Gossipdb.Node.Server;

namespace Gossipdb.Node;

/// <summary>What the command line runs a node with, and reads states with.</summary>
internal sealed class NodeRunner : INodeRunner
{
    public IStoredStates States { get; } = new ReadStates();

    public DataVerification VerifyData(string directory)
    {
        var found = DataVerifier.Verify(directory);
        return new DataVerification(
            found.Path, found.Records, found.First, found.Last, found.Entries, found.Unchecked, found.Bytes, found.Layout, found.Problems);
    }

    public (long Before, long After) Compact(string dataDirectory)
    {
        try
        {
            return JournalCompaction.Run(dataDirectory);
        }
        catch (ConfigurationProblem problem)
        {
            throw new ConfigurationException(problem.Message);
        }
    }

    public async Task<int> RunAsync(NodeConfiguration configuration, CancellationToken stop)
    {
        // Before the first socket: what a socket has read is handled on the thread that read it. A node's lanes never block that thread for
        // long. Only a node: a command that blocks on such a thread, at the console say, would wait for itself.
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
        try
        {
            return await NodeHost.RunAsync(SourcesOf(configuration), started: null, stop);
        }
        catch (ConfigurationProblem problem)
        {
            throw Told(problem);
        }
    }

    public ConfigurationReport ReadConfiguration(NodeConfiguration configuration)
    {
        LayeredSettings layers;
        try
        {
            layers = LayeredSettings.Read(SourcesOf(configuration));
        }
        catch (ConfigurationProblem problem)
        {
            throw Told(problem);
        }

        string? wrong = null;
        try
        {
            _ = new NodeSettings(layers);
        }
        catch (ConfigurationProblem problem)
        {
            wrong = problem.Message;
        }

        return new ConfigurationReport([.. SettingTable.Of(layers).Select(Reported)], wrong);
    }

    private static SettingSources SourcesOf(NodeConfiguration configuration) =>
        SettingSources.OfProcess(configuration.File, configuration.Overrides);

    private static ConfigurationException Told(ConfigurationProblem problem) =>
        problem.Word is { } word ? new(problem.Message, word, problem.Known) : new(problem.Message);

    private static ReportedSetting Reported(SettingRow row) => new(
        row.Key,
        SettingKeys.IsKnown(row.Key) ? EnvironmentNames.Of(row.Key) : null,
        row.Values,
        row.Form == SettingForm.List,
        row.Default,
        row.Form switch
        {
            SettingForm.Bytes => "bytes",
            SettingForm.BytesPerSecond => "bytes/s",
            SettingForm.Duration => "duration",
            SettingForm.Number => "number",
            SettingForm.Flag => "on/off",
            SettingForm.List => "list",
            _ => "text",
        },
        row.Amount,
        row.Origin.Layer switch
        {
            SettingLayer.File => "file",
            SettingLayer.Environment => "environment",
            SettingLayer.CommandLine => "command line",
            _ => "default",
        },
        row.Origin.Place);

    private sealed class ReadStates : IStoredStates
    {
        public byte[] ValueOf(IReadOnlyList<ReadOnlyMemory<byte>> parts) => StoredStates.ValueOf(parts);

        public IEnumerable<JournaledObject> ReadJournals(IReadOnlyList<string> directories, DateTimeOffset? until, Action<string> tell)
        {
            var journals = new JournalStates(until);
            foreach (var directory in directories) journals.Read(directory, tell);
            return journals.Objects().Select(static saved => new JournaledObject(
                saved.Key.Memory, (int)Wire.ToValueType(saved.Type), saved.State,
                saved.ExpiresAtMs == Expiry.Never ? null : saved.ExpiresAtMs, saved.Continues));
        }
    }
}
