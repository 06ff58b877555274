using System.CommandLine;
using Gossipdb.Client;

namespace Gossipdb.Node.Cli;

/// <summary>The calls of one command: made on a client, or in the session that the command line names.</summary>
internal static class ClientCall
{
    public static async Task RunAsync(CommonOptions options, ParseResult parse, CancellationToken stop, Func<GossipdbStore, Task> body)
    {
        var session = SessionFile.Open(parse.GetValue(options.Session));
        var client = await GossipdbClient.ConnectAsync(options.ClientOptions(parse), stop);
        await using (client) await (session?.RunAsync(client, body) ?? body(client));
    }
}
