using System.CommandLine;
using Gossipdb.Cli.Words;
using Gossipdb.Client;

namespace Gossipdb.Cli.Connecting;

/// <summary>The calls of one command: made on a client, or in the session that the command line names.</summary>
internal static class ClientCall
{
    /// <param name="options">The options of the command line.</param>
    /// <param name="parse">The command line.</param>
    /// <param name="stop">Gives up.</param>
    /// <param name="body">Makes the calls, within the time that connecting has left of the timeout.</param>
    public static async Task RunAsync(
        CommonOptions options, ParseResult parse, CancellationToken stop, Func<GossipdbStore, TimeSpan, Task> body)
    {
        var session = SessionFile.Open(parse.GetValue(options.Session));
        var (client, left) = await options.ConnectAsync(parse, stop);
        await using (client) await (session?.RunAsync(client, store => body(store, left)) ?? body(client, left));
    }
}
