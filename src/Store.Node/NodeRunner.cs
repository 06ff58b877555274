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

    public async Task<int> RunAsync(string configPath, CancellationToken stop)
    {
        // Before the first socket: what a socket has read is handled on the thread that read it. A node's lanes never block that thread for
        // long. Only a node: a command that blocks on such a thread, at the console say, would wait for itself.
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
        try
        {
            return await NodeHost.RunAsync(configPath, stop);
        }
        catch (ConfigurationProblem problem)
        {
            throw new ConfigurationException(problem.Message);
        }
    }

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
