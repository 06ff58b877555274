using Gossipdb.Client.Tests.Fakes;
using Gossipdb.Protocol;

namespace Gossipdb.Client.Tests.Handles;

/// <summary>Changes that return what they led to.</summary>
public sealed class ReadBackTests
{
    [Fact]
    public async Task An_increment_returns_the_total_of_a_replica_that_has_it()
    {
        await using var cluster = await FakeCluster.StartAsync(3);
        await using var client = await cluster.ConnectAsync(static options => options.Session = false);
        var key = cluster.KeyOf(2);

        Assert.Equal(4, await client.Counter(key).IncrementAndGetAsync(4));
        Assert.Equal(1, await client.Counter(key).DecrementAndGetAsync(3));
        var (write, read) = (cluster[2].Requests.First(), cluster[2].Requests.Skip(1).First());

        Assert.NotNull(write.Operation);
        Assert.Equal(Level.Types.Named.One, read.Level.Named);
        Assert.Equal((long)write.Id, read.Token.Entries.Single().Sequence);
    }

    [Fact]
    public async Task A_total_that_cannot_be_read_says_that_the_write_stands()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        cluster[1].Answer = request => request.Read is null
            ? Task.FromResult<Reply?>(cluster[1].Execute(request))
            : FakeAnswers.Refuse(ErrorCode.Timeout)(request);

        var unread = await Assert.ThrowsAsync<ReadBackException>(() => client.BoundedCounter("k").IncrementAndGetAsync());

        Assert.IsType<TimedOutException>(unread.InnerException);
        Assert.False(unread.IsTransient);
        Assert.Equal([1], unread.Written.Nodes);
    }

    [Fact]
    public async Task Reading_back_takes_what_the_write_has_left_of_its_time()
    {
        await using var cluster = await FakeCluster.StartAsync(2);
        await using var client = await cluster.ConnectAsync();
        cluster[1].Answer = async request =>
        {
            if (request.Read is null) await Task.Delay(300);
            return cluster[1].Execute(request);
        };

        await client.Counter(cluster.KeyOf(1)).IncrementAndGetAsync(
            1, Client.Write.One with { Timeout = TimeSpan.FromSeconds(50) }, Client.Read.Two);

        var read = cluster[1].Requests.Last(static request => request.Read is not null);
        Assert.Equal(Level.Types.Named.Two, read.Level.Named);
        Assert.InRange(read.TimeoutMs, 1u, 49_700u);
    }
}
