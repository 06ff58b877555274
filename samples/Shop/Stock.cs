using System.Globalization;
using Gossipdb.Client;

namespace Shop;

/// <summary>What is left of an article. The shop sells on while the network is cut, so one replica is enough for it.</summary>
public interface IStock
{
    /// <summary>Puts the first pieces in.</summary>
    Task FillAsync(int pieces);

    /// <summary>Sells one, if there is one.</summary>
    Task<bool> TrySellAsync();
}

/// <summary>The stock as a number in a register: read it, subtract one, write it back.</summary>
public sealed class RegisterStock(GossipdbStore store, string article) : IStock
{
    private readonly RegisterHandle _left = store.Register(article);

    public Task FillAsync(int pieces) => WriteAsync(pieces);

    public async Task<bool> TrySellAsync()
    {
        var left = int.Parse(await _left.GetAsync(Read.One) ?? "0", CultureInfo.InvariantCulture);
        if (left == 0) return false;
        await WriteAsync(left - 1);
        return true;
    }

    private Task WriteAsync(int left) => _left.SetAsync(left.ToString(CultureInfo.InvariantCulture), Write.One);
}

/// <summary>The stock as a bounded counter, which never falls below zero, on whichever side of a cut it is taken from.</summary>
public sealed class CounterStock(GossipdbStore store, string article) : IStock
{
    private readonly BoundedCounterHandle _left = store.BoundedCounter(article);

    public Task FillAsync(int pieces) => _left.IncrementAsync(pieces, Write.One);

    public async Task<bool> TrySellAsync()
    {
        try
        {
            await _left.DecrementAsync(1, Write.One);
            return true;
        }
        catch (InsufficientRightsException)
        {
            return false; // none is left, or none that this side of the cut may sell
        }
    }
}
