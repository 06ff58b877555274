using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Handoff;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;
using static Gossipdb.Replication.Tests.Harness.StateParts;

namespace Gossipdb.Replication.Tests.Handoff;

public sealed class HintSenderTests
{
    private StateParts _parts = new();
    private HintSender _hints;

    public HintSenderTests() => _hints = Start(new ReplicaSettings());

    [Fact]
    public void Hints_go_to_one_fallback_node_for_each_absent_owner_once_a_sloppy_write_wants_them()
    {
        _parts.Make("cart", "apple");
        _hints.Want();
        Leave(2);
        _hints.Send(Trio.Now);
        Assert.Empty(_parts.Effects.Sent);

        _hints.Want();
        _hints.Send(Trio.Now);
        _hints.Send(Trio.Now);
        Assert.Equal([new(4)], _parts.SentTo<FallbackMessage>());
        Leave(1);
        _hints.Send(Trio.Now);
        Assert.Equal([new(4), new(5)], _parts.SentTo<FallbackMessage>());
    }

    [Fact]
    public void It_ends_when_every_owner_is_back()
    {
        Leave(2);
        _hints.Want();
        _parts.Peers.SetNear(Owners[2], true);
        _hints.Send(Trio.Now);
        Leave(2);
        _parts.Make("cart", "apple");
        _hints.Send(Trio.Now);
        Assert.Empty(_parts.Effects.Sent);
    }

    [Fact]
    public void What_every_owner_has_on_disk_need_not_be_held()
    {
        _parts.Make("cart", "apple");
        _parts.Persist();
        _parts.Tell(1, Clock((A, 1)));
        _parts.Tell(2, Clock((A, 1)));
        var second = _parts.Make("cart", "pear");
        Leave(2);
        _hints.Want();
        _hints.Send(Trio.Now);
        Assert.Equal(Clock((A, 1)), Hint().From);
        Assert.Equal(second.Encoded, Assert.Single(Hint().Encoded));
    }

    [Fact]
    public void What_the_log_has_forgotten_is_left_out_where_a_majority_has_it_on_disk_and_nothing_is_sent_otherwise()
    {
        _hints = Start(new ReplicaSettings { EventLogMaxBytes = 1 });
        _parts.Make("cart", "apple");
        _parts.Make("cart", "pear");
        _parts.Persist();
        Leave(2);
        _hints.Want();
        _hints.Send(Trio.Now);
        Assert.Empty(_parts.Effects.Sent);

        _parts.Tell(1, Clock((A, 1)));
        _hints.Send(Trio.Now);
        Assert.Equal((Clock((A, 1)), 1), (Hint().From, Hint().Encoded.Count));
    }

    private HintSender Start(ReplicaSettings settings)
    {
        _parts = new StateParts(settings: settings);
        _parts.Designate();
        return new HintSender(_parts.State, _parts.Peers, _parts.Fallbacks, _parts.Effects);
    }

    private void Leave(int slot) => _parts.Peers.SetNear(Owners[slot], false);

    private HintMessage Hint() => (HintMessage)Assert.Single(_parts.Sent<FallbackMessage>()).Inner;
}
