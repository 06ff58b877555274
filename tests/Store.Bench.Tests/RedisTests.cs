using Gossipdb.Bench.Redis;

namespace Gossipdb.Bench.Tests;

public sealed class RedisTests
{
    private const string Synchronised = "slave0:ip=127.0.0.1,port=2,state=online,offset=1,lag=0\r\n";

    [Theory]
    [InlineData("role:master\r\n" + Synchronised, false)]
    [InlineData("role:master\r\n" + Synchronised + "slave1:ip=127.0.0.1,port=3,state=send_bulk,offset=0,lag=0\r\n", false)]
    [InlineData("role:master\r\n" + Synchronised + "slave1:ip=127.0.0.1,port=3,state=online,offset=0,lag=0\r\n", true)]
    public void A_primary_is_ready_when_every_replica_is_online(string info, bool ready) =>
        Assert.Equal(ready, RedisServers.FollowedBy(info, 2));

    // What is done at all costs even where the benchmark fails: no server stays behind.
    [SkippableFact]
    public async Task Servers_end_with_the_benchmark()
    {
        Skip.If(RedisServers.Find() is null, "redis-server is not installed");
        var servers = await RedisServers.StartAsync(RedisServers.Find()!, CancellationToken.None);
        var ids = servers.ProcessIds;
        var alive = ids.Select(static id => System.Diagnostics.Process.GetProcessById(id)).ToList();

        await servers.DisposeAsync();

        Assert.Equal(3, ids.Count);
        Assert.All(alive, static process => Assert.True(process.HasExited));
    }
}
