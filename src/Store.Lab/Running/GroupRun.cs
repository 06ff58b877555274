using System.Threading.Channels;
using Gossipdb.Lab.Scenarios;

namespace Gossipdb.Lab.Running;

/// <summary>Has the callers of one group call: in a closed loop, or in an open one at a rate.</summary>
internal sealed class GroupRun(
    CallerGroup group, int groupNumber, IReadOnlyList<Caller> callers, RunSchedule schedule, RunClock clock, RunMeter meter,
    ulong seed)
{
    /// <summary>Calls until the group's time is over and every call has ended.</summary>
    /// <param name="end">The run is to end early: no further operation begins.</param>
    /// <param name="stop">The run is given up: calls under way are too.</param>
    public async Task RunAsync(CancellationToken end, CancellationToken stop)
    {
        try
        {
            await schedule.UntilAsync(group.From, end).ConfigureAwait(false);
            if (group.Rate is { } rate) await OpenLoopAsync(rate, end, stop).ConfigureAwait(false);
            else await Task.WhenAll(callers.Select(caller => ClosedLoopAsync(caller, end, stop))).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The run ends early.
        }
    }

    private bool IsOver => schedule.Now >= group.Until;

    private async Task ClosedLoopAsync(Caller caller, CancellationToken end, CancellationToken stop)
    {
        while (!IsOver && !end.IsCancellationRequested)
        {
            await caller.StepAsync(stop).ConfigureAwait(false);
            if (group.Pause > TimeSpan.Zero) await Task.Delay(group.Pause, end).ConfigureAwait(false);
            else await Task.Yield(); // an answer that is there at once must not keep the thread for itself
        }
    }

    // Arrivals are a Poisson process: the gaps between them are drawn, and no call waits for an earlier one. Where no caller is free the
    // arrival is counted as skipped: so there is a bound to what is under way, and a slow store does not slow down who calls it unseen.
    private async Task OpenLoopAsync(double rate, CancellationToken end, CancellationToken stop)
    {
        const int OfArrivals = -1;
        var draws = Draws.Of(seed, groupNumber, OfArrivals);
        var free = Channel.CreateBounded<Caller>(callers.Count);
        foreach (var caller in callers) free.Writer.TryWrite(caller);
        var next = clock.Elapsed;
        var underWay = new List<Task>();
        while (true)
        {
            next += TimeSpan.FromSeconds(-Math.Log(1 - draws.Share()) / rate);
            if (next - clock.Elapsed is var left && left > TimeSpan.Zero)
                await Task.Delay(left, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (IsOver || end.IsCancellationRequested) break;
            underWay.RemoveAll(static step => step.IsCompletedSuccessfully);
            if (free.Reader.TryRead(out var caller)) underWay.Add(StepAsync(caller));
            else meter.Skip();
        }

        await Task.WhenAll(underWay).ConfigureAwait(false);

        async Task StepAsync(Caller caller)
        {
            await Task.Yield();
            await caller.StepAsync(stop).ConfigureAwait(false);
            free.Writer.TryWrite(caller);
        }
    }
}
