using Gossipdb.Client;
using Gossipdb.Node.Security;
using Gossipdb.Replication.Accounts;
using Microsoft.Extensions.Logging;
using Change = Gossipdb.Replication.Accounts.AccountChange;

namespace Gossipdb.Node.Tests.Hosting;

/// <summary>The .NET client at a node where callers must log in.</summary>
public sealed class SecuredClientTests(SecuredNode shared) : IClassFixture<SecuredNode>
{
    private RunningNode Node => shared.Node;

    [Theory]
    [InlineData(ClientTransport.Frames)]
    [InlineData(ClientTransport.Grpc)]
    public async Task A_user_may_what_its_rights_say_and_a_denied_call_is_an_exception_of_its_own(ClientTransport transport)
    {
        await using var client = await GossipdbClient.ConnectAsync(Options("alice", transport: transport));
        await client.Counter($"mine-{transport}").IncrementAsync();
        Assert.Equal(1, await client.Counter($"mine-{transport}").GetAsync());
        await client.DeleteAsync($"mine-{transport}");

        var denied = await Assert.ThrowsAsync<PermissionDeniedException>(() => client.Counter("theirs-hits").IncrementAsync());
        Assert.Equal("alice lacks the right write on theirs-hits", denied.Message);
        await Assert.ThrowsAsync<PermissionDeniedException>(async () =>
        {
            await foreach (var _ in client.WatchPrefixAsync("theirs-"))
            {
                // Nothing is told.
            }
        });
    }

    [Theory]
    [InlineData(ClientTransport.Frames)]
    [InlineData(ClientTransport.Grpc)]
    public async Task Who_is_not_let_in_learns_it_at_once(ClientTransport transport)
    {
        var refused = await Assert.ThrowsAsync<AuthenticationFailedException>(() =>
            GossipdbClient.ConnectAsync(Options("alice", "a wrong one", transport)));
        Assert.Equal("the user or the password is wrong", refused.Message);

        await using var nobody = new GossipdbClient(new GossipdbOptions
        {
            Endpoints = [Node.Endpoint],
            Transport = transport,
            Timeout = TimeSpan.FromMinutes(5),
        });
        var unknown = await Assert.ThrowsAsync<AuthenticationFailedException>(() => nobody.Counter("mine-hits").IncrementAsync());
        Assert.Equal(AccessControl.WhoIsThat, unknown.Message);
        using var admin = new GossipdbAdmin(Node.Endpoint);
        await Assert.ThrowsAsync<AuthenticationFailedException>(() => admin.StatusAsync());
    }

    [Theory]
    [InlineData(ClientTransport.Frames)]
    [InlineData(ClientTransport.Grpc)]
    public async Task A_token_is_asked_for_and_again_when_it_is_no_longer_good(ClientTransport transport)
    {
        var user = $"token-{transport}";
        var book = Node.Part<AccountBook>();
        book.Apply(
            new Change.AddUser(user, SecuredNode.Hash),
            new Change.SetUserRight(user, new Right(AccountAction.Write, Crdt.Encoding.Bytes.FromText("mine-")), true));
        var (asked, password) = (0, SecuredNode.Password);
        var options = new GossipdbOptions
        {
            Endpoints = [Node.Endpoint],
            Transport = transport,
            Timeout = TimeSpan.FromSeconds(60),
            Token = async cancellation =>
            {
                Interlocked.Increment(ref asked);
                using var admin = new GossipdbAdmin(Node.Endpoint, Options(user, password));
                return (await admin.LoginAsync(cancellation)).Value;
            },
        };
        await using var client = await GossipdbClient.ConnectAsync(options);
        await client.Counter("mine-hits").IncrementAsync();
        var before = asked;

        // What it has is no longer good, for the connection that is open too.
        password = "another good password";
        book.Apply(new Change.SetPassword(user, PasswordHashes.Of(password)));
        await client.Counter("mine-hits").IncrementAsync();

        Assert.True(asked > before);
    }

    [Fact]
    public async Task The_operator_s_view_has_users_and_roles()
    {
        using var admin = new GossipdbAdmin(Node.Endpoint, Options("admin"));
        await admin.AddRoleAsync("counters");
        await admin.GrantToRoleAsync("counters", new AccessRight(AccessAction.Write, "count-"));
        await admin.AddUserAsync("gina", "gina's password");
        await admin.GrantRoleAsync("gina", "counters");
        await admin.GrantAsync("gina", new AccessRight(AccessAction.Read));

        var gina = (await admin.UsersAsync()).Single(static user => user.Name == "gina");
        Assert.Equal([new AccessRight(AccessAction.Read)], gina.Rights);
        Assert.Equal(["counters"], gina.Roles);
        var role = (await admin.RolesAsync()).Single(static role => role.Name == "counters");
        Assert.Equal([new AccessRight(AccessAction.Write, "count-")], role.Rights);
        using var herself = new GossipdbAdmin(Node.Endpoint, Options("gina", "gina's password"));
        var who = await herself.WhoAmIAsync();
        Assert.Equal(("gina", "password", 2), (who.User, who.How, who.Rights.Count));
        Assert.Equal(
            "gina lacks the right admin", (await Assert.ThrowsAsync<PermissionDeniedException>(() => herself.UsersAsync())).Message);

        await admin.DisableUserAsync("gina");
        await Assert.ThrowsAsync<AuthenticationFailedException>(() => herself.WhoAmIAsync());
        await admin.EnableUserAsync("gina");
        await herself.WhoAmIAsync();
        await admin.RevokeAsync("gina", new AccessRight(AccessAction.Read));
        await admin.RevokeRoleAsync("gina", "counters");
        Assert.Empty((await herself.WhoAmIAsync()).Rights);
        await admin.RemoveUserAsync("gina");
        await admin.RevokeFromRoleAsync("counters", new AccessRight(AccessAction.Write, "count-"));
        await admin.RemoveRoleAsync("counters");
        var last = await Assert.ThrowsAsync<InvalidRequestException>(() => admin.RemoveUserAsync("admin"));
        Assert.Equal("admin is the last admin: give another user the right admin first", last.Message);
    }

    [Fact]
    public async Task No_secret_is_in_a_text_a_log_or_an_exception()
    {
        var log = new Lines();
        using var factory = LoggerFactory.Create(builder => builder.AddProvider(log).SetMinimumLevel(LogLevel.Trace));
        var options = Options("alice", "hush-hush and wrong");
        options.LoggerFactory = factory;
        var refused = await Assert.ThrowsAsync<AuthenticationFailedException>(() => GossipdbClient.ConnectAsync(options));
        var token = await new GossipdbAdmin(Node.Endpoint, Options("alice")).LoginAsync();
        var parsed = GossipdbOptions.Parse($"endpoints={Node.Endpoint};user=alice;password=\"hush-hush; and wrong\"");
        Assert.Equal("hush-hush; and wrong", parsed.Password);

        foreach (var text in (string[])[options.ToString(), refused.ToString(), log.ToString(), parsed.ToString()])
        {
            Assert.DoesNotContain("hush", text, StringComparison.Ordinal);
            Assert.DoesNotContain("YWxpY2U6", text, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(token.Value, token.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(token.Value, Node.ReadLog(), StringComparison.Ordinal);
        string[] useless = ["password=hush", "endpoints=a;hush", "endpoints=a;passwort=hush", "endpoints=a;timeout=hush"];
        foreach (var wrong in useless)
        {
            var problem = Assert.Throws<ArgumentException>(() => GossipdbOptions.Parse(wrong));
            Assert.DoesNotContain("hush", problem.ToString(), StringComparison.Ordinal);
        }
    }

    private GossipdbOptions Options(
        string user, string password = SecuredNode.Password, ClientTransport transport = ClientTransport.Frames) => new()
        {
            Endpoints = [Node.Endpoint],
            User = user,
            Password = password,
            Transport = transport,
            Timeout = TimeSpan.FromSeconds(60),
            ConnectTimeout = TimeSpan.FromSeconds(60),
        };

    private sealed class Lines : ILoggerProvider, ILogger
    {
        private readonly System.Text.StringBuilder _text = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_text) _text.AppendLine(formatter(state, exception)).Append(exception);
        }

        public override string ToString()
        {
            lock (_text) return _text.ToString();
        }

        public void Dispose()
        {
            // Nothing to close.
        }
    }
}
