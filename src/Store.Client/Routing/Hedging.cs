using Gossipdb.Client.Connection;
using Gossipdb.Protocol;

namespace Gossipdb.Client.Routing;

/// <summary>
/// Asks a second owner where the first is slow to answer a read, and takes the answer that comes first (hedged requests: Dean and Barroso,
/// "The Tail at Scale", Communications of the ACM 56(2), 2013). Reads alone: they change nothing. Each read earns a share of a hedge, and
/// what is earned is kept up to a bound, so that a cluster that is slow as a whole is not asked for twice as much.
/// </summary>
internal sealed class Hedging(Dispatcher dispatcher, TimeSpan delay, double share)
{
    private const int Whole = 1000;
    private const int MostSaved = 10 * Whole;

    private readonly int _earned = Math.Max(1, (int)(share * Whole));
    private int _saved = Whole; // in thousandths of a hedge

    /// <summary>Watches a read that has begun.</summary>
    public ValueTask<Reply> Watch(OutboundCall call, ValueTask<Reply> reading)
    {
        Earn();
        return reading.IsCompleted ? reading : WatchAsync(call, reading.AsTask());
    }

    private async ValueTask<Reply> WatchAsync(OutboundCall call, Task<Reply> first)
    {
        using (var answered = new CancellationTokenSource())
        {
            var isFirst = await Task.WhenAny(first, Task.Delay(delay, answered.Token)).ConfigureAwait(false) == first;
            await answered.CancelAsync().ConfigureAwait(false);
            if (isFirst) return await first.ConfigureAwait(false);
        }

        if (!TrySpend())
        {
            dispatcher.Counters.HedgeWithheld();
            return await first.ConfigureAwait(false);
        }

        if (dispatcher.AskAnother(call) is not { } another)
        {
            Add(Whole);
            dispatcher.Counters.HedgeWithheld();
            return await first.ConfigureAwait(false);
        }

        dispatcher.Counters.Hedged();
        var second = another.Task.AsTask();
        Task winner = await Task.WhenAny(first, second).ConfigureAwait(false);

        // One that failed has not won while the other may still succeed.
        if (!winner.IsCompletedSuccessfully) winner = winner == first ? second : first;
        await winner.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (winner == second && second.IsCompletedSuccessfully)
        {
            dispatcher.Counters.HedgeWon();
            GiveUp(call, first);
            return await second.ConfigureAwait(false);
        }

        // Where both failed, the caller is told of the call that it made.
        GiveUp(another, second);
        return await first.ConfigureAwait(false);
    }

    // Its place among the calls in flight is free at once; an answer that comes later is for nobody.
    private static void GiveUp(OutboundCall loser, Task<Reply> reading)
    {
        loser.Fail(new OperationCanceledException());
        _ = reading.ContinueWith(
            static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void Earn()
    {
        if (Volatile.Read(ref _saved) < MostSaved) Add(_earned);
    }

    private void Add(int thousandths) => Interlocked.Add(ref _saved, thousandths);

    private bool TrySpend()
    {
        for (var saved = Volatile.Read(ref _saved); saved >= Whole;)
        {
            var found = Interlocked.CompareExchange(ref _saved, saved - Whole, saved);
            if (found == saved) return true;
            saved = found;
        }

        return false;
    }
}
