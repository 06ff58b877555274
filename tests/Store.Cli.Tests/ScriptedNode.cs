using System.Net;
using Google.Protobuf;
using Gossipdb.Protocol;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gossipdb.Cli.Tests;

/// <summary>
/// A node that takes every request and answers as the test says: what a command sends and prints, without a store behind it.
/// </summary>
public sealed class ScriptedNode : IAsyncLifetime
{
    private WebApplication _application = null!;
    private Reply _answer = new();

    internal string Endpoint { get; private set; } = "";

    /// <summary>The last request of a command.</summary>
    internal Request Asked { get; private set; } = new();

    /// <summary>The last change of the layout that a command staged.</summary>
    internal LayoutChange? Staged { get; private set; }

    /// <summary>The last request of a command to apply what is staged.</summary>
    internal ApplyLayoutRequest? Applied { get; private set; }

    /// <summary>The last changes of users and roles that a command asked for.</summary>
    internal List<AccountChange> Changed { get; } = [];

    /// <summary>What the last command said of who it is.</summary>
    internal string? Authorization { get; private set; }

    /// <summary>The users it says there are.</summary>
    internal UserList Users { get; set; } = new();

    /// <summary>Who it says the caller is.</summary>
    internal WhoAmIReply Caller { get; set; } = new();

    /// <summary>The token that it gives at a login.</summary>
    internal LoginReply Login { get; set; } = new();

    /// <summary>What it says of its layout.</summary>
    internal LayoutReply Layout { get; set; } = new();

    /// <summary>The faults it was told.</summary>
    internal FaultSet Faults { get; set; } = new();

    /// <summary>What it says it is asked for most.</summary>
    internal HotReply Hot { get; set; } = new();

    /// <summary>What it says of itself, at each question.</summary>
    internal Func<NodeStatus> Status { get; set; } = static () => new NodeStatus { Node = 1, Ready = true };

    /// <summary>What it says it holds of a key.</summary>
    internal InspectReply Inspected { get; set; } = new();

    /// <summary>Answers from now on with this, in the JSON of the contract.</summary>
    internal void Answer(string reply) => _answer = JsonParser.Default.Parse<Reply>(reply);

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(this);
        _application = builder.Build();
        _application.MapGrpcService<Service>();
        _application.MapGrpcService<LayoutService>();
        _application.MapGrpcService<AccountsService>();
        await _application.StartAsync();
        Endpoint = _application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
    }

    public async Task DisposeAsync() => await _application.DisposeAsync();

    private Reply Take(Request request)
    {
        Asked = request;
        var reply = _answer.Clone();
        reply.Id = request.Id;
        if (reply.Receipt is not { Required: > 0 })
        {
            reply.Receipt = new Receipt
            {
                Nodes = { 1 },
                Required = 1,
                Clock = reply.Receipt?.Clock,
                Level = new Level { Named = Level.Types.Named.Quorum, Sloppy = true },
            };
        }

        return reply;
    }

    private sealed class Service(ScriptedNode node) : Protocol.Gossipdb.GossipdbBase
    {
        public override Task<ClusterDescription> Describe(DescribeRequest request, ServerCallContext context)
        {
            node.Authorization = context.RequestHeaders.GetValue("authorization");
            return Task.FromResult(new ClusterDescription
            {
                Node = 1,
                Partitions = 1,
                Replication = 1,
                LayoutVersion = 1,
                MaxBatch = 1000,
                Nodes = { new NodeDescription { Id = 1, Endpoint = node.Endpoint, Reachable = true } },
                Owners = { new PreferenceList { Nodes = { 1u } } },
            });
        }

        public override async Task Stream(
            IAsyncStreamReader<RequestBatch> requests, IServerStreamWriter<ReplyBatch> replies, ServerCallContext context)
        {
            try
            {
                await foreach (var batch in requests.ReadAllAsync(context.CancellationToken))
                    await replies.WriteAsync(new ReplyBatch { Replies = { batch.Requests.Select(node.Take) } });
            }
            catch (Exception gone) when (gone is IOException or OperationCanceledException)
            {
                // The command has its answer, and is gone.
            }
        }
    }

    private sealed class AccountsService(ScriptedNode node) : Accounts.AccountsBase
    {
        public override Task<LoginReply> Login(LoginRequest request, ServerCallContext context) => Task.FromResult(node.Login);

        public override Task<WhoAmIReply> WhoAmI(WhoAmIRequest request, ServerCallContext context) => Task.FromResult(node.Caller);

        public override Task<UserList> ListUsers(ListUsersRequest request, ServerCallContext context) => Task.FromResult(node.Users);

        public override Task<ChangeAccountsReply> ChangeAccounts(ChangeAccountsRequest request, ServerCallContext context)
        {
            node.Changed.AddRange(request.Changes);
            return request.Changes.Any(static change => change.RemoveUser == "admin")
                ? throw new RpcException(new Grpc.Core.Status(StatusCode.PermissionDenied, "alice lacks the right admin"))
                : Task.FromResult(new ChangeAccountsReply());
        }
    }

    private sealed class LayoutService(ScriptedNode node) : Admin.AdminBase
    {
        public override Task<LayoutReply> Layout(LayoutRequest request, ServerCallContext context) => Task.FromResult(node.Layout);

        public override Task<InspectReply> Inspect(InspectRequest request, ServerCallContext context) => request.Key.IsEmpty
            ? throw new RpcException(new Grpc.Core.Status(StatusCode.InvalidArgument, "the key is empty"))
            : Task.FromResult(node.Inspected);

        public override Task<HotReply> Hot(HotRequest request, ServerCallContext context) => Task.FromResult(node.Hot);

        public override Task<NodeStatus> Status(StatusRequest request, ServerCallContext context)
        {
            var status = node.Status();
            status.Cluster ??= new ClusterDescription
            {
                Partitions = 1,
                Replication = 1,
                LayoutVersion = 1,
                Owners = { new PreferenceList { Nodes = { 1u } } },
                Nodes = { new NodeDescription { Id = 1, Endpoint = node.Endpoint, Reachable = true } },
            };
            return Task.FromResult(status);
        }

        public override Task<FaultSet> Faults(FaultsRequest request, ServerCallContext context) => Task.FromResult(node.Faults);

        public override Task<FaultSet> SetFaults(FaultSet request, ServerCallContext context) => Task.FromResult(node.Faults = request);

        public override Task<LayoutReply> StageLayout(LayoutChange request, ServerCallContext context)
        {
            node.Staged = request;
            return Task.FromResult(node.Layout);
        }

        public override Task<LayoutReply> ApplyLayout(ApplyLayoutRequest request, ServerCallContext context)
        {
            node.Applied = request;
            return Task.FromResult(node.Layout);
        }
    }
}
