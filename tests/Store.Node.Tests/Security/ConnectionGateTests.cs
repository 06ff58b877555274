using System.Net;
using Gossipdb.Node.Observability;
using Gossipdb.Node.Security;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gossipdb.Node.Tests.Security;

public sealed class ConnectionGateTests
{
    private readonly HandTime _time = new();
    private readonly List<string> _hungUp = [];

    [Fact]
    public void What_one_address_has_is_bounded_and_given_back()
    {
        using var gate = Gate("gossipdb.limits.connections-per-address = 4");
        var entries = Enumerable.Range(0, 4).Select(_ => Enter(gate, "10.0.0.1")!).ToList();

        Assert.Null(Enter(gate, "10.0.0.1"));
        Assert.NotNull(Enter(gate, "10.0.0.2"));
        Assert.Equal((5, 1L), (gate.Open, gate.RefusedOfAddress));

        entries[0].Dispose();
        entries[0].Dispose();
        Assert.Equal(4, gate.Open);
        Assert.NotNull(Enter(gate, "10.0.0.1"));
        Assert.Null(Enter(gate, "10.0.0.1"));
        Assert.Empty(_hungUp);
    }

    [Fact]
    public void Whoever_has_a_network_of_IPv6_has_one_address_and_mapped_addresses_are_those_of_IPv4()
    {
        using var gate = Gate("gossipdb.limits.connections-per-address = 4");
        for (var i = 1; i <= 4; i++) Assert.NotNull(Enter(gate, $"2001:db8::{i}"));
        Assert.Null(Enter(gate, "2001:db8::ffff"));
        Assert.NotNull(Enter(gate, "2001:db8:0:1::1"));

        for (var i = 0; i < 4; i++) Assert.NotNull(Enter(gate, i % 2 == 0 ? "10.0.0.1" : "::ffff:10.0.0.1"));
        Assert.Null(Enter(gate, "10.0.0.1"));
        Assert.Equal("2001:db8::/64", $"{ConnectionGate.Origin.Of(new IPEndPoint(IPAddress.Parse("2001:db8::7"), 1))}");
        Assert.Equal("10.0.0.1", $"{ConnectionGate.Origin.Of(new IPEndPoint(IPAddress.Parse("::ffff:10.0.0.1"), 1))}");
    }

    [Fact]
    public void Where_all_are_taken_who_has_been_silent_for_the_longest_makes_room_and_nobody_who_has_said_something()
    {
        using var gate = Gate("gossipdb.limits.connections = 16");
        var known = Enumerable.Range(0, 14).Select(i => Enter(gate, $"10.0.1.{i}")!).ToList();
        foreach (var entry in known) entry.Known();
        Enter(gate, "10.0.0.1");
        Enter(gate, "10.0.0.2");

        Assert.NotNull(Enter(gate, "10.0.0.3"));
        Assert.Equal(["10.0.0.1"], _hungUp);
        Assert.NotNull(Enter(gate, "10.0.0.4"));
        Assert.Equal(["10.0.0.1", "10.0.0.2"], _hungUp);
        Assert.Equal((16, 2L, 2), (gate.Open, gate.RefusedInAll, gate.Unknown));
    }

    [Fact]
    public void Where_all_have_said_something_the_newcomer_is_refused()
    {
        using var gate = Gate("gossipdb.limits.connections = 16");
        for (var i = 0; i < 16; i++) Enter(gate, $"10.0.1.{i}")!.Known();

        Assert.Null(Enter(gate, "10.0.0.1"));
        Assert.Empty(_hungUp);
        Assert.Equal((16, 1L), (gate.Open, gate.RefusedInAll));
    }

    [Fact]
    public void Who_does_not_say_in_time_what_it_wants_is_hung_up_on_once()
    {
        using var gate = Gate("gossipdb.limits.handshake-timeout = 1s");
        Enter(gate, "10.0.0.1");
        Enter(gate, "10.0.0.2")!.Known();
        _time.Pass(TimeSpan.FromMilliseconds(600));
        Enter(gate, "10.0.0.3");
        using (Enter(gate, "10.0.0.4"))
        {
            // It ends by itself.
        }

        Assert.Empty(_hungUp);
        _time.Pass(TimeSpan.FromMilliseconds(500));
        Assert.Equal(["10.0.0.1"], _hungUp);
        _time.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal(["10.0.0.1", "10.0.0.3"], _hungUp);
        Assert.Equal((0, 2L), (gate.Unknown, gate.Silent));
        Assert.Equal(3, gate.Open);
    }

    [Fact]
    public void The_process_keeps_files_for_itself()
    {
        using var few = Gate("", files: 1_024);
        Assert.Equal(768, few.Max);
        using var many = Gate("", files: int.MaxValue);
        Assert.Equal(20_000, many.Max);
        Assert.Equal(20_000, FileLimit.Parse(["Limit   Soft Limit", "Max open files            20000         65536      files     "]));
        Assert.Equal(int.MaxValue, FileLimit.Parse(["Max open files            unlimited     unlimited  files     "]));
        Assert.Equal(int.MaxValue, FileLimit.Parse([]));
    }

    private ConnectionGate.Entry? Enter(ConnectionGate gate, string from) =>
        gate.TryEnter(new IPEndPoint(IPAddress.Parse(from), 4711), () => _hungUp.Add(from));

    private ConnectionGate Gate(string more, int files = int.MaxValue) => new(
        TestSettings.Parse(more),
        new NodeHealth(NullLogger<NodeHealth>.Instance, new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance)),
        _time,
        files);

    // Time passes where the test says so.
    private sealed class HandTime : TimeProvider
    {
        private readonly List<HandTimer> _timers = [];
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new HandTimer(callback);
            timer.Change(dueTime, period);
            _timers.Add(timer);
            return timer;
        }

        public void Pass(TimeSpan time)
        {
            _now += time.Ticks;
            foreach (var timer in _timers) timer.Look();
        }

        private sealed class HandTimer(TimerCallback callback) : ITimer
        {
            private bool _isOn;

            public bool Change(TimeSpan dueTime, TimeSpan period) => _isOn = dueTime != Timeout.InfiniteTimeSpan;

            public void Look()
            {
                if (_isOn) callback(null);
            }

            public void Dispose() => _isOn = false;

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
