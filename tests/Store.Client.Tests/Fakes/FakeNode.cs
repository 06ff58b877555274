using System.Collections.Concurrent;
using System.Net;
using System.Threading.Channels;
using Gossipdb.Protocol;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gossipdb.Client.Tests.Fakes;

/// <summary>A node that speaks the contract on a loopback port and behaves as the test says.</summary>
internal sealed class FakeNode : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Channel<Request> _received = Channel.CreateUnbounded<Request>();
    private readonly ConcurrentDictionary<ConnectionContext, bool> _connections = new();
    private WebApplication? _application;
    private int _port;

    public FakeNode(uint id)
    {
        Id = id;
        Store = new FakeStore();
        Data = new FakeDataPort(this);
        Answer = request => Task.FromResult<Reply?>(Execute(request));
    }

    public uint Id { get; }

    public FakeStore Store { get; init; }

    public string Endpoint => $"http://127.0.0.1:{_port}";

    /// <summary>What the node says of the cluster.</summary>
    public Func<Protocol.ClusterDescription> Describe { get; set; } = () => new();

    /// <summary>What it does with a request; null is no answer, ever.</summary>
    public Func<Request, Task<Reply?>> Answer { get; set; }

    /// <summary>What it tells a watch; by default nothing, until the watch ends.</summary>
    public Func<WatchRequest, IServerStreamWriter<WatchBatch>, CancellationToken, Task> Watch { get; set; } = static (_, _, ended) =>
        Task.Delay(Timeout.Infinite, ended);

    /// <summary>Where it takes frames, unless the test stops that.</summary>
    public FakeDataPort Data { get; }

    /// <summary>How many gRPC streams were opened.</summary>
    public int GrpcStreams { get; private set; }

    /// <summary>The admin service's answers.</summary>
    public FakeAdmin Admin { get; } = new();

    /// <summary>Everything received, in the order of arrival.</summary>
    public ConcurrentQueue<Request> Requests { get; } = new();

    /// <summary>The requests and the bytes of every batch.</summary>
    public ConcurrentQueue<(int Requests, int Bytes)> Batches { get; } = new();

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(
            IPAddress.Loopback, _port, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.Use(next => connection => ServeAsync(next, connection));
            }));
        builder.Services.AddGrpc(static options => options.MaxReceiveMessageSize = 64 * 1024 * 1024);
        builder.Services.AddSingleton(this);
        builder.Services.AddSingleton(Admin);
        _application = builder.Build();
        _application.MapGrpcService<DataService>();
        _application.MapGrpcService<FakeAdmin>();
        await _application.StartAsync();
        var address = _application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        _port = new Uri(address).Port;
        Data.Start();
    }

    /// <summary>Stops listening and drops every connection; <see cref="StartAsync"/> brings the node back on the same port.</summary>
    public async Task KillAsync()
    {
        if (_application is not { } application)
            return;
        _application = null;
        Data.Stop();
        DropConnections();
        await application.StopAsync(new CancellationToken(canceled: true));
        await application.DisposeAsync();
    }

    public void DropConnections()
    {
        foreach (var connection in _connections.Keys)
            connection.Abort();
        Data.DropConnections();
    }

    /// <summary>The next request not yet taken from here.</summary>
    public Task<Request> NextAsync() => _received.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    public Reply Execute(Request request) => WithReceipt(Store.Execute(request), request);

    public Reply WithReceipt(Reply reply, Request request)
    {
        reply.Receipt = new Protocol.Receipt
        {
            Clock = new Clock
            {
                Partition = FakeCluster.PartitionOf(request.Key.ToStringUtf8()),
                Entries = { new VectorEntry { Replica = Id, Sequence = (long)request.Id } },
            },
            Nodes = { Id },
            Required = 1,
        };
        return reply;
    }

    public ValueTask DisposeAsync() => new(KillAsync());

    private async Task ServeAsync(ConnectionDelegate next, ConnectionContext connection)
    {
        _connections[connection] = true;
        try
        {
            await next(connection);
        }
        finally
        {
            _connections.TryRemove(connection, out _);
        }
    }

    /// <summary>Takes a batch, and answers each of its requests as the test says.</summary>
    public void Receive(RequestBatch batch, int bytes, Func<Reply, Task> send)
    {
        Batches.Enqueue((batch.Requests.Count, bytes));
        foreach (var request in batch.Requests)
        {
            Requests.Enqueue(request);
            _received.Writer.TryWrite(request);
            _ = AnswerAsync(request, send);
        }
    }

    private async Task AnswerAsync(Request request, Func<Reply, Task> send)
    {
        if (await Answer(request) is not { } reply)
            return;
        reply.Id = request.Id;
        await send(reply);
    }

    private sealed class DataService(FakeNode node) : Protocol.Gossipdb.GossipdbBase
    {
        public override Task<Protocol.ClusterDescription> Describe(DescribeRequest request, ServerCallContext context)
        {
            var description = node.Describe();
            if (description.DataPort == 0)
                description.DataPort = (uint)node.Data.Port;
            return Task.FromResult(description);
        }

        public override Task Watch(WatchRequest request, IServerStreamWriter<WatchBatch> batches, ServerCallContext context) =>
            node.Watch(request, batches, context.CancellationToken);

        public override async Task Stream(
            IAsyncStreamReader<RequestBatch> requests, IServerStreamWriter<ReplyBatch> replies, ServerCallContext context)
        {
            var writing = new SemaphoreSlim(1);
            node.GrpcStreams++;
            try
            {
                await foreach (var batch in requests.ReadAllAsync(context.CancellationToken))
                    node.Receive(batch, batch.CalculateSize(), reply => SendAsync(reply, replies, writing));
            }
            catch (Exception failure) when (failure is IOException or OperationCanceledException)
            {
                // The test dropped the connection, or the client is gone.
            }
        }

        private static async Task SendAsync(Reply reply, IServerStreamWriter<ReplyBatch> replies, SemaphoreSlim writing)
        {
            await writing.WaitAsync();
            try
            {
                await replies.WriteAsync(new ReplyBatch { Replies = { reply } });
            }
            catch (Exception failure) when (failure is InvalidOperationException or IOException or OperationCanceledException)
            {
                // The stream ended first.
            }
            finally
            {
                writing.Release();
            }
        }
    }
}
