using Gossipdb.Node.Server;
using Gossipdb.Protocol;
using Grpc.Core;

namespace Gossipdb.Node.Tests.Server;

/// <summary>One client's gRPC stream, without a network.</summary>
public sealed class ClientStreamTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly TestNode _node = new(TestSettings.Parse());
    private readonly CancellationTokenSource _end = new();
    private readonly Client _client = new();

    public void Dispose() => _end.Dispose();

    // gRPC resets a stream where the token of a write is cancelled: then the client is not told why the node ends it.
    [Fact]
    public async Task The_answer_under_way_is_written_whole_where_the_stream_is_to_end()
    {
        var running = Run();
        var (written, token) = await _client.Writing.Task.WaitAsync(Patience);
        Assert.Equal(ErrorCode.InvalidArgument, written.Replies.Single().Error.Code);

        await _end.CancelAsync();

        Assert.False(token.IsCancellationRequested);
        Assert.False(running.IsCompleted);
        _client.HasRead.SetResult();
        await running.WaitAsync(Patience);
    }

    [Fact]
    public async Task Who_does_not_read_the_answer_under_way_is_ended_though_the_stream_is_to_end_anyway()
    {
        var running = Run();
        await _client.Writing.Task.WaitAsync(Patience);
        await _end.CancelAsync();

        _node.Gateway.Admission.Answers.Sweep(long.MaxValue);

        await running.WaitAsync(Patience);
    }

    // As it is where a stream is reset, a write that is under way fails.
    private Task Run() => new ClientStream(
        _node.Gateway, _node.Settings, new CallerAccount(), login: null, () => _client.HasRead.SetException(new IOException("reset")))
        .RunAsync(_client, _client, _end.Token);

    /// <summary>Asks for what makes no sense, which is answered at once; and reads the answer when the test says so.</summary>
    private sealed class Client : IAsyncStreamReader<RequestBatch>, IServerStreamWriter<ReplyBatch>
    {
        private bool _hasAsked;

        public TaskCompletionSource HasRead { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<(ReplyBatch Batch, CancellationToken Token)> Writing { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public RequestBatch Current { get; } = new() { Requests = { new Request { Id = 1 } } };

        public WriteOptions? WriteOptions { get; set; }

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            if (_hasAsked) await Task.Delay(Timeout.Infinite, cancellationToken);
            return _hasAsked = true;
        }

        public Task WriteAsync(ReplyBatch message) => WriteAsync(message, CancellationToken.None);

        public Task WriteAsync(ReplyBatch message, CancellationToken cancellationToken)
        {
            Writing.TrySetResult((message.Clone(), cancellationToken));
            return HasRead.Task.WaitAsync(cancellationToken);
        }
    }
}
