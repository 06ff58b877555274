using System.Text;
using System.Text.Json.Nodes;
using Gossipdb.Cli.Logins;
using Gossipdb.Cli.Output;
using Gossipdb.Protocol;

namespace Gossipdb.Cli.Tests;

/// <summary>What the commands for users, roles and logins send and print.</summary>
public sealed class AccountCommandTests : IClassFixture<ScriptedNode>, IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ScriptedNode _node;

    public AccountCommandTests(ScriptedNode node)
    {
        _node = node;
        _node.Changed.Clear();
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_user_is_added_with_a_password_from_a_file()
    {
        var (exit, output, _) = await RunAsync("user", "add", "alice", "--new-password-file", File_("new", "her password\nmore"));

        Assert.Equal(0, exit);
        Assert.StartsWith("added the user alice", output, StringComparison.Ordinal);
        Assert.Equal(("alice", "her password"), (_node.Changed[0].AddUser.User, _node.Changed[0].AddUser.Password));
        await RunAsync("user", "add", "bob", "--no-password");
        Assert.Equal(("bob", ""), (_node.Changed[1].AddUser.User, _node.Changed[1].AddUser.Password));
    }

    [Fact]
    public async Task Rights_are_given_and_taken_in_the_words_they_have()
    {
        var (_, output, _) = await RunAsync("user", "grant", "alice", "read", "write", "--prefix", "cart-", "--role", "readers");
        Assert.Equal("alice may: read cart-*, write cart-*, all of the role readers\n", output.ReplaceLineEndings("\n"));
        Assert.Equal(
            [(AccountRight.Types.Action.Read, "cart-"), (AccountRight.Types.Action.Write, "cart-")],
            _node.Changed.Take(2).Select(static change => (change.GrantUser.Right.Action, change.GrantUser.Right.Prefix.ToStringUtf8())));
        Assert.Equal(("alice", "readers"), (_node.Changed[2].GrantRole.User, _node.Changed[2].GrantRole.Role));

        await RunAsync("user", "revoke", "alice", "admin");
        Assert.Equal(AccountRight.Types.Action.Admin, _node.Changed[3].RevokeUser.Right.Action);
        await RunAsync("role", "grant", "readers", "read");
        Assert.Equal(("readers", ""), (_node.Changed[4].AddRoleRight.Name, _node.Changed[4].AddRoleRight.Right.Prefix.ToStringUtf8()));
        foreach (var words in (string[])["user grant alice", "user grant alice fly", "user grant alice admin --prefix k", "role grant r"])
            Assert.Equal((int)ExitCode.Usage, (await RunAsync(words.Split(' '))).Exit);
    }

    [Fact]
    public async Task Users_are_listed_and_shown()
    {
        _node.Users = new UserList
        {
            Users =
            {
                new AccountUser { Name = "admin", HasPassword = true, Kept = true },
                new AccountUser
                {
                    Name = "alice", Disabled = true, Roles = { "readers" },
                    Rights = { new AccountRight { Action = AccountRight.Types.Action.Lab } },
                },
            },
        };
        var (_, table, _) = await RunAsync("user", "list");
        Assert.Contains("the last admin, kept", table, StringComparison.Ordinal);
        Assert.Contains("disabled", table, StringComparison.Ordinal);

        var alice = JsonNode.Parse((await RunAsync("user", "show", "alice", "--json")).Output)!;
        Assert.Equal(("alice", true, "readers"), ((string)alice["user"]!, (bool)alice["disabled"]!, (string)alice["roles"]![0]!));
        Assert.Equal("lab", (string)alice["rights"]![0]!["action"]!);
        Assert.Equal((int)ExitCode.Refused, (await RunAsync("user", "show", "nobody")).Exit);
    }

    [Fact]
    public async Task What_is_denied_has_an_exit_code_of_its_own()
    {
        var (exit, output, error) = await RunAsync("user", "remove", "admin");
        Assert.Equal(((int)ExitCode.Denied, "", "gossipdb: alice lacks the right admin"), (exit, output, error.TrimEnd()));
        var json = JsonNode.Parse((await RunAsync("user", "remove", "admin", "--json")).Output)!;
        Assert.Equal("permissionDenied", (string)json["error"]!["code"]!);
    }

    [Fact]
    public async Task A_login_keeps_a_token_and_no_password_and_later_commands_go_by_it()
    {
        _node.Login = new LoginReply
        {
            User = "alice",
            Token = "a.token.x",
            ExpiresUnixMs = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeMilliseconds(),
        };
        _node.Caller = new WhoAmIReply
        {
            Authentication = true,
            User = "alice",
            How = "token",
            Rights =
            {
                new AccountRight
                {
                    Action = AccountRight.Types.Action.Read, Prefix = Google.Protobuf.ByteString.CopyFromUtf8("cart-"),
                },
            },
        };
        var (exit, output, _) = await RunAsync("login", "--user", "alice", "--password-file", File_("password", "her password"));
        Assert.Equal(0, exit);
        Assert.StartsWith("logged in as alice until ", output, StringComparison.Ordinal);
        Assert.Equal($"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes("alice:her password"))}", _node.Authorization);
        var store = LoginStore.OfUser();
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(store.Path));
        Assert.DoesNotContain("her password", await File.ReadAllTextAsync(store.Path), StringComparison.Ordinal);

        var (_, who, _) = await RunAsync("whoami");
        Assert.Equal("Bearer a.token.x", _node.Authorization);
        Assert.Equal("alice, by token\n  read cart-*\n", who.ReplaceLineEndings("\n"));

        // What a command says counts more.
        await RunAsync("whoami", "--token-file", File_("token", "another.token.x"));
        Assert.Equal("Bearer another.token.x", _node.Authorization);

        Assert.Equal("logged out\n", (await RunAsync("logout")).Output.ReplaceLineEndings("\n"));
        await RunAsync("whoami");
        Assert.Null(_node.Authorization);
    }

    [Fact]
    public async Task Half_of_what_says_who_calls_is_refused_and_nothing_sent()
    {
        var file = File_("password", "x");
        foreach (var words in (string[][])
            [["whoami", "--password-file", file], ["whoami", "--user", "alice", "--token-file", file], ["login"],
                ["whoami", "--user", "alice", "--password-file", file + ".not"]])
        {
            var (exit, _, error) = await RunAsync(words);
            Assert.True(exit == (int)ExitCode.Usage, $"{string.Join(' ', words)}: {exit} {error}");
        }
    }

    private string File_(string name, string content)
    {
        var path = Path.Combine(_directory.Path, name);
        File.WriteAllText(path, content);
        return path;
    }

    private async Task<(int Exit, string Output, string Error)> RunAsync(params string[] words)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var exit = await CommandLine.RunAsync(
            [.. words, "--endpoint", _node.Endpoint],
            new Terminal(output, error, interactive: false),
            NoNode.Runner,
            CancellationToken.None);
        return (exit, output.ToString(), error.ToString());
    }
}
