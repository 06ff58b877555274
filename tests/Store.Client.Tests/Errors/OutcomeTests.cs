using Gossipdb.Client.Tests.Fakes;
using Gossipdb.Protocol;

namespace Gossipdb.Client.Tests.Errors;

public class OutcomeTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(200);

    [Theory]
    [InlineData(ErrorCode.Unavailable, typeof(UnavailableException))]
    [InlineData(ErrorCode.Indeterminate, typeof(IndeterminateException))]
    [InlineData(ErrorCode.WrongType, typeof(WrongTypeException))]
    [InlineData(ErrorCode.TooLarge, typeof(TooLargeException))]
    [InlineData(ErrorCode.Overloaded, typeof(OverloadedException))]
    [InlineData(ErrorCode.InvalidArgument, typeof(InvalidRequestException))]
    [InlineData(ErrorCode.Expired, typeof(OperationExpiredException))]
    [InlineData(ErrorCode.SessionUnavailable, typeof(SessionUnavailableException))]
    [InlineData(ErrorCode.RefusingWrites, typeof(RefusingWritesException))]
    [InlineData(ErrorCode.Timeout, typeof(TimedOutException))]
    [InlineData(ErrorCode.Internal, typeof(InternalException))]
    [InlineData(ErrorCode.Unknown, typeof(GossipdbException))]
    public async Task Every_error_of_a_node_has_its_exception(ErrorCode code, Type exception)
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        cluster[1].Answer = _ => Task.FromResult<Reply?>(new Reply
        {
            Error = new Error { Code = code, Message = "It is so.", Required = 3, Reachable = 2, Acked = 1 },
        });

        var failure = await Assert.ThrowsAsync(exception, () => client.Counter("k").IncrementAsync());

        var told = Assert.IsAssignableFrom<GossipdbException>(failure);
        Assert.Equal(("It is so.", 3, 2, 1), (told.Message, told.Required, told.Reachable, told.Acked));
    }

    [Fact]
    public async Task An_error_without_a_message_is_still_a_sentence()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        cluster[1].Answer = _ =>
            Task.FromResult<Reply?>(new Reply { Error = new Error { Code = ErrorCode.Unavailable, Required = 3, Reachable = 1 } });

        var failure = await Assert.ThrowsAsync<UnavailableException>(() => client.GetAsync("k"));

        Assert.Equal("3 replicas are needed and 1 are within reach; nothing was applied.", failure.Message);
    }

    [Fact]
    public async Task A_write_that_is_not_answered_is_indeterminate_and_a_read_timed_out()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        cluster[1].Answer = _ => Task.FromResult<Reply?>(null);

        var write = await Assert.ThrowsAsync<IndeterminateException>(() =>
            client.Counter("k").IncrementAsync(1, Client.Write.One with { Timeout = Soon }));
        await Assert.ThrowsAsync<TimedOutException>(() => client.Counter("k").GetAsync(Client.Read.One with { Timeout = Soon }));

        Assert.Contains(cluster[1].Endpoint, write.Message, StringComparison.Ordinal);
        Assert.All(cluster[1].Requests, request => Assert.InRange(request.TimeoutMs, 1u, 199u));
    }

    [Fact]
    public async Task A_write_whose_node_is_lost_for_good_is_indeterminate()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        cluster[1].Answer = _ => Task.FromResult<Reply?>(null);

        var sent = client.Counter("k").IncrementAsync(1, Client.Write.One with { Timeout = TimeSpan.FromSeconds(1) });
        await cluster[1].NextAsync();
        await cluster[1].KillAsync();

        await Assert.ThrowsAsync<IndeterminateException>(() => sent);
    }

    [Fact]
    public async Task A_write_that_was_never_sent_says_so()
    {
        var nowhere = FakeAnswers.UnusedEndpoint();
        await using var client = new GossipdbClient(GossipdbOptions.ForEndpoints(nowhere));

        var unsent = await Assert.ThrowsAsync<ConnectionException>(() =>
            client.Counter("k").IncrementAsync(1, Client.Write.One with { Timeout = Soon }));

        Assert.Contains(nowhere, unsent.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connecting_where_no_node_listens_names_the_endpoints()
    {
        var (one, two) = (FakeAnswers.UnusedEndpoint(), FakeAnswers.UnusedEndpoint());

        var options = GossipdbOptions.ForEndpoints($"{one},{two}");
        options.WaitForNode = false;
        var failure = await Assert.ThrowsAsync<ConnectionException>(() => GossipdbClient.ConnectAsync(options));
        Assert.Equal($"No node could be reached: {one} (connection refused), {two} (connection refused).", failure.Message);

        (options.WaitForNode, options.Timeout) = (true, Soon);
        failure = await Assert.ThrowsAsync<ConnectionException>(() => GossipdbClient.ConnectAsync(options));
        Assert.Equal(
            $"No node could be reached within 0.2 s: {one} (connection refused), {two} (connection refused).", failure.Message);
    }

    [Fact]
    public async Task Connecting_waits_for_the_first_node_to_come()
    {
        var node = new FakeNode(1);
        await node.StartAsync();
        await node.KillAsync();
        var options = GossipdbOptions.ForEndpoints(node.Endpoint);
        options.Timeout = TimeSpan.FromSeconds(60);
        var connecting = GossipdbClient.ConnectAsync(options);

        // First it has no layout yet, as one that starts.
        var asked = new TaskCompletionSource();
        node.Describe = () =>
        {
            asked.TrySetResult();
            return new();
        };
        await node.StartAsync();
        await using (node)
        {
            await asked.Task.WaitAsync(TimeSpan.FromSeconds(30));
            Assert.False(connecting.IsCompleted);
            node.Describe = static () => new()
            {
                Node = 1,
                Partitions = 1,
                Replication = 1,
                Owners = { new PreferenceList { Nodes = { 1 } } },
            };

            await using var client = await connecting.WaitAsync(TimeSpan.FromSeconds(30));
            await client.Counter("k").IncrementAsync();

            // Connected once, it waits anew for a node that is lost.
            await node.KillAsync();
            var until = DateTime.UtcNow.AddSeconds(30);
            Task again;
            do
            {
                Assert.True(DateTime.UtcNow < until);
                await Task.Yield();
                again = client.EnsureConnectedAsync();
            }
            while (again.IsCompleted);
            await node.StartAsync();
            await again.WaitAsync(TimeSpan.FromSeconds(30));
        }
    }

    [Fact]
    public async Task Connecting_takes_one_endpoint_that_answers()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await GossipdbClient.ConnectAsync($"{FakeAnswers.UnusedEndpoint()}, {cluster[1].Endpoint}");

        await client.Counter("k").IncrementAsync();
    }

    [Fact]
    public async Task A_node_that_has_no_layout_yet_is_not_connected_to()
    {
        await using var node = new FakeNode(1);
        await node.StartAsync();

        var options = GossipdbOptions.ForEndpoints(node.Endpoint);
        options.WaitForNode = false;
        var failure = await Assert.ThrowsAsync<ConnectionException>(() => GossipdbClient.ConnectAsync(options));

        Assert.Contains("no layout yet", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_cluster_would_refuse_is_refused_before_it_is_sent()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        cluster.MaxKeyBytes = 16;
        cluster.MaxValueBytes = 1000;
        await using var client = await cluster.ConnectAsync();

        await Assert.ThrowsAsync<InvalidRequestException>(() => client.GetAsync(""));
        await Assert.ThrowsAsync<InvalidRequestException>(() => client.GetAsync("\uD800"));
        await Assert.ThrowsAsync<InvalidRequestException>(() => client.GetAsync(new string('k', 17)));
        await Assert.ThrowsAsync<InvalidRequestException>(() => client.GetAsync("k", Client.Read.Replicas(2)));
        await Assert.ThrowsAsync<InvalidRequestException>(() => client.DeleteAsync("k", Client.Write.Two));
        await Assert.ThrowsAsync<TooLargeException>(() => client.Register("k").SetAsync(new string('v', 1001)));
        Assert.Empty(cluster[1].Requests);

        await client.Register(new string('k', 16)).SetAsync(new string('v', 1000));
        Assert.Single(cluster[1].Requests);
    }

    [Fact]
    public void Options_that_make_no_sense_are_refused_by_name()
    {
        Refused("Endpoints", static options => options.Endpoints = []);
        Refused("MaxInFlight", static options => options.MaxInFlight = 0);
        Refused("MaxAttempts", static options => options.MaxAttempts = 0);
        Refused("MaxRetryDelay", static options => options.MaxRetryDelay = TimeSpan.FromMilliseconds(5));
        Refused("HedgeDelay", static options => options.HedgeDelay = TimeSpan.Zero);
        Refused("HedgeShare", static options => options.HedgeShare = 0);
        Refused("Timeout", static options => options.Timeout = TimeSpan.Zero);
        Refused("RefreshInterval", static options => options.RefreshInterval = TimeSpan.FromDays(2));
        Refused("not an address", static options => options.Endpoints = ["not an address"]);

        static void Refused(string name, Action<GossipdbOptions> change)
        {
            var options = GossipdbOptions.ForEndpoints("127.0.0.1:5101");
            change(options);
            Assert.Contains(name, Assert.Throws<ArgumentException>(() => new GossipdbClient(options)).Message, StringComparison.Ordinal);
        }
    }
}
