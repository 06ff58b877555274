using System.Diagnostics;
using System.Diagnostics.Metrics;
using Gossipdb.Node.Journal;
using Gossipdb.Node.Observability;

namespace Gossipdb.Node.Tests.Journal;

public sealed class CommitFiguresTests
{
    [Fact]
    public void Commits_add_up_and_each_is_recorded()
    {
        using var meter = new NodeMeter();
        var figures = new CommitFigures(meter);
        var (durations, groups) = (new List<double>(), new List<long>());
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (ReferenceEquals(instrument.Meter, meter.Meter)) self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((_, value, _, _) => durations.Add(value));
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => groups.Add(value));
        listener.Start();

        var began = Stopwatch.GetTimestamp();
        figures.Committed(began - (Stopwatch.Frequency * 3), 5, 100);
        figures.Committed(began - Stopwatch.Frequency, 7, 200);

        var all = figures.Read();
        Assert.Equal((2L, 12L, 300L), (all.Commits, all.Events, all.Bytes));
        Assert.True(all.Microseconds >= 4_000_000);
        Assert.True(all.LongestUs >= 3_000_000 && all.LongestUs < all.Microseconds);
        Assert.Equal([5, 7], groups);
        Assert.True(durations is [>= 3, >= 1]);
    }
}
