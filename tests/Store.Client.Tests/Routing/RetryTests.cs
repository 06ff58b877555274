using Gossipdb.Client.Tests.Fakes;
using Gossipdb.Protocol;
using Microsoft.Extensions.Logging;

namespace Gossipdb.Client.Tests.Routing;

public class RetryTests
{
    [Fact]
    public async Task A_logger_that_throws_keeps_nothing_from_going_on()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        using var loggers = LoggerFactory.Create(static logging => logging.AddProvider(new ThrowingLoggers()));
        await using var client = await cluster.ConnectAsync(options => options.LoggerFactory = loggers).WaitAsync(TimeSpan.FromSeconds(30));
        await client.Counter("k").IncrementAsync();

        await cluster.Nodes[0].KillAsync();
        var waiting = client.Counter("k").IncrementAsync(1, Write.One with { Timeout = TimeSpan.FromSeconds(60) });
        await cluster.Nodes[0].StartAsync();

        await waiting.WaitAsync(TimeSpan.FromSeconds(60));
    }

    private sealed class ThrowingLoggers : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw new InvalidOperationException("the log is full");
    }

    [Fact]
    public async Task A_write_whose_connection_is_lost_is_sent_to_another_owner_with_the_same_operation_id()
    {
        await using var cluster = await FakeCluster.StartAsync(2);
        await using var client = await cluster.ConnectAsync();
        cluster[1].Answer = FakeAnswers.DropConnection(cluster[1]);

        var receipt = await client.Counter(cluster.KeyOf(1)).IncrementAsync(3);

        Assert.Equal([2], receipt.Nodes);
        var first = Assert.Single(cluster[1].Requests);
        var second = Assert.Single(cluster[2].Requests);
        Assert.NotEqual(0UL, first.Operation.Client);
        Assert.Equal(FakeAnswers.NameOf(first), FakeAnswers.NameOf(second));
        Assert.True(first.Operation.FirstAttempt);
        Assert.False(second.Operation.FirstAttempt);
        Assert.Equal(first.Update, second.Update);
    }

    [Fact]
    public async Task With_no_other_node_a_write_waits_for_its_node_to_return()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        cluster[1].Answer = _ => Task.FromResult<Reply?>(null);

        var writing = client.Counter("k").IncrementAsync(1, Client.Write.One with { Timeout = TimeSpan.FromSeconds(20) });
        var first = await cluster[1].NextAsync();
        await cluster[1].KillAsync();
        cluster[1].Answer = request => Task.FromResult<Reply?>(cluster[1].Execute(request));
        await cluster[1].StartAsync();
        await writing;

        Assert.Equal(FakeAnswers.NameOf(first), FakeAnswers.NameOf(await cluster[1].NextAsync()));
    }

    [Fact]
    public async Task Two_clients_never_share_an_operation_id()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var one = await cluster.ConnectAsync();
        await using var two = await cluster.ConnectAsync();

        await one.Flag("k").EnableAsync();
        await one.Flag("k").EnableAsync();
        await two.Flag("k").EnableAsync();

        Assert.Equal(3, cluster[1].Requests.Select(request => (request.Operation.Client, request.Operation.Number)).Distinct().Count());
    }

    [Fact]
    public async Task The_deadline_of_an_operation_is_counted_by_the_clock_of_the_cluster()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        var ahead = DateTimeOffset.UtcNow.AddDays(1);
        cluster.NowUnixMs = ahead.ToUnixTimeMilliseconds();
        await using var client = await cluster.ConnectAsync();

        await client.Flag("k").EnableAsync();

        var deadline = DateTimeOffset.FromUnixTimeMilliseconds(cluster[1].Requests.Single().Operation.DeadlineUnixMs);
        Assert.InRange(deadline, ahead, ahead.AddHours(1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task One_node_whose_clock_is_off_does_not_move_the_deadlines_of_operations(int off)
    {
        await using var cluster = await FakeCluster.StartAsync(3);
        cluster.NowAt = node => DateTimeOffset.UtcNow.AddHours(node == off ? -1 : 0).ToUnixTimeMilliseconds();
        await using var client = await cluster.ConnectAsync();

        await client.Flag("k").EnableAsync();

        var deadline = DateTimeOffset.FromUnixTimeMilliseconds(
            Enumerable.Range(1, 3).SelectMany(node => cluster[node].Requests).Single().Operation.DeadlineUnixMs);
        Assert.InRange(deadline, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddHours(1));
    }

    [Theory]
    [InlineData(ErrorCode.Unavailable)]
    [InlineData(ErrorCode.RefusingWrites)]
    [InlineData(ErrorCode.Overloaded)]
    [InlineData(ErrorCode.Expired)]
    [InlineData(ErrorCode.SessionUnavailable)]
    public async Task A_refusal_that_another_node_may_not_share_is_tried_there(ErrorCode code)
    {
        await using var cluster = await FakeCluster.StartAsync(3);
        await using var client = await cluster.ConnectAsync();
        cluster[1].Answer = FakeAnswers.Refuse(code);
        cluster[2].Answer = FakeAnswers.Refuse(code);

        var receipt = await client.Counter(cluster.KeyOf(1)).IncrementAsync();

        Assert.Equal([3], receipt.Nodes);
        Assert.Single(cluster.Nodes.SelectMany(node => node.Requests).Select(FakeAnswers.NameOf).Distinct());
    }

    [Fact]
    public async Task A_node_that_failed_by_itself_is_told_of_and_no_other_is_asked()
    {
        await using var cluster = await FakeCluster.StartAsync(3);
        await using var client = await cluster.ConnectAsync();
        foreach (var node in cluster.Nodes) node.Answer = FakeAnswers.Refuse(ErrorCode.Internal);

        await Assert.ThrowsAsync<InternalException>(() => client.Counter("k").IncrementAsync());
        await Assert.ThrowsAsync<InternalException>(() => client.Counter("k").GetAsync());

        Assert.Equal(2, cluster.Nodes.Sum(node => node.Requests.Count));
    }

    [Fact]
    public async Task When_every_node_is_unavailable_each_was_asked_once_and_the_counts_are_told()
    {
        await using var cluster = await FakeCluster.StartAsync(3);
        await using var client = await cluster.ConnectAsync();
        foreach (var node in cluster.Nodes)
            node.Answer = FakeAnswers.Refuse(ErrorCode.Unavailable);

        var failure = await Assert.ThrowsAsync<UnavailableException>(() => client.Counter("k").IncrementAsync());

        Assert.Equal((2, 1, 0), (failure.Required, failure.Reachable, failure.Acked));
        Assert.Equal("scripted", failure.Message);
        Assert.All(cluster.Nodes, node => Assert.Single(node.Requests));
    }

    [Fact]
    public async Task An_overloaded_node_is_tried_again_where_there_is_no_other()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        var refusals = 2;
        cluster[1].Answer = request =>
            refusals-- > 0 ? FakeAnswers.Refuse(ErrorCode.Overloaded)(request) : Task.FromResult<Reply?>(cluster[1].Execute(request));

        await client.Counter("k").IncrementAsync();

        Assert.Equal(3, cluster[1].Requests.Count);
    }

    [Fact]
    public async Task An_overloaded_cluster_is_given_up_on_after_some_attempts()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        cluster[1].Answer = FakeAnswers.Refuse(ErrorCode.Overloaded);

        await Assert.ThrowsAsync<OverloadedException>(() =>
            client.Counter("k").IncrementAsync(1, Client.Write.One with { Timeout = TimeSpan.FromHours(1) }));
    }

    [Fact]
    public async Task A_request_that_ends_every_connection_is_given_up_on()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        cluster[1].Answer = FakeAnswers.DropConnection(cluster[1]);
        var patient = TimeSpan.FromHours(1);

        await Assert.ThrowsAsync<IndeterminateException>(() =>
            client.Counter("k").IncrementAsync(1, Client.Write.One with { Timeout = patient }));
        await Assert.ThrowsAsync<ConnectionException>(() => client.Counter("k").GetAsync(Client.Read.One with { Timeout = patient }));
    }

    [Fact]
    public async Task After_a_lost_answer_no_refusal_claims_that_nothing_was_applied()
    {
        await using var cluster = await FakeCluster.StartAsync(2);
        await using var client = await cluster.ConnectAsync();
        cluster[1].Answer = FakeAnswers.DropConnection(cluster[1]);
        cluster[2].Answer = FakeAnswers.Refuse(ErrorCode.WrongType);

        var failure = await Assert.ThrowsAsync<IndeterminateException>(() => client.Counter(cluster.KeyOf(1)).IncrementAsync());

        Assert.IsType<WrongTypeException>(failure.InnerException);
    }

    [Fact]
    public async Task Calls_go_on_through_one_lost_node()
    {
        await using var cluster = await FakeCluster.StartAsync(3);
        await using var client = await cluster.ConnectAsync();

        var calls = Enumerable.Range(0, 300).Select(i => client.Counter($"key-{i % 30}").IncrementAsync()).ToList();
        await cluster[2].KillAsync();
        await Task.WhenAll(calls);

        Assert.DoesNotContain(2, (await client.ReadAsync(cluster.KeyOf(2))).Receipt.Nodes);
        await cluster[2].StartAsync();
        await cluster.UntilAnsweredByAsync(client, cluster[2]);
    }
}
