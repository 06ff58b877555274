using Gossipdb.Client;

namespace Gossipdb.Node.Cli;

/// <summary>A session that lasts over several runs of the program: its token is kept in a file.</summary>
internal static class SessionFile
{
    /// <summary>Makes calls in the session whose token a file holds, a new one where there is no such file; in that of the client where no file is named.</summary>
    public static async Task RunAsync(GossipdbClient client, string? path, Func<GossipdbStore, Task> body)
    {
        if (path is null)
        {
            await body(client);
            return;
        }

        var before = Load(path);
        var session = client.OpenSession(before);
        try
        {
            await body(session);
        }
        finally
        {
            // After a failure too: what was lost is not to be asked for again.
            if (!session.Token.Equals(before)) Save(path, session.Token);
        }
    }

    private static ClockToken Load(string path)
    {
        if (!File.Exists(path)) return ClockToken.None;
        return ClockToken.TryParse(File.ReadAllText(path).Trim(), out var token) ? token : throw CliException.Usage($"--session: the file '{path}' holds no session token");
    }

    private static void Save(string path, ClockToken token)
    {
        // Whoever reads at the same time finds the old token or the new one.
        var written = $"{path}.{Environment.ProcessId}";
        File.WriteAllText(written, $"{token}\n");
        File.Move(written, path, overwrite: true);
    }
}
