using System.Text;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Observability;

namespace Gossipdb.Node.Security;

/// <summary>
/// The secrets that the nodes of a cluster share, a line each in a file. A file that changes is read again; one that is no good changes
/// nothing, and is told of. Any thread.
/// </summary>
internal sealed class PeerSecrets
{
    private const int LeastCharacters = 32;
    private const int MostBytes = 64 * 1024;
    private const int MostSecrets = 16;
    private readonly string? _path;
    private readonly Lock _gate = new();
    private string? _text;
    private NodeHealth? _health;
    private volatile IReadOnlyList<byte[]> _secrets = [];

    private PeerSecrets(string? path)
    {
        _path = path;
        if (path is null) return;
        _text = ReadText(path);
        _secrets = Parse(path, _text);
    }

    /// <summary>Whether there are any: then nodes prove that they know one.</summary>
    public bool IsOn => _path is not null;

    /// <summary>From here on what is wrong with the file is told.</summary>
    public void Watch(NodeHealth health)
    {
        _health = health;
        if (_path is not null && SettingFile.ProblemOfMode(NodeSettings.SecretFileKey, _path) is { } problem) health.Warn(problem);
    }

    /// <summary>Reads the file that the settings name, if they name one.</summary>
    /// <exception cref="ConfigurationProblem">It is of no use.</exception>
    public static PeerSecrets Load(NodeSettings settings) => new(settings.SecretFile);

    /// <summary>What the file says now: the secret to prove with comes first, and others may prove with any.</summary>
    public IReadOnlyList<byte[]> Now()
    {
        if (_path is null) return [];
        lock (_gate)
        {
            try
            {
                var text = ReadText(_path);
                if (text != _text) _secrets = Parse(_path, text);
                _text = text;
            }
            catch (ConfigurationProblem useless)
            {
                _health?.WarnNowAndThen("secret", $"the secrets in use stay: {useless.Message}; mend the file, it is looked at again");
            }

            return _secrets;
        }
    }

    // What it holds is secret.
    public override string ToString() => nameof(PeerSecrets);

    private static string ReadText(string path) => SettingFile.Read(NodeSettings.SecretFileKey, path, MostBytes, "no file of secrets");

    // Nothing of what stands in it is told.
    private static byte[][] Parse(string path, string text)
    {
        var lines = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length is 0 or > MostSecrets)
            throw Wrong(path, $"has {lines.Length} secrets, a line each; wanted are 1 to {MostSecrets}");
        for (var line = 0; line < lines.Length; line++)
        {
            if (lines[line].Length < LeastCharacters)
                throw Wrong(path, $"has {lines[line].Length} characters as its secret {line + 1}; wanted are {LeastCharacters} or more");
        }

        return Array.ConvertAll(lines, Encoding.UTF8.GetBytes);
    }

    private static ConfigurationProblem Wrong(string path, string what) => new($"{NodeSettings.SecretFileKey}: {path} {what}");
}
