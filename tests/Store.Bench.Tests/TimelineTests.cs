using Gossipdb.Bench.Report;
using Gossipdb.Bench.Timeline;

namespace Gossipdb.Bench.Tests;

public sealed class TimelineTests
{
    private static readonly Phase[] Phases =
    [
        new(TimelineOutcome.Before, Seconds(10.1), Seconds(11.1)),
        new(TimelineOutcome.Cut, Seconds(11.1), Seconds(12.1)),
    ];

    [Fact]
    public void Only_whole_slices_count()
    {
        var recorder = new Recorder();
        foreach (var at in (double[])[0.9, 1.0, 1.3, 1.6, 1.8]) recorder.Done(Seconds(at), TimeSpan.FromMilliseconds(5));
        recorder.Failed(Seconds(1.3), "TimedOut");
        recorder.Failed(Seconds(1.9), "TimedOut");

        // From 0.95 to 1.80: the slices from 1.00 to 1.75.
        var tally = recorder.Between(Seconds(0.95), Seconds(1.8));

        Assert.Equal((3, 0.75, 4.0), (tally.Latencies.TotalCount, tally.Time.TotalSeconds, tally.PerSecond));
        Assert.Equal("1 TimedOut", tally.ErrorText);
        Assert.Equal(5, tally.PercentileMs(50), 0.1);
    }

    [Fact]
    public void A_time_in_which_nothing_succeeded_has_no_latency() =>
        Assert.True(double.IsNaN(new Recorder().Between(Seconds(0), Seconds(1)).PercentileMs(50)));

    [Theory]
    [InlineData(8, true)]
    [InlineData(7, false)]
    public void The_majority_is_to_keep_four_fifths_of_its_throughput(int inEachSlice, bool met)
    {
        var outcome = OutcomeOf(inEachSlice);

        Assert.Equal(inEachSlice / 10.0, outcome.ShareDuringCut, 6);
        Assert.Equal(met, outcome.BarMet);
    }

    [Fact]
    public void The_picture_begins_with_the_first_phase_and_names_the_others()
    {
        var svg = OutcomeOf(5).ToSvg();

        Assert.StartsWith("<svg", svg[svg.IndexOf("<svg", StringComparison.Ordinal)..], StringComparison.Ordinal);
        foreach (var phase in Phases) Assert.Contains(phase.Name, svg, StringComparison.Ordinal);
    }

    // Ten operations in each slice before the cut.
    private static TimelineOutcome OutcomeOf(int inEachSliceOfTheCut)
    {
        var recorder = new Recorder();
        foreach (var (phase, count) in Phases.Zip([10, inEachSliceOfTheCut]))
            foreach (var (at, _) in recorder.Slices(phase.From, phase.Until).ToList())
                for (var i = 0; i < count; i++) recorder.Done(at, TimeSpan.FromMilliseconds(2));
        return new TimelineOutcome(Machine.Now(), Phases, recorder, new Recorder(), 0, 0, 0);
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
