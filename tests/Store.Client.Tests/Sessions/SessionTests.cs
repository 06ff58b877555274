using Gossipdb.Client.Tests.Fakes;
using Gossipdb.Protocol;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client.Tests.Sessions;

public class SessionTests
{
    [Fact]
    public async Task Every_call_asks_for_what_the_ones_before_it_have_shown()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        var clocks = new Queue<VectorEntry[]>([[Seen(5, 3)], [Seen(5, 2), Seen(7, 1)], [Seen(5, 4)], [Seen(9, 9)]]);
        AnswerWith(cluster, clocks);

        await client.Counter("{a}1").IncrementAsync();
        await client.Counter("{a}2").GetAsync(Client.Read.One);
        await client.Counter("{a}1").GetAsync(Client.Read.One);
        await client.Counter("{a}1").GetAsync(Client.Read.One);

        await client.OpenSession(client.Session!.Token).Counter("{a}3").GetAsync();

        Assert.Equal(["", "5:3", "5:3 7:1", "5:4 7:1", "5:4 7:1 9:9"], cluster[1].Requests.Select(Token));
    }

    [Fact]
    public async Task Sessions_know_nothing_of_each_other_and_go_on_from_a_token()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        AnswerWith(cluster, new Queue<VectorEntry[]>([[Seen(5, 3)], [Seen(6, 1)], [Seen(5, 3)]]));
        var session = client.OpenSession();

        await session.Counter("{a}").IncrementAsync();
        await client.Counter("{a}").IncrementAsync();
        var resumed = client.OpenSession(ClockToken.Parse(session.Token.ToString()));
        await resumed.Counter("{a}").GetAsync();
        session.Forget();
        await session.Counter("{a}").GetAsync();

        Assert.Equal(["", "", "5:3", ""], cluster[1].Requests.Select(Token));
    }

    [Fact]
    public async Task What_a_call_asks_for_besides_is_asked_for_too()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        AnswerWith(cluster, new Queue<VectorEntry[]>([[Seen(5, 3)]]));
        var receipt = await client.OpenSession().Counter("{a}").IncrementAsync();
        AnswerWith(cluster, new Queue<VectorEntry[]>([[Seen(4, 1)]]));
        await client.Counter("{a}").IncrementAsync();

        await client.Counter("{a}").GetAsync(Client.Read.One.After(receipt.Token));

        Assert.Equal("4:1 5:3", Token(cluster[1].Requests.Last()));
    }

    [Fact]
    public async Task Without_a_session_every_call_stands_for_itself()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync(options => options.Session = false);
        AnswerWith(cluster, new Queue<VectorEntry[]>([[Seen(5, 3)]]));
        await client.Counter("{a}").IncrementAsync();
        await client.Counter("{a}").GetAsync();
        Assert.Null(client.Session);
        Assert.Equal(["", ""], cluster[1].Requests.Select(Token));
    }

    [Fact]
    public async Task What_was_lost_is_forgotten_after_the_error()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        AnswerWith(cluster, new Queue<VectorEntry[]>([[Seen(5, 3), Seen(7, 1)]]));
        await client.Counter("{a}").IncrementAsync();
        cluster[1].Answer = request => Task.FromResult<Reply?>(new Reply
        {
            Error = new Error { Code = ErrorCode.SessionLost, Message = "gone", Lost = { Seen(5, 3) } },
        });
        await Assert.ThrowsAsync<SessionLostException>(() => client.Counter("{a}").GetAsync());

        AnswerWith(cluster, []);
        await client.Counter("{a}").GetAsync();

        Assert.Equal(["", "5:3 7:1", "7:1"], cluster[1].Requests.Select(Token));
    }

    [Fact]
    public async Task A_session_stays_where_it_was_served_while_the_first_owner_hears_of_it()
    {
        await using var cluster = await FakeCluster.StartAsync(3);
        await using var client = await cluster.ConnectAsync(options => options.Session = false);
        var key = cluster.KeyOf(1);
        var session = client.OpenSession();
        var refuse = true;
        cluster[1].Answer = request => Task.FromResult<Reply?>(refuse
            ? new Reply { Error = new Error { Code = ErrorCode.Unavailable } }
            : cluster[1].Execute(request));
        foreach (var node in cluster.Nodes.Skip(1))
        {
            node.Answer = request =>
            {
                var reply = node.Execute(request);
                reply.Receipt.Clock.Partition = FakeCluster.PartitionOf(key);
                return Task.FromResult<Reply?>(reply);
            };
        }

        await session.Counter(key).IncrementAsync();
        refuse = false;
        var second = await session.Counter(key).IncrementAsync();
        Assert.NotEqual(1, second.Nodes[0]);
        Assert.Equal([1], (await client.Counter(key).IncrementAsync()).Nodes);
    }

    [Fact]
    public async Task A_bound_on_staleness_goes_in_place_of_a_level()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        await client.Counter("k").GetAsync(Client.Read.Within(TimeSpan.FromSeconds(2)));
        Assert.Equal((2_000u, null), (cluster[1].Requests.Single().MaxStalenessMs, cluster[1].Requests.Single().Level));

        cluster[1].Answer = request =>
            Task.FromResult<Reply?>(new Reply { Error = new Error { Code = ErrorCode.Stale, Message = "node 3 is out of reach" } });
        await Assert.ThrowsAsync<StalenessExceededException>(() =>
            client.Counter("k").GetAsync(Client.Read.Within(TimeSpan.FromSeconds(2))));
        Assert.Throws<ArgumentOutOfRangeException>(() => Client.Read.Within(TimeSpan.Zero));
        Assert.Equal("within 2 s", Client.Read.Within(TimeSpan.FromSeconds(2)).ToString());
    }

    private static VectorEntry Seen(ulong replica, long sequence) => new() { Replica = replica, Sequence = sequence };

    private static string Token(Request request) =>
        request.Token is null ? "" : string.Join(' ', request.Token.Entries.Select(entry => $"{entry.Replica}:{entry.Sequence}"));

    private static void AnswerWith(FakeCluster cluster, Queue<VectorEntry[]> clocks) => cluster[1].Answer = request =>
    {
        var reply = cluster[1].Execute(request);
        reply.Receipt = new Wire.Receipt
        {
            Clock = new Clock { Partition = FakeCluster.PartitionOf(request.Key.ToStringUtf8()) },
            Nodes = { 1 },
        };
        if (clocks.TryDequeue(out var entries)) reply.Receipt.Clock.Entries.Add(entries);
        return Task.FromResult<Reply?>(reply);
    };
}
