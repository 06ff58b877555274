using Gossipdb.Client;
using Gossipdb.LocalCluster;

namespace Gossipdb.Cluster.Tests;

/// <summary>Nodes that speak TLS with each other and with clients.</summary>
[Collection(RealProcesses.Name)]
public sealed class SecureTests
{
    [Fact]
    public async Task A_secure_cluster_goes_on_on_both_sides_of_a_cut_and_takes_new_certificates_while_it_runs()
    {
        await using var cluster = await TestCluster.StartSecureAsync();
        await cluster.CutAsync([1], [2, 3]);
        await using var small = await cluster.ConnectOnlyAsync(1);
        await using var large = await cluster.ConnectOnlyAsync(2, 3);
        await small.Counter("count").IncrementAsync(3, Write.One);
        await large.Counter("count").IncrementAsync(4, Write.Quorum);

        await cluster.HealAsync();
        await cluster.UntilConvergedAsync();
        await small.Counter("count").IncrementAsync(5, Write.All);
        Assert.Equal(12, await large.Counter("count").GetAsync(Read.One));

        // Each node in turn: what is connected stays connected.
        var ends = DateTimeOffset.UtcNow + TimeSpan.FromDays(100);
        var certificates = Path.GetDirectoryName(cluster.Local.Certificates!.AuthorityFile)!;
        using (var authority = LocalAuthority.Open(certificates))
        {
            foreach (var node in cluster.Local.Nodes)
                authority.Node(node.Id, ["127.0.0.1"], TimeSpan.FromDays(100), replace: true);
        }

        await cluster.UntilAsync("the nodes have taken the new certificates", async () =>
        {
            foreach (var node in cluster.Local.Nodes)
                if ((await cluster.StatusAsync(node.Id)).Certificates[0].Ends > ends.AddMinutes(10)) return false;
            return true;
        });
        await small.Counter("count").IncrementAsync(1, Write.All);

        // Nodes that start anew are taken in by those that did not.
        await cluster.Local.KillAsync(2);
        await cluster.Local.RestartAsync(2);
        await cluster.UntilWholeAsync();
        await small.Counter("count").IncrementAsync(1, Write.All);
        Assert.Equal(14, await large.Counter("count").GetAsync(Read.All));
    }

    [Fact]
    public async Task Who_does_not_speak_TLS_or_trusts_nobody_is_told_what_is_wrong()
    {
        await using var cluster = await TestCluster.StartSecureAsync();
        var endpoint = cluster.Local.Nodes[0].Endpoint;

        var plain = await Assert.ThrowsAsync<ConnectionException>(
            () => GossipdbClient.ConnectAsync(endpoint.Replace("https", "http", StringComparison.Ordinal)));
        var stranger = await Assert.ThrowsAsync<ConnectionException>(() => GossipdbClient.ConnectAsync(endpoint));

        Assert.Contains("does it speak TLS? (https://)", plain.Message, StringComparison.Ordinal);
        Assert.Contains("signed by nobody whom this client trusts", stranger.Message, StringComparison.Ordinal);
    }
}
