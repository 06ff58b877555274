using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Tests.Coordination;

/// <summary>Two stand-ins, D and E, whose partition's owners are all out of reach.</summary>
public sealed class FallbackCoordinationTests
{
    private const long Now = Trio.Now;
    private static readonly NodeId[] Owners = [new(1), new(2), new(3)];
    private static readonly NodeId D = new(4);
    private static readonly NodeId E = new(5);
    private static readonly ReplicaId Asker = new(0xa1);
    private static readonly ReplicaId Earlier = new(0xb1);
    private readonly Dictionary<NodeId, (FallbackReplica FallbackReplica, RecordingEffects Effects)> _nodes = [];

    public FallbackCoordinationTests()
    {
        Start(D, 0xd1);
        Start(E, 0xe1);
    }

    [Fact]
    public void A_write_counts_once_a_fellow_has_it_on_disk_too()
    {
        Promise(D, 0xd1);
        Write(D, required: 2);
        Assert.Empty(Effects(D).Writes);
        Settle();
        var (outcome, slots, fallbacks) = (Effects(D).Writes[^1].Outcome, Effects(D).Writes[^1].AckedSlots, Effects(D).Writes[^1].StandIns);
        Assert.Equal((Outcome.Done, 0UL), (outcome, slots));
        Assert.Equal([D, E], fallbacks);
    }

    [Fact]
    public void What_is_made_depends_on_what_was_promised()
    {
        Promise(D, 0xd1);
        Write(D);
        var made = Held(D);
        Assert.Equal((7, 1), (made.Clock[Earlier], made.Clock[new ReplicaId(0xd1)]));
    }

    [Fact]
    public void Nothing_is_made_before_a_promise_of_this_life()
    {
        Write(D);
        Assert.Equal(Outcome.NotServing, Effects(D).Writes[^1].Outcome);
        Promise(D, of: 0xd0);
        Write(D);
        Assert.Equal(Outcome.NotServing, Effects(D).Writes[^1].Outcome);
        Assert.Equal(0UL, Answer(D).StabilityPoll);
        Promise(D, of: 0xd1, mayCoordinate: false);
        Write(D);
        Assert.Equal(Outcome.NotServing, Effects(D).Writes[^1].Outcome);
        Assert.False(Answer(D).Flags.HasFlag(HintAckFlags.Promised));
        Promise(D, of: 0xd1);
        Assert.True(Answer(D).Flags.HasFlag(HintAckFlags.Promised));
        Write(D);
        Settle();
        Assert.Equal(Outcome.Done, Effects(D).Writes[^1].Outcome);
    }

    [Fact]
    public void Who_has_been_told_to_leave_makes_and_takes_nothing_more_in_this_life()
    {
        Promise(D, 0xd1, isLeaving: true);
        Promise(E, 0xe1);
        Write(D);
        Assert.Equal(Outcome.NotServing, Effects(D).Writes[^1].Outcome);
        Write(E);
        Settle();
        Assert.Equal(0, _nodes[D].FallbackReplica.HeldBytes);
        Promise(D, 0xd1);
        Write(D);
        Assert.Equal(Outcome.NotServing, Effects(D).Writes[^1].Outcome);
        Assert.True(Answer(D).Flags.HasFlag(HintAckFlags.Promised));
    }

    [Fact]
    public void A_read_of_two_shows_what_a_fellow_holds()
    {
        Promise(D, 0xd1);
        Promise(E, 0xe1);
        _nodes[D].FallbackReplica.SetReachable(E, false);
        Write(D);
        Settle();
        _nodes[D].FallbackReplica.SetReachable(E, true);
        Effects(D).Sent.Clear();
        Read(E, required: 2);
        Settle();
        Assert.Equal("Done x", Shown(E));
    }

    [Fact]
    public void A_session_that_has_seen_something_else_is_refused()
    {
        Promise(D, 0xd1);
        var token = new VersionVector();
        token.Advance(Earlier, 7);
        Write(D, token: token);
        Assert.Equal(Outcome.SessionUnavailable, Effects(D).Writes[^1].Outcome);
        Write(D);
        Settle();
        var own = new VersionVector();
        own.Advance(new ReplicaId(0xd1), 1);
        Write(D, token: own);
        Settle();
        Assert.Equal(Outcome.Done, Effects(D).Writes[^1].Outcome);
    }

    [Fact]
    public void Once_every_owner_has_all_of_it_the_next_call_finds_nothing_and_is_made_under_another_name()
    {
        Promise(D, 0xd1);
        Write(D);
        Settle();
        var all = Held(D).Clock;
        foreach (var owner in Owners) Hear(D, owner, new ClocksMessage(new ReplicaId((ulong)owner.Value), all, all, false, Now));
        Write(D);
        Assert.Equal(Outcome.NotServing, Effects(D).Writes[^1].Outcome);

        // Under the old name new sums would replace the old ones. The owners hear the new one, and ask it for a promise.
        var fallback = _nodes[D].FallbackReplica;
        fallback.SetReachable(Owners[0], true);
        fallback.Tick(Now, random: 5);
        Assert.NotEqual(new ReplicaId(0xd1), fallback.Id);
        Assert.Equal(fallback.Id, Answer(D).Sender);
        Promise(D, fallback.Id.Value);
        Read(D);
        Assert.Equal("Done ", Shown(D));
        Write(D);
        Assert.Equal(new Dot(fallback.Id, 1), Held(D).First);
    }

    [Fact]
    public void What_it_may_not_hold_any_more_is_refused_before_it_is_applied()
    {
        Start(D, 0xd1, maxBytes: 10);
        Promise(D, 0xd1);
        Write(D);
        Assert.Equal(Outcome.Overloaded, Effects(D).Writes[^1].Outcome);
        Read(D);
        Assert.Equal("Done ", Shown(D));
    }

    private void Start(NodeId node, ulong id, long maxBytes = 1_000_000)
    {
        var effects = new RecordingEffects();
        var fallback = new FallbackReplica(
            new ReplicaId(id), node, Owners, [D, E], new ReplicaSettings { StandInMaxBytes = maxBytes }, effects);
        foreach (var other in new[] { D, E }) fallback.SetReachable(other, true);
        _nodes[node] = (fallback, effects);
    }

    private RecordingEffects Effects(NodeId node) => _nodes[node].Effects;

    private void Hear(NodeId node, NodeId from, PeerMessage said) =>
        _nodes[node].FallbackReplica.Handle(from, new FallbackMessage(said.Sender, IsForFallback: true, said), Now);

    private void Promise(NodeId node, ulong of, bool mayCoordinate = true, bool isLeaving = false)
    {
        var stable = new VersionVector();
        stable.Advance(Earlier, 7);
        Hear(node, Owners[0], new StabilityPollMessage(Asker, 9, new ReplicaId(of), stable, mayCoordinate, isLeaving, 0));
    }

    private HintAckMessage Answer(NodeId node) =>
        (HintAckMessage)((FallbackMessage)Effects(node).Sent.Last(sent => sent.To == Owners[0]).Message).Inner;

    private void Write(NodeId node, int required = 1, VersionVector? token = null)
    {
        _nodes[node].FallbackReplica.Handle(
            new WriteRequest
            {
                Key = Trio.Key("s"),
                Operation = new SetAdd([Bytes.FromText("x")]),
                Required = required,
                Sloppy = true,
                Token = token,
                DeadlineMs = Now + 1_000,
            }, Now);
        _nodes[node].FallbackReplica.Flush(Now);
    }

    private void Read(NodeId node, int required = 1) =>
        _nodes[node].FallbackReplica.Handle(
            new ReadRequest { Key = Trio.Key("s"), Required = required, Sloppy = true, DeadlineMs = Now + 1_000 }, Now);

    private string Shown(NodeId node) => $"{Effects(node).Reads[^1].Outcome} {string.Join(",", Effects(node).Reads[^1].Elements)}";

    private ReplicaEvent Held(NodeId node) => ReplicaEvent.Decode(Effects(node).Journal[^1].Record[1..]);

    // Messages between the two arrive, disks sync.
    private void Settle()
    {
        for (var round = 0; round < 20; round++)
        {
            foreach (var (node, (fallback, effects)) in _nodes)
            {
                if (effects.Journal.Count > 0) fallback.Persisted(effects.Journal[^1].Position);
                fallback.Flush(Now);
                foreach (var (to, message) in effects.Sent.ToArray())
                    if (_nodes.TryGetValue(to, out var other)) other.FallbackReplica.Handle(node, (FallbackMessage)message, Now);
                effects.Sent.RemoveAll(sent => _nodes.ContainsKey(sent.To));
            }
        }
    }
}
