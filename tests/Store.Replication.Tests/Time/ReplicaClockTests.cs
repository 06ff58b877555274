using Gossipdb.Replication.Time;

namespace Gossipdb.Replication.Tests.Time;

/// <summary>What has passed for an owner never comes back, whichever incarnation says so.</summary>
public sealed class ReplicaClockTests
{
    private const long SkewMs = 2_000;
    private const long NoonMs = 1_800_000_000_000;
    private readonly Host _host = new();
    private readonly ReplicaClock _clock;

    public ReplicaClockTests() => _clock = new ReplicaClock(_host, SkewMs);

    [Fact]
    public void A_time_that_is_not_known_is_no_earlier_than_what_has_passed_for_others()
    {
        ReadUnknown(NoonMs - 3_600_000);
        _clock.Hear(NoonMs);
        _clock.Hear(0);
        Assert.Equal(NoonMs, _clock.ExpiredMs);
        Assert.Equal(NoonMs, _clock.LifeBeginsAt(default));

        // What others said is not vouched for, so others must not act on it.
        Assert.Equal(0, _clock.PassedMs);
    }

    [Fact]
    public void A_time_that_is_not_known_and_ahead_of_others_stays_where_it_is()
    {
        ReadUnknown(NoonMs + 5);
        _clock.Hear(NoonMs);
        Assert.Equal(NoonMs + 5, _clock.ExpiredMs);
    }

    // The median of other nodes, say: it may be lower than the one that the incarnation before went by.
    [Fact]
    public void What_has_passed_for_others_has_passed_where_the_time_is_known_and_about_the_same()
    {
        _clock.Hear(NoonMs + 1_500);
        Read(NoonMs);
        Assert.Equal(NoonMs + 1_500, _clock.PassedMs);
        Assert.Equal(NoonMs + 1_500, _clock.ExpiredMs);
        Read(NoonMs - 100);
        Assert.Equal(NoonMs + 1_500, _clock.PassedMs);
    }

    [Fact]
    public void What_another_process_went_by_while_most_clocks_were_wrong_does_not_spread()
    {
        _clock.Hear(NoonMs + 3_600_000);
        Read(NoonMs);
        Assert.Equal(NoonMs, _clock.PassedMs);
        Assert.Equal(NoonMs, _clock.ExpiredMs);
    }

    private void Read(long unixMs)
    {
        _host.Time = new ClusterTime(unixMs, 0, IsKnown: true, MayRemove: true);
        _clock.Read();
    }

    private void ReadUnknown(long unixMs)
    {
        _host.Time = new ClusterTime(unixMs, 0, IsKnown: false, MayRemove: false);
        _clock.Read();
    }

    private sealed class Host : ITimeSource
    {
        public long SteadyMs => 0;

        public ClusterTime Time { get; set; }
    }
}
