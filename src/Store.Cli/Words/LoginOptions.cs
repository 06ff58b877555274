using System.CommandLine;
using Gossipdb.Cli.Logins;
using Gossipdb.Cli.Output;
using Gossipdb.Client;

namespace Gossipdb.Cli.Words;

/// <summary>The options that say who calls, and what else may say it: the environment, an earlier login.</summary>
internal sealed class LoginOptions
{
    public const string UserVariable = "GOSSIPDB_USER";
    public const string PasswordFileVariable = "GOSSIPDB_PASSWORD_FILE";
    public const string TokenFileVariable = "GOSSIPDB_TOKEN_FILE";

    public Option<string?> User { get; } = new("--user")
    {
        Description = $"Who calls, where nodes want to know (environment: {UserVariable}; default: as 'gossipdb login' said)",
        HelpName = "USER",
    };

    public Option<string?> PasswordFile { get; } = new("--password-file")
    {
        Description = $"A file whose first line is the user's password; -: the standard input (environment: {PasswordFileVariable}; "
            + "without, it is asked for)",
        HelpName = "FILE",
    };

    public Option<string?> TokenFile { get; } = new("--token-file")
    {
        Description = $"A file whose first line is a token, in place of user and password (environment: {TokenFileVariable})",
        HelpName = "FILE",
    };

    /// <summary>Where logins are kept.</summary>
    public LoginStore Store { get; init; } = LoginStore.OfUser();

    public IEnumerable<Option> All => [User, PasswordFile, TokenFile];

    /// <summary>
    /// Sets who calls: what the command line says, else the environment, else the login for the first endpoint that has one.
    /// </summary>
    public void Apply(ParseResult parse, GossipdbOptions options, bool useLogin = true)
    {
        var (user, password, token) = (Said(parse, User), Said(parse, PasswordFile), Said(parse, TokenFile));
        if (user is null && password is null && token is null)
        {
            (user, password, token) =
                (Variable(UserVariable), Variable(PasswordFileVariable), Variable(TokenFileVariable));

            // A file with a password alone is for those who say --user.
            if (user is null) password = null;
            if (user is not null) token = null;
        }
        else if (user is not null && password is null)
        {
            password = Variable(PasswordFileVariable);
        }

        if (token is not null)
        {
            if (user is not null || password is not null)
                throw CliException.Usage($"{TokenFile.Name} stands in place of {User.Name} and {PasswordFile.Name}");

            // Read again where it has expired: whoever keeps the file may have renewed it.
            options.Token = _ => ValueTask.FromResult(Secrets.FromFile(TokenFile.Name, token));
        }
        else if (user is not null)
        {
            options.User = user;
            options.Password = password is not null
                ? Secrets.FromFile(PasswordFile.Name, password)
                : Secrets.FromKeyboard($"password of {user}: ", $"{User.Name} needs {PasswordFile.Name} where nobody types");
        }
        else if (password is not null)
        {
            throw CliException.Usage($"{PasswordFile.Name} needs {User.Name}");
        }
        else if (useLogin && options.Endpoints.Select(Store.Find).FirstOrDefault(static login => login is not null) is { } login)
        {
            options.Token = _ => ValueTask.FromResult(login.Token);
        }
    }

    private static string? Said(ParseResult parse, Option<string?> option) =>
        parse.GetResult(option) is null ? null
        : parse.GetValue(option) is { Length: > 0 } value ? value
        : null;

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
