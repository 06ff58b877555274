using Gossipdb.Lab.Running;

namespace Gossipdb.Lab.Tests.Running;

public sealed class RunScheduleTests
{
    [Fact]
    public void Its_time_stands_still_while_a_moment_is_brought_about()
    {
        var clock = new RunClock();
        var schedule = new RunSchedule(clock);
        Pass(clock);
        schedule.Stop();
        var stood = schedule.Now;
        Pass(clock);

        Assert.Equal(stood, schedule.Now);
        schedule.Resume();
        Pass(clock);
        Assert.True(schedule.Now > stood);
        Assert.True(clock.Elapsed - schedule.Now >= TimeSpan.FromMilliseconds(4)); // as long as it stood
    }

    [Fact]
    public async Task Whoever_waits_for_a_moment_waits_as_long_as_it_stands_still()
    {
        var clock = new RunClock();
        var schedule = new RunSchedule(clock);
        schedule.Stop();
        var waiting = schedule.UntilAsync(schedule.Now + TimeSpan.FromMilliseconds(1), CancellationToken.None);
        Pass(clock);
        Pass(clock);
        Assert.False(waiting.IsCompleted);

        schedule.Resume();
        await waiting.WaitAsync(TimeSpan.FromSeconds(30));
    }

    // Time passes: a few milliseconds of it.
    private static void Pass(RunClock clock)
    {
        var until = clock.Elapsed + TimeSpan.FromMilliseconds(5);
        SpinWait.SpinUntil(() => clock.Elapsed >= until);
    }
}
