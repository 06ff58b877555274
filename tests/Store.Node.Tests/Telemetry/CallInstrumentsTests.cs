using System.Diagnostics.Metrics;
using Gossipdb.Node.Server;
using Gossipdb.Node.Telemetry;
using Gossipdb.Protocol;

namespace Gossipdb.Node.Tests.Telemetry;

public sealed class CallInstrumentsTests : IDisposable
{
    private static readonly Request Read = new() { Read = new Read() };
    private static readonly Request Write = new() { Delete = new Delete() };
    private static readonly Level Quorum = new() { Named = Level.Types.Named.Quorum };
    private readonly Meter _meter = new("tests of call instruments");
    private readonly MeterListener _listener = new();
    private readonly CallCounters _counters = new();
    private readonly CallInstruments _calls;
    private readonly List<(double Seconds, string Tags)> _durations = [];
    private readonly Dictionary<string, long> _counts = [];

    public CallInstrumentsTests()
    {
        _calls = new CallInstruments(_meter, _counters);
        _listener.SetMeasurementEventCallback<double>((_, value, tags, _) => _durations.Add((value, TextOf(tags))));
        _listener.SetMeasurementEventCallback<long>(
            (instrument, value, tags, _) => _counts[$"{instrument.Name} {TextOf(tags)}"] = value);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void Calls_and_errors_are_told_by_level_kind_and_code()
    {
        Listen();
        _counters.Answered(Read, Quorum, new Reply(), 100);
        _counters.Answered(Write, Quorum, new Reply(), 100);
        _counters.Answered(Write, Quorum, new Reply { Error = new Error { Code = ErrorCode.Unavailable } }, 100);
        _listener.RecordObservableInstruments();

        Assert.Equal(1, _counts["gossipdb.calls kind=read level=quorum"]);
        Assert.Equal(2, _counts["gossipdb.calls kind=write level=quorum"]);
        Assert.Equal(1, _counts["gossipdb.call.errors code=Unavailable kind=write level=quorum"]);
    }

    [Fact]
    public void Each_call_is_recorded_once_from_the_first_reading_on()
    {
        _counters.Answered(Read, Quorum, new Reply(), 100);
        Listen();
        _listener.RecordObservableInstruments();
        Assert.Empty(_durations);

        _counters.Answered(Read, Quorum, new Reply(), 1_000);
        _counters.Answered(Read, Quorum, new Reply(), 1_000);
        _counters.Answered(Write, Quorum, new Reply(), 70_000_000);
        _listener.RecordObservableInstruments();
        _listener.RecordObservableInstruments();
        Assert.Equal(
            ["kind=read level=quorum", "kind=read level=quorum", "kind=write level=quorum"],
            _durations.Select(static one => one.Tags).Order(StringComparer.Ordinal));

        _counters.Answered(Read, Quorum, new Reply(), 5);
        _listener.RecordObservableInstruments();
        Assert.Equal(4, _durations.Count);
        Assert.InRange(_durations[^1].Seconds, 4e-6, 6e-6);
    }

    [Fact]
    public void A_call_falls_on_the_right_side_of_every_bound_and_is_told_to_an_eighth()
    {
        Listen();
        _listener.RecordObservableInstruments();
        var bounds = CallInstruments.Bounds();
        Assert.Equal(33, bounds.Length);
        Assert.Equal(bounds.Order(), bounds);
        for (var us = 50L; us < 20_000_000; us += 1 + (us / 40))
        {
            _counters.Answered(Read, Quorum, new Reply(), us);
            _listener.RecordObservableInstruments();
            var told = _durations[^1].Seconds;
            Assert.InRange(told / (us / 1e6), 0.87, 1.13);

            // Bounds are inclusive, and a call of exactly a bound may fall to the bucket above.
            Assert.Equal(bounds.Count(bound => Math.Round(bound * 1e6) <= us), bounds.Count(bound => bound < told));
        }
    }

    [Fact]
    public void Without_a_listener_nothing_is_recorded()
    {
        _counters.Answered(Read, Quorum, new Reply(), 100);
        _calls.Record(_counters.Read());
        Listen();
        _listener.RecordObservableInstruments();
        Assert.Empty(_durations);
    }

    private void Listen()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter, _meter)) listener.EnableMeasurementEvents(instrument);
        };
        _listener.Start();
    }

    private static string TextOf(ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        string.Join(' ', tags.ToArray().Select(static tag => $"{tag.Key}={tag.Value}").Order(StringComparer.Ordinal));
}
