using Gossipdb.Checking.History;
using Gossipdb.Lab.Scenarios;

namespace Gossipdb.Lab.Running;

/// <summary>Brings about what a timeline says, when it says so.</summary>
internal sealed class TimelineDriver(
    Scenario scenario, IFaultDriver faults, StateReader states, ConvergenceWatch convergence, Recorder recorder, RunSchedule schedule,
    RunningView view, IRunObserver observer)
{
    // What nodes hold of a key is read so long before a moment, and does not hold it up.
    private static readonly TimeSpan InspectBefore = TimeSpan.FromMilliseconds(250);

    private CancellationTokenSource _watching = new();
    private Task<bool> _watch = Task.FromResult(false);

    /// <summary>When a fault was mended last; null where nothing was.</summary>
    public long? MendedAt { get; private set; }

    /// <summary>Whether convergence has been seen since.</summary>
    public Task<bool> Converged => _watch;

    /// <summary>Goes through the timeline to its end.</summary>
    /// <exception cref="Faults.FaultException">A fault could not be brought about.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        var inspecting = Task.CompletedTask;
        foreach (var moment in scenario.Timeline)
        {
            if (scenario.Inspect.Count > 0 && moment.At > InspectBefore)
            {
                await schedule.UntilAsync(moment.At - InspectBefore, stop).ConfigureAwait(false);
                await inspecting.ConfigureAwait(false);
                inspecting = states.ReadNowAsync(scenario.Inspect, stop);
            }

            await schedule.UntilAsync(moment.At, stop).ConfigureAwait(false);
            schedule.Stop();
            await HappenAsync(moment, stop).ConfigureAwait(false);
            schedule.Resume();
        }

        await inspecting.ConfigureAwait(false);
    }

    /// <summary>Brings about, or mends, and writes it into the history.</summary>
    public async Task HappenAsync(TimelineMoment moment, CancellationToken stop)
    {
        var at = recorder.Clock.Now;
        if (moment.Phase is { } phase)
        {
            recorder.Note(new PhaseRecord { At = at, Name = phase });
            view.Phase = phase;
            observer.Happened(recorder.Clock.Elapsed, $"phase: {phase}");
        }

        if (moment.Faults.Count == 0) return;
        await ForgetAsync().ConfigureAwait(false);
        foreach (var fault in moment.Faults)
        {
            observer.Happened(recorder.Clock.Elapsed, fault.Text);
            try
            {
                await faults.ApplyAsync(fault.Text, stop).ConfigureAwait(false);
            }
            catch
            {
                recorder.Note(new FaultRecord { At = at, InForce = null, Fault = fault.Text });
                throw;
            }

            recorder.Note(new FaultRecord { At = at, InForce = recorder.Clock.Now, Fault = fault.Text });
        }

        if (!moment.Faults.Any(fault => faults.Mends(fault.Text))) return;
        MendedAt = recorder.Clock.Now;
        _watch = convergence.RunAsync(MendedAt.Value, _watching.Token);
    }

    /// <summary>Watches for convergence no longer.</summary>
    public async Task ForgetAsync()
    {
        await _watching.CancelAsync().ConfigureAwait(false);
        await _watch.ConfigureAwait(false);
        _watching.Dispose();
        _watching = new CancellationTokenSource();
        _watch = Task.FromResult(false);
    }
}

/// <summary>Brings faults about, in the words of the shell.</summary>
internal interface IFaultDriver
{
    /// <summary>Carries out a command, and returns once it is in force everywhere.</summary>
    /// <exception cref="Faults.FaultException">It could not be carried out.</exception>
    Task ApplyAsync(string words, CancellationToken stop);

    /// <summary>Whether a command mends what was broken for good, so that replicas converge from then on.</summary>
    bool Mends(string words);

    /// <summary>Whether nothing is wrong by order.</summary>
    Task<bool> IsWholeAsync(CancellationToken stop);
}
