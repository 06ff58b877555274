using Gossipdb.Node.Faults;
using Gossipdb.Node.Tests.Security;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Tests.Faults;

public sealed class NodeFaultsTests
{
    private const string On = "gossipdb.lab.fault-injection = on\n";
    private static readonly NodeId One = new(1);
    private static readonly NodeId Two = new(2);
    private readonly ManualTime _time = new();

    [Fact]
    public void A_node_that_can_be_told_no_faults_has_the_machine_s_clocks_and_nothing_in_the_way_of_its_links()
    {
        var faults = new NodeFaults(TestSettings.OfTwo(1), _time);

        Assert.Same(_time, faults.Clock);
        Assert.Null(faults.LinkTo(Two));
        Assert.Throws<InvalidOperationException>(() => faults.Set(FaultSet.None));
    }

    [Fact]
    public void A_wall_clock_is_off_by_what_is_told_and_by_what_is_configured_and_drifts_from_then_on()
    {
        var faults = new NodeFaults(TestSettings.OfTwo(1, On + "gossipdb.lab.clock-offset = -5s"), _time);
        Assert.Equal(-5, Ahead(faults));

        faults.Set(Clock(30_000, 0.1));
        Assert.Equal(25, Ahead(faults));
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(27, Ahead(faults));

        // Durations are nobody's to change.
        var began = faults.Clock.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(TimeSpan.FromSeconds(10), faults.Clock.GetElapsedTime(began));

        faults.Set(FaultSet.None);
        Assert.Equal(-5, Ahead(faults));
    }

    [Fact]
    public void A_clock_that_is_told_again_the_same_goes_on_and_what_is_in_force_says_how_far_it_has_come()
    {
        var faults = new NodeFaults(TestSettings.OfTwo(1, On), _time);
        faults.Set(Clock(0, -0.5));
        _time.Advance(TimeSpan.FromSeconds(10));

        faults.Set(Clock(0, -0.5) with { Disks = [new(Two, true, default)] });
        Assert.Equal(-5, Ahead(faults));
        Assert.Equal([new ClockFault(One, -5_000, -0.5)], faults.Current.Clocks);

        // What another node says is in force makes the clock of one that was started again go on.
        var again = new NodeFaults(TestSettings.OfTwo(1, On), _time);
        again.Set(faults.Current);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal((-10, -10), (Ahead(faults), Ahead(again)));

        faults.Set(Clock(0, 0.5));
        Assert.Equal(0, Ahead(faults));
    }

    [Fact]
    public void Each_node_takes_of_all_faults_what_concerns_itself()
    {
        var faults = new NodeFaults(TestSettings.OfTwo(2, On), _time);
        var before = faults.LinkTo(One)!;
        faults.Set(new(
            [new(One, Two) { Cut = true }, new(Two, new NodeId(3)) { Delay = TimeSpan.FromSeconds(1) }],
            [new(One, 1_000, 0)],
            [new(One, true, default)]));

        Assert.Equal((false, true), (before.DropsOutward, before.DropsInward));
        Assert.True(faults.LinkTo(new NodeId(3))!.IsDisturbed);
        Assert.Equal((0d, false), (Ahead(faults), faults.Disk.IsFull));
        Assert.Same(before, faults.LinkTo(One));
        Assert.Equal([One], faults.Current.CutsAt(Two));
    }

    [Fact]
    public async Task A_flush_of_a_slow_disk_takes_as_long_as_that_is_told_and_no_longer()
    {
        var faults = new NodeFaults(TestSettings.OfTwo(1, On), _time);
        Assert.True(faults.Disk.FlushAsync().IsCompleted);

        faults.Set(new([], [], [new(One, false, TimeSpan.FromMinutes(1))]));
        var flush = faults.Disk.FlushAsync();
        Assert.Equal((false, true, false), (flush.IsCompleted, faults.Disk.IsSlow, faults.Disk.IsFull));
        faults.Set(FaultSet.None);
        await flush.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.False(faults.Disk.IsSlow);
    }

    private static FaultSet Clock(long offsetMs, double drift) => new([], [new(One, offsetMs, drift)], []);

    private double Ahead(NodeFaults faults) => (faults.Clock.GetUtcNow() - _time.GetUtcNow()).TotalSeconds;
}
