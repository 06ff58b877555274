using System.Text.Json;
using Gossipdb.Cli.Output;

namespace Gossipdb.Cli.Logins;

/// <summary>
/// The logins of this user of the machine: for each endpoint the token that <c>gossipdb login</c> was given. A file that nobody else may
/// read. A password is never kept.
/// </summary>
internal sealed class LoginStore(string path)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true };

    /// <summary>One login.</summary>
    public sealed record Login(string User, string Token, DateTimeOffset Expires)
    {
        public override string ToString() => $"login of {User}";
    }

    /// <summary>That of this user: below ~/.config.</summary>
    public static LoginStore OfUser() => new(System.IO.Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify),
        "gossipdb",
        "logins.json"));

    /// <summary>Where it is.</summary>
    public string Path { get; } = path;

    /// <summary>The login for an endpoint; null where there is none, or it has expired.</summary>
    public Login? Find(string endpoint) =>
        Read().GetValueOrDefault(Key(endpoint)) is { } login && login.Expires > DateTimeOffset.UtcNow ? login : null;

    /// <summary>Keeps a login for some endpoints.</summary>
    public void Keep(IEnumerable<string> endpoints, Login login) => Change(all =>
    {
        foreach (var endpoint in endpoints) all[Key(endpoint)] = login;
    });

    /// <summary>Forgets the logins for some endpoints, and all others with the same tokens: the cluster's other nodes.</summary>
    /// <returns>Whether there were any.</returns>
    public bool Forget(IEnumerable<string> endpoints)
    {
        var any = false;
        Change(all =>
        {
            var tokens = endpoints.Select(endpoint => all.GetValueOrDefault(Key(endpoint))?.Token).Where(static token => token is not null)
                .ToHashSet(StringComparer.Ordinal);
            foreach (var (endpoint, login) in all.ToList())
                if (tokens.Contains(login.Token)) any |= all.Remove(endpoint);
        });
        return any;
    }

    private void Change(Action<Dictionary<string, Login>> change)
    {
        var all = Read();
        change(all);
        foreach (var (endpoint, login) in all.ToList())
            if (login.Expires <= DateTimeOffset.UtcNow) all.Remove(endpoint);
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
            var temporary = $"{Path}.{Environment.ProcessId}.new";
            File.Delete(temporary);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
            using (var file = new FileStream(temporary, options)) JsonSerializer.Serialize(file, all, Readable);
            File.Move(temporary, Path, overwrite: true);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"the login cannot be kept in {Path}: {problem.Message}", ExitCode.Error);
        }
    }

    private Dictionary<string, Login> Read()
    {
        try
        {
            return File.Exists(Path) ? JsonSerializer.Deserialize<Dictionary<string, Login>>(File.ReadAllText(Path)) ?? [] : [];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or JsonException)
        {
            // As good as none: to log in again mends it.
            return [];
        }
    }

    private static string Key(string endpoint)
    {
        var text = endpoint.Contains("://", StringComparison.Ordinal) ? endpoint : $"http://{endpoint}";
        return Uri.TryCreate(text, UriKind.Absolute, out var url) ? $"{url.Host}:{url.Port}" : endpoint;
    }
}
