using Gossipdb.Client;

namespace Gossipdb.Cluster.Tests;

[Collection(SharedCluster.Name)]
public sealed class SessionTests(SharedCluster shared)
{
    [Fact]
    public async Task A_session_goes_from_node_to_node_and_a_cut_that_hides_what_it_saw_is_told()
    {
        var cluster = await shared.WholeAsync();
        await using var first = await cluster.ConnectOnlyAsync(1);
        await using var third = await cluster.ConnectOnlyAsync(3);
        var session = first.OpenSession();
        for (var i = 0; i < 50; i++)
        {
            await session.Set("{cart}items").AddAsync($"item {i}", Write.One);
            session = (i % 2 == 0 ? third : first).OpenSession(ClockToken.Parse(session.Token.ToString()));
            Assert.Contains($"item {i}", await session.Set("{cart}items").GetAsync(Read.One));
        }

        // What it has seen of a removed item is enough to remove it anywhere.
        await session.Set("{cart}items").RemoveAsync("item 7", Write.One);
        Assert.DoesNotContain("item 7", await third.OpenSession(session.Token).Set("{cart}items").GetAsync(Read.One));
        Assert.Equal(49, (await third.Set("{cart}items").GetAsync(Read.Within(TimeSpan.FromSeconds(5)))).Count);

        await cluster.CutAsync([1], [2, 3]);
        var hidden = first.OpenSession(session.Token);
        await hidden.Batch().Add("{cart}items", "hidden").Increment("{cart}total", 5).ExecuteAsync(Write.One);
        var behind = third.OpenSession(hidden.Token);
        var brief = Read.One with { Timeout = TimeSpan.FromSeconds(3) };
        await Assert.ThrowsAsync<SessionUnavailableException>(() => behind.Set("{cart}items").GetAsync(brief));
        await Assert.ThrowsAsync<StalenessExceededException>(() =>
            third.Counter("{cart}total").GetAsync(Read.Within(TimeSpan.FromMilliseconds(20))));
        Assert.Equal(0, await third.Counter("{cart}total").GetAsync(Read.One));

        await cluster.HealAsync();
        await cluster.UntilAsync(
            "what was hidden is there", async () => (await behind.Set("{cart}items").GetAsync(brief)).Contains("hidden"));
        var both = await behind.GetManyAsync(["{cart}items", "{cart}total"], Read.One);
        Assert.Equal("5", both["{cart}total"]!.ToString());
    }
}
