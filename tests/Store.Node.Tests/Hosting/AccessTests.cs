using System.Net;
using System.Text;
using Google.Protobuf;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Security;
using Gossipdb.Node.Server;
using Gossipdb.Protocol;
using Gossipdb.Replication.Accounts;
using Grpc.Core;
using Change = Gossipdb.Replication.Accounts.AccountChange;
using WireChange = Gossipdb.Protocol.AccountChange;

namespace Gossipdb.Node.Tests.Hosting;

/// <summary>A node where callers must log in: what each may, over gRPC and over frames.</summary>
public sealed class AccessTests(SecuredNode shared) : IClassFixture<SecuredNode>
{
    private const string Mine = "mine-";
    private const string Theirs = "theirs-";

    private RunningNode Node => shared.Node;

    /// <summary>A request of each kind there is, with the right it needs and what it needs that on.</summary>
    private static IEnumerable<(Request Request, string Needs)> Requests(string prefix)
    {
        ByteString Key(string key) => ByteString.CopyFromUtf8(prefix + key);
        var increment = new Update { CounterIncrement = new CounterIncrement { Amount = 1 } };
        yield return (new Request { Key = Key("k"), Update = increment }, $"write on {prefix}k");
        yield return (new Request { Key = Key("k"), Read = new Read() }, $"read on {prefix}k");
        yield return (new Request { Key = Key("k"), Delete = new Delete() }, $"delete on {prefix}k");
        yield return (new Request { Key = Key("k"), Expire = new Lifetime { Milliseconds = 60_000 } }, $"write on {prefix}k");
        yield return (
            new Request { Batch = new Batch { Writes = { new KeyWrite { Key = Key("{b}1"), Update = increment } } } },
            $"write on {prefix}{{b}}1");
        yield return (new Request { MultiRead = new MultiRead { Keys = { Key("{b}1"), Key("{b}2") } } }, $"read on {prefix}{{b}}1");
        yield return (new Request { Scan = new Scan { Prefix = ByteString.CopyFromUtf8(prefix), Limit = 10 } }, $"read on {prefix}*");
        yield return (new Request { Key = Key("r"), Restore = new Restore() }, $"write on {prefix}r");
    }

    [Fact]
    public void Every_kind_of_request_is_among_those_tried()
    {
        var tried = Requests(Mine).Select(static each => each.Request.ActionCase);

        Assert.Equal(Enum.GetValues<Request.ActionOneofCase>().Except([Request.ActionOneofCase.None]).Order(), tried.Order());
    }

    [Fact]
    public void Every_call_of_ours_has_a_rule()
    {
        foreach (var service in GossipdbReflection.Descriptor.Services)
        {
            foreach (var method in service.Methods)
                Assert.True(CallRules.Has($"/{service.FullName}/{method.Name}"), $"{service.FullName}/{method.Name} has no rule");
        }
    }

    [Fact]
    public async Task Who_has_a_right_on_one_prefix_may_there_and_nowhere_else_over_both_transports()
    {
        using var frames = await FramesClient.ConnectAsync(Node);
        Assert.Null(await frames.LogInAsync(SecuredNode.Alice));
        foreach (var (request, _) in Requests(Mine))
        {
            Assert.NotEqual(StatusCode.PermissionDenied, await StatusAsync(request, SecuredNode.Alice));
            Assert.NotEqual(ErrorCode.PermissionDenied, (await ReplyAsync(frames, request)).Error?.Code);
        }

        foreach (var (request, needs) in Requests(Theirs))
        {
            var refused = await Assert.ThrowsAsync<RpcException>(async () => await ExecuteAsync(request, SecuredNode.Alice));
            Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
            Assert.Equal($"alice lacks the right {needs}", refused.Status.Detail);
            var error = (await ReplyAsync(frames, request)).Error;
            Assert.Equal((ErrorCode.PermissionDenied, $"alice lacks the right {needs}"), (error.Code, error.Message));
            Assert.Equal(ErrorCode.PermissionDenied, (await StreamAsync(request, SecuredNode.Alice)).Error.Code);
        }

        // None of it was done.
        var left = await ExecuteAsync(
            new Request { MultiRead = new MultiRead { Keys = { ByteString.CopyFromUtf8($"{Theirs}k") } } }, SecuredNode.Admin);
        Assert.Equal(Value.ValueOneofCase.None, left.Values.Values_[0].ValueCase);
    }

    [Fact]
    public async Task Who_is_not_known_gets_nothing_and_is_told_how_to_get_in()
    {
        using var frames = await FramesClient.ConnectAsync(Node);
        await frames.PingAsync();
        Assert.Empty((await frames.NextAsync())!.Replies);
        foreach (var (request, _) in Requests(Mine))
        {
            Assert.Equal(StatusCode.Unauthenticated, await StatusAsync(request, null));
            var error = (await ReplyAsync(frames, request)).Error;
            Assert.Equal((ErrorCode.Unauthenticated, AccessControl.WhoIsThat), (error.Code, error.Message));
        }
    }

    [Theory]
    [InlineData(AccountAction.Read, "read")]
    [InlineData(AccountAction.Write, "write")]
    [InlineData(AccountAction.Delete, "delete")]
    public async Task A_right_allows_what_it_is_named_for_and_nothing_else(AccountAction action, string name)
    {
        var user = $"only-{name}";
        Node.Part<AccountBook>().Apply(
            new Change.AddUser(user, SecuredNode.Hash), new Change.SetUserRight(user, new Right(action, Bytes.FromText(Mine)), true));
        foreach (var (request, needs) in Requests(Mine))
        {
            var status = await StatusAsync(request, SecuredNode.Basic(user));
            var right = needs.Split(' ')[0];

            // A life that ends needs both.
            if (right == name && request.ActionCase != Request.ActionOneofCase.Expire) Assert.NotEqual(StatusCode.PermissionDenied, status);
            else Assert.Equal(StatusCode.PermissionDenied, status);
        }
    }

    [Fact]
    public async Task What_makes_a_key_go_needs_the_right_to_delete_however_it_is_said()
    {
        Node.Part<AccountBook>().Apply(
            new Change.AddUser("writer", SecuredNode.Hash),
            new Change.SetUserRight("writer", new Right(AccountAction.Write, default), true));
        var key = ByteString.CopyFromUtf8("short");
        var (update, soon) = (new Update { CounterIncrement = new() { Amount = 1 } }, new Lifetime { Milliseconds = 1 });
        Request[] requests =
        [
            new() { Key = key, Update = update, Lifetime = soon },
            new() { Key = key, Expire = soon },
            InBatch(new KeyWrite { Key = key, Update = update, Lifetime = soon }),
            InBatch(new KeyWrite { Key = key, Update = update }, new KeyWrite { Key = key, Expire = soon }),
            InBatch(new KeyWrite { Key = key, Update = update }, new KeyWrite { Key = key, Delete = new() }),
        ];
        foreach (var request in requests)
            Assert.Equal(StatusCode.PermissionDenied, await StatusAsync(request, SecuredNode.Basic("writer")));

        // What is restored is merged with what is there: it takes nothing away.
        foreach (var kind in Enum.GetValues<KeyWrite.ActionOneofCase>()
            .Except([KeyWrite.ActionOneofCase.None, KeyWrite.ActionOneofCase.Restore]))
        {
            Assert.Contains(requests, request => request.Batch?.Writes.Any(write => write.ActionCase == kind) == true);
        }

        Assert.Equal(StatusCode.OK, await StatusAsync(new Request { Key = key, Update = update }, SecuredNode.Basic("writer")));
        Assert.Equal(
            StatusCode.OK,
            await StatusAsync(new Request { Key = key, Expire = new Lifetime { ForEver = true } }, SecuredNode.Basic("writer")));
    }

    [Fact]
    public async Task A_change_of_rights_counts_at_once_for_connections_that_are_open()
    {
        var book = Node.Part<AccountBook>();
        book.Apply(new Change.AddUser("bob", SecuredNode.Hash));
        using var frames = await FramesClient.ConnectAsync(Node);
        Assert.Null(await frames.LogInAsync(SecuredNode.Basic("bob")));
        var read = new Request { Key = ByteString.CopyFromUtf8("any"), Read = new Read() };
        Assert.Equal(ErrorCode.PermissionDenied, (await ReplyAsync(frames, read)).Error.Code);

        book.Apply(new Change.SetUserRight("bob", new Right(AccountAction.Read, default), true));
        Assert.Null((await ReplyAsync(frames, read)).Error);

        book.Apply(new Change.SetUserRight("bob", new Right(AccountAction.Read, default), false));
        Assert.Equal(ErrorCode.PermissionDenied, (await ReplyAsync(frames, read)).Error.Code);

        book.Apply(new Change.SetDisabled("bob", true));
        var error = (await ReplyAsync(frames, read)).Error;
        Assert.Equal((ErrorCode.Unauthenticated, "the login is no longer good: log in again"), (error.Code, error.Message));
    }

    [Fact]
    public async Task The_operator_s_calls_need_the_right_admin_and_faults_the_right_lab()
    {
        var admin = new Admin.AdminClient(Node.Channel);
        var accounts = new Accounts.AccountsClient(Node.Channel);
        (string Needs, Func<Metadata, Task> Call)[] calls =
        [
            ("admin", async who => await admin.StatusAsync(new(), who)),
            ("admin", async who => await admin.LayoutAsync(new(), who)),
            ("admin", async who => await admin.StageLayoutAsync(new(), who)),
            ("admin", async who => await admin.ApplyLayoutAsync(new(), who)),
            ("admin", async who => await admin.RepairAsync(new(), who)),
            ("admin", async who => await admin.JournalAsync(new(), who)),
            ("admin", async who => await admin.HotAsync(new(), who)),
            ("admin", who => admin.Backup(new(), who).ResponseStream.MoveNext(default)),
            ("lab", async who => await admin.SetFaultsAsync(new(), who)),
            ("lab", async who => await admin.FaultsAsync(new(), who)),
            ("read on theirs-k", async who => await admin.InspectAsync(new() { Key = ByteString.CopyFromUtf8("theirs-k") }, who)),
            ("admin", async who => await accounts.ListUsersAsync(new(), who)),
            ("admin", async who => await accounts.ListRolesAsync(new(), who)),
            ("admin", async who => await accounts.ChangeAccountsAsync(
                new() { Changes = { new WireChange { RemoveUser = "alice" } } }, who)),
        ];
        foreach (var (needs, call) in calls)
        {
            var refused = await Assert.ThrowsAsync<RpcException>(() => call(As(SecuredNode.Alice)));
            Assert.Equal((StatusCode.PermissionDenied, $"alice lacks the right {needs}"), (refused.StatusCode, refused.Status.Detail));
            Assert.Equal(StatusCode.Unauthenticated, (await Assert.ThrowsAsync<RpcException>(() => call([]))).StatusCode);
        }

        await admin.StatusAsync(new(), As(SecuredNode.Admin));
        Assert.Equal("alice", (await accounts.WhoAmIAsync(new(), As(SecuredNode.Alice))).User);
        Node.Part<AccountBook>().Apply(
            new Change.AddUser("admin-only", SecuredNode.Hash), new Change.SetUserRight("admin-only", Right.Admin, true));
        using var backup = admin.Backup(new(), As(SecuredNode.Basic("admin-only")));
        var all = await Assert.ThrowsAsync<RpcException>(() => backup.ResponseStream.MoveNext(default));
        Assert.Equal("admin-only lacks the right read on *", all.Status.Detail);
        var keys = await Assert.ThrowsAsync<RpcException>(async () =>
            await admin.HotAsync(new(), As(SecuredNode.Basic("admin-only"))));
        Assert.Equal("admin-only lacks the right read on *", keys.Status.Detail);
    }

    [Fact]
    public async Task Health_is_open_and_what_else_HTTP_serves_is_not()
    {
        await Node.Raw.DescribeAsync(new(), As(SecuredNode.Alice));
        Assert.Equal(200, (await Node.HealthAsync("ready")).Status);
        var health = new Grpc.Health.V1.Health.HealthClient(Node.Channel);
        await health.CheckAsync(new Grpc.Health.V1.HealthCheckRequest());
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await Node.Raw.DescribeAsync(new()));
        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);

        var port = Node.Part<Gossipdb.Node.Configuration.NodeSettings>().HttpPort;
        var whoAmI = new Uri($"http://127.0.0.1:{port}/whoami");
        using var unknown = await Node.Http.GetAsync(whoAmI);
        Assert.Equal(HttpStatusCode.Unauthorized, unknown.StatusCode);
        using var asked = new HttpRequestMessage(HttpMethod.Get, whoAmI);
        asked.Headers.TryAddWithoutValidation("Authorization", SecuredNode.Alice);
        using var answer = await Node.Http.SendAsync(asked);
        Assert.Contains("\"user\":\"alice\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_of_a_login_is_good_over_both_transports()
    {
        var accounts = new Accounts.AccountsClient(Node.Channel);
        var login = await accounts.LoginAsync(new(), As(SecuredNode.Alice));
        using var frames = await FramesClient.ConnectAsync(Node);

        Assert.Null(await frames.LogInAsync($"Bearer {login.Token}"));
        Assert.Null((await ReplyAsync(frames, new Request { Key = ByteString.CopyFromUtf8($"{Mine}t"), Read = new() })).Error);
        Assert.Equal("token", (await accounts.WhoAmIAsync(new(), As($"Bearer {login.Token}"))).How);
    }

    [Fact]
    public async Task Who_is_refused_over_frames_is_told_so_and_hung_up_on()
    {
        using var frames = await FramesClient.ConnectAsync(Node);

        Assert.Equal("the user or the password is wrong", await frames.LogInAsync(SecuredNode.Basic("alice", "wrong password")));
        Assert.Null(await frames.NextAsync());
    }

    [Fact]
    public async Task Users_are_changed_by_admins_and_one_s_own_password_by_oneself()
    {
        var accounts = new Accounts.AccountsClient(Node.Channel);
        await accounts.ChangeAccountsAsync(new()
        {
            Changes =
            {
                new WireChange { AddUser = new() { User = "carol", Password = "carol's first one" } },
                new WireChange { AddRole = "editors" },
                new WireChange { AddRoleRight = new()
                {
                    Name = "editors", Right = new() { Action = AccountRight.Types.Action.Write, Prefix = ByteString.CopyFromUtf8("doc-") },
                } },
                new WireChange { GrantRole = new() { User = "carol", Role = "editors" } },
            },
        }, As(SecuredNode.Admin));
        var carol = SecuredNode.Basic("carol", "carol's first one");
        Assert.Equal(["editors"], (await accounts.WhoAmIAsync(new(), As(carol))).Roles);

        await accounts.ChangeAccountsAsync(
            new() { Changes = { new WireChange { SetPassword = new() { User = "carol", Password = "her second one" } } } }, As(carol));
        await Assert.ThrowsAsync<RpcException>(async () => await accounts.WhoAmIAsync(new(), As(carol)));
        Assert.Equal("carol", (await accounts.WhoAmIAsync(new(), As(SecuredNode.Basic("carol", "her second one")))).User);

        var last = await Assert.ThrowsAsync<RpcException>(async () => await accounts.ChangeAccountsAsync(
            new() { Changes = { new WireChange { AddUser = new() { User = "dave", Password = "short" } } } },
            As(SecuredNode.Admin)));
        Assert.Equal((StatusCode.FailedPrecondition, "a password has at least 8 characters"), (last.StatusCode, last.Status.Detail));
    }

    [Fact]
    public async Task The_audit_log_has_logins_denials_and_changes_and_no_secret()
    {
        // What one caller is refused often is not written each time.
        Node.Part<AccountBook>().Apply(new Change.AddUser("frank", SecuredNode.Hash));
        await StatusAsync(new Request { Key = ByteString.CopyFromUtf8($"{Theirs}audited"), Delete = new() }, SecuredNode.Basic("frank"));
        await Assert.ThrowsAsync<RpcException>(async () =>
            await Node.Raw.DescribeAsync(new(), As(SecuredNode.Basic("alice", "a hushed guess"))));
        await new Accounts.AccountsClient(Node.Channel).ChangeAccountsAsync(
            new() { Changes = { new WireChange { AddUser = new() { User = "erin", Password = "erin's hushed one" } } } },
            As(SecuredNode.Admin));

        await Poll.UntilAsync(
            () => Task.FromResult(ReadAudit().Contains("\"what\":\"erin\"", StringComparison.Ordinal)), "the audit log has the change");
        var audit = ReadAudit();
        Assert.Contains("delete on theirs-audited", audit, StringComparison.Ordinal);
        Assert.Contains("\"action\":\"login\"", audit, StringComparison.Ordinal);
        foreach (var text in (string[])[audit, Node.ReadLog()])
        {
            Assert.DoesNotContain("hushed", text, StringComparison.Ordinal);
            Assert.DoesNotContain(SecuredNode.Password, text, StringComparison.Ordinal);
            Assert.DoesNotContain(SecuredNode.Alice.Split(' ')[1], text, StringComparison.Ordinal);
        }
    }

    private string ReadAudit()
    {
        var text = new StringBuilder();
        foreach (var file in Directory.GetFiles(Path.Combine(Node.Directory, "audit")))
        {
            using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            text.Append(reader.ReadToEnd());
        }

        return text.ToString();
    }

    private static Request InBatch(params KeyWrite[] writes) => new() { Batch = new Batch { Writes = { writes } } };

    private static Metadata As(string? header) => header is null ? [] : new Metadata { { "authorization", header } };

    private async Task<Reply> ExecuteAsync(Request request, string? header) => await Node.Raw.ExecuteAsync(request, As(header));

    private async Task<StatusCode> StatusAsync(Request request, string? header)
    {
        try
        {
            await ExecuteAsync(request, header);
            return StatusCode.OK;
        }
        catch (RpcException refused)
        {
            return refused.StatusCode;
        }
    }

    private async Task<Reply> StreamAsync(Request request, string header)
    {
        using var stream = Node.Raw.Stream(As(header));
        await stream.RequestStream.WriteAsync(new RequestBatch { Requests = { request } });
        Assert.True(await stream.ResponseStream.MoveNext(default));
        return stream.ResponseStream.Current.Replies[0];
    }

    private static async Task<Reply> ReplyAsync(FramesClient frames, Request request)
    {
        await frames.SendAsync(request);
        ReplyBatch? batch;
        do
        {
            batch = await frames.NextAsync();
            Assert.NotNull(batch);
        }
        while (batch.Replies.Count == 0);
        return batch.Replies[0];
    }
}
