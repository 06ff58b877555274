using Gossipdb.Client;
using Gossipdb.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Shop;

/// <summary>The shop's own tests: are three pears sold three times at most, also while the network between its two tills is cut?</summary>
public sealed class StockTests(StockTests.ThreeNodes gossipdb, ITestOutputHelper output) : IClassFixture<StockTests.ThreeNodes>
{
    private const int Pieces = 3;

    public sealed class ThreeNodes() : GossipdbFixture(new() { Nodes = 3 });

    [Fact]
    public async Task A_bounded_counter_sells_each_piece_once()
    {
        using var history = await SellOnBothSidesAsync(static store => new CounterStock(store, "pears"));
        history.Assert(HistoryCheck.Stock);
        history.AssertPromises();
    }

    // The same assertion on a register fails, as it should: this is what the shop's first version looked like.
    [Fact]
    public async Task A_number_in_a_register_sells_pieces_twice()
    {
        using var history = await SellOnBothSidesAsync(static store => new RegisterStock(store, "apples"));
        var found = Assert.Throws<HistoryAssertionException>(() => history.Assert(HistoryCheck.Stock));
        output.WriteLine(found.Message);
        Assert.Contains("Two sold the same", found.Message, StringComparison.Ordinal);
    }

    private async Task<CallHistory> SellOnBothSidesAsync(Func<GossipdbStore, IStock> stockOf)
    {
        var cluster = await gossipdb.ClusterAsync();
        var history = cluster.HistoryOf();
        await stockOf(cluster.Client).FillAsync(Pieces);
        await cluster.WaitConvergedAsync();

        await cluster.CutAsync("1 / 2,3");
        for (var customer = 0; customer < Pieces; customer++)
        {
            // Each customer is a session of its own, at the one till or at the other.
            foreach (var till in (GossipdbClient[])[cluster.ClientOf(1), cluster.ClientOf(2)])
                await stockOf(till.OpenSession()).TrySellAsync();
        }

        await cluster.HealAsync();
        await cluster.WaitConvergedAsync();
        return history;
    }
}
