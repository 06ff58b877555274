using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Handoff;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;

namespace Gossipdb.Replication.Tests.Handoff;

public sealed class ResendWindowTests
{
    private readonly EventLog _log = new();
    private readonly VersionVector _applied = new();
    private readonly ReplicaSettings _settings;
    private readonly ResendWindow _window;

    public ResendWindowTests()
    {
        ReplicaEvent? last = null;
        for (var i = 0; i < 4; i++)
        {
            last = Make(A, _applied, "k", "x", default);
            _applied.Advance(A, i + 1);
            _log.Append(last);
        }

        // Two events fill it.
        _settings = new ReplicaSettings { FetchMaxBytes = 2 * last!.Encoded.Length };
        _window = new ResendWindow(_settings);
    }

    [Fact]
    public void More_is_sent_only_once_what_is_under_way_was_acked()
    {
        Assert.Equal([1, 2], Send());
        Assert.False(IsOpen());
        Ack(1);
        Assert.False(IsOpen());
        Ack(2);
        Assert.Equal([3, 4], Send());
        Ack(4);
        Assert.False(IsOpen());
        Assert.Equal(Clock((A, 4)), _window.Held.Copy());
    }

    [Fact]
    public void Where_something_got_lost_it_is_sent_again_from_what_is_held()
    {
        Send();
        Ack(1, HintAckFlags.Gap);
        Assert.True(IsOpen());
        Assert.Equal([2, 3], Send());
    }

    [Fact]
    public void What_is_not_acked_in_time_is_sent_again()
    {
        Send();
        Assert.False(IsOpen(Trio.Now + _settings.FetchTimeoutMs - 1));
        Assert.True(IsOpen(Trio.Now + _settings.FetchTimeoutMs));
        Assert.Equal([1, 2], Send());
    }

    [Fact]
    public void What_every_owner_has_on_disk_is_not_sent() => Assert.Equal([3, 4], Send(Clock((A, 2))));

    [Fact]
    public void Another_incarnation_holds_nothing()
    {
        Send();
        Ack(2);
        _window.Restart();
        Assert.Equal([1, 2], Send());
    }

    private bool IsOpen(long nowMs = Trio.Now) => _window.IsOpen(_applied, nowMs);

    private List<long> Send(VersionVector? from = null) =>
        [.. _window.TakeNext(_log, from ?? Clock(), Trio.Now).Select(encoded => ReplicaEvent.Decode(encoded).Last.Sequence)];

    private void Ack(long upTo, HintAckFlags flags = HintAckFlags.None) =>
        _window.Take(new HintAckMessage(B, Clock((A, upTo)), Clock(), flags), Trio.Now);
}
