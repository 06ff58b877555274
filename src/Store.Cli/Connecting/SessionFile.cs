using Gossipdb.Cli.Output;
using Gossipdb.Client;

namespace Gossipdb.Cli.Connecting;

/// <summary>
/// A session that lasts over several runs of the program: its token is kept in a file. That the file can be read and written is found out
/// before anything is sent.
/// </summary>
internal sealed class SessionFile
{
    private readonly string _path;
    private readonly ClockToken _before;

    private SessionFile(string path, ClockToken before) => (_path, _before) = (path, before);

    /// <summary>The session whose token a file holds, a new one where there is no such file; null where no file is named.</summary>
    /// <exception cref="CliException">The file holds no token, or it can not be written.</exception>
    public static SessionFile? Open(string? path)
    {
        if (path is null) return null;
        if (path.Length == 0) throw CliException.Usage("--session names no file");
        if (Directory.Exists(path)) throw CliException.Usage($"--session: '{path}' is a directory; name a file");
        try
        {
            var before = Load(path);
            File.WriteAllText(WrittenTo(path), "");
            File.Delete(WrittenTo(path));
            return new SessionFile(path, before);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw CliException.Usage($"--session: the file '{path}' cannot be read and written, and nothing was sent: {problem.Message}");
        }
    }

    /// <summary>Makes calls in the session, and keeps its token.</summary>
    /// <exception cref="CliException">The token could not be kept, after the calls.</exception>
    public async Task RunAsync(GossipdbClient client, Func<GossipdbStore, Task> body)
    {
        var session = client.OpenSession(_before);
        try
        {
            await body(session);
        }
        finally
        {
            // After a failure too: what was lost is not to be asked for again.
            if (!session.Token.Equals(_before)) Save(session.Token);
        }
    }

    private static ClockToken Load(string path)
    {
        if (!File.Exists(path)) return ClockToken.None;
        return ClockToken.TryParse(File.ReadAllText(path).Trim(), out var token)
            ? token
            : throw CliException.Usage($"--session: the file '{path}' holds no session token");
    }

    // Whoever reads at the same time finds the old token or the new one.
    private void Save(ClockToken token)
    {
        try
        {
            File.WriteAllText(WrittenTo(_path), $"{token}\n");
            File.Move(WrittenTo(_path), _path, overwrite: true);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new CliException(
                $"--session: the call was made, and its token could not be kept in '{_path}': {problem.Message}",
                detail: $"the token: {token}")
            {
                IsAfterAnswer = true,
            };
        }
    }

    private static string WrittenTo(string path) => $"{path}.{Environment.ProcessId}";
}
