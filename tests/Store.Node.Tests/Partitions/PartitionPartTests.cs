using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Journal;
using Gossipdb.Node.Lanes;
using Gossipdb.Node.Partitions;
using Gossipdb.Node.Server;
using Gossipdb.Node.Tests.Links;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Hosting;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Node.Tests.Partitions;

public sealed class PartitionPartTests : TestKit
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly NodeId Other = new(2);
    private readonly TestNode _node;
    private readonly OtherEnd _link;
    private readonly TestProbe _log;
    private readonly PartitionPart _partition;
    private readonly Sink _sink = new();

    public PartitionPartTests()
    {
        _log = CreateTestProbe("log");
        _node = new TestNode(TestSettings.OfTwo(1, "gossipdb.links.envelope = 1KiB\ngossipdb.replication.tick = 900s"));
        _link = _node.Link(Other);
        _node.Journal.Log = _log.Ref;
        _node.Health.ExpectPartitions(1);
        _node.Health.JournalRead();
        _partition = new PartitionPart(_node.Environment, _node.Partitions, 0, _node.Partitions.Hosts.Partitions[0], true);
        _partition.Start(props => Sys.ActorOf(props));
    }

    [Fact]
    public async Task What_a_turn_makes_leaves_with_its_end_as_one_batch_to_journal_and_peer()
    {
        await RecoverAsync();

        using (Turn.Begin())
        {
            for (var i = 0; i < 6; i++) _partition.Handle(Write(bytes: 1));
            Assert.True(_link.HasNothing);
            Assert.False(_log.HasMessages);
        }

        Assert.Equal(6, Assert.Single(NextAppends()).Events.Count);
        Assert.Equal(6, NextEvents().Encoded.Count);
    }

    [Fact]
    public async Task A_batch_is_larger_than_an_envelope_by_no_more_than_one_event()
    {
        await RecoverAsync();

        using (Turn.Begin())
            for (var i = 0; i < 20; i++) _partition.Handle(Write(bytes: 300));

        var appends = NextAppends();
        Assert.Equal(20, appends.Sum(static append => append.Events.Count));
        foreach (var append in appends)
        {
            var batch = NextEvents().Encoded;
            Assert.InRange(batch.Sum(encoded => encoded.Length), 1, 1024 + 400);
            Assert.Equal(batch, append.Events);
        }
    }

    [Fact]
    public async Task A_write_that_needs_a_node_whose_journal_takes_nothing_is_refused_and_names_it()
    {
        await RecoverAsync();

        _partition.Tell(new JournalState(Other, TakesWrites: false));
        await SettledAsync();
        _partition.Handle(Write(bytes: 1, required: 2));

        Assert.Single(_sink.Replies);
        Assert.Equal(Protocol.ErrorCode.Unavailable, _sink.Replies[0].Error.Code);
        Assert.Equal(
            "W=2 of 2 replicas needed, 1 within reach of node 1 (the journal of node 2 takes no writes); nothing was applied",
            _sink.Replies[0].Error.Message);
        Assert.Empty(_log.Messages());
    }

    [Fact]
    public async Task While_it_recovers_it_refuses_requests_and_the_node_is_not_ready()
    {
        _partition.Handle(Write(bytes: 1));

        Assert.Single(_sink.Replies);
        Assert.Equal(Protocol.ErrorCode.Unavailable, _sink.Replies[0].Error.Code);
        Assert.False(_node.Health.IsReady);
        await RecoverAsync();
        Assert.True(_node.Health.IsReady);
    }

    [Fact]
    public async Task What_the_journal_confirms_to_another_life_answers_nobody()
    {
        await RecoverAsync();
        _partition.Handle(Write(bytes: 1));
        var append = Assert.Single(NextAppends());

        _partition.Persisted(new ReplicaId(99), long.MaxValue);
        Assert.Empty(_sink.Replies);

        _partition.Persisted(append.Incarnation, append.Position);
        Assert.NotNull(Assert.Single(_sink.Replies).Written);
    }

    [Fact]
    public async Task What_is_heard_before_the_journal_s_end_opens_nothing()
    {
        var table = SlotHolder.Founding(_node.Layout.Owners(0));
        table[0] = new SlotHolder(_node.Settings.Id, 7, false, Other);
        _partition.Handle(Other, new SlotsMessage(new ReplicaId(6), table, AnswerWanted: true));
        _partition.Tell(HostPart.LayoutChanged.Instance);
        await SettledAsync();
        _partition.Tick();

        Assert.Equal(HostState.Reading, _node.Partitions.Hosts.Partitions[0].State);
        Assert.True(_link.HasNothing);
        Assert.False(_log.HasMessages);
        await RecoverAsync();
        Assert.Equal(HostState.Open, _node.Partitions.Hosts.Partitions[0].State);
    }

    [Fact]
    public async Task A_damaged_event_of_a_peer_is_dropped_and_nothing_else()
    {
        await RecoverAsync();

        _partition.Handle(Other, new EventsMessage(new ReplicaId(6), AckWanted.None, false, false, [[0xFF]]));
        _partition.Handle(Write(bytes: 1));

        Assert.Single(Assert.Single(NextAppends()).Events);
        Assert.Null(_node.Health.Fatal);
    }

    [Fact]
    public async Task A_call_that_fails_in_a_way_nobody_foresaw_fails_alone_and_the_node_goes_on()
    {
        await RecoverAsync();

        // The keys of neither are there when they are looked for: the first is not found while it is executed, the second while its
        // answer is made.
        _partition.Handle(Request(static call => new NodeRequests.Write
        {
            Call = call,
            Key = Bytes.FromText("k"),
            Required = 1,
            DeadlineMs = long.MaxValue,
            Operation = new SetAdd(new Missing<Bytes>()),
        }));
        _partition.Handle(Request(static call =>
            new NodeRequests.Read { Call = call, Key = Bytes.FromText("k"), Required = 1, DeadlineMs = long.MaxValue, Part = null }));
        _partition.Handle(Request(static call => new NodeRequests.Read
        {
            Call = call,
            Key = Bytes.FromText("k"),
            Keys = new Missing<Bytes>(),
            Required = 1,
            DeadlineMs = long.MaxValue,
            Part = null,
        }));
        _partition.Handle(Write(bytes: 1));
        _node.Journal.Tick();

        Assert.Single(Assert.Single(NextAppends()).Events);
        Assert.Equal(
            [Protocol.ErrorCode.Internal, Protocol.ErrorCode.Internal, Protocol.ErrorCode.Internal],
            _sink.Replies.ConvertAll(static reply => reply.Error.Code));
        Assert.Contains("a SetAdd of a Set failed", _sink.Replies[0].Error.Message, StringComparison.Ordinal);
        Assert.Null(_node.Health.Fatal);
        Assert.True(_node.Health.IsReady);
    }

    [Fact]
    public async Task A_look_that_fails_is_told_to_who_looks_and_changes_nothing()
    {
        await RecoverAsync();
        var look = new PartitionPart.Look("a look", static _ => throw new InvalidOperationException("nothing here"));

        var failed = await Assert.ThrowsAsync<LookFailedException>(() => _partition.Actor.Ask<string>(look, Patience));

        Assert.StartsWith("a look of partition 0 failed at node 1", failed.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("nothing here", failed.Message, StringComparison.Ordinal);
        await SettledAsync();
        Assert.Null(_node.Health.Fatal);
    }

    private async Task RecoverAsync()
    {
        var table = new ByteWriter();
        table.WriteByte((byte)JournalRecordKind.Slots);
        SlotHolder.Encode(table, SlotHolder.Founding(_node.Layout.Owners(0)));
        FallbackMembership.Empty.Encode(table);
        _node.Partitions.Hosts.Partitions[0].Recover(table.ToArray());
        _node.Partitions.Hosts.Partitions[0].Recover([(byte)JournalRecordKind.Served]);
        _partition.Tell(HostPart.JournalRead.Instance);
        await SettledAsync();
        Assert.True(Assert.IsType<ClocksMessage>(_link.NextMessage()).StartsExchange);
        var nothing = new VersionVector();
        _partition.Handle(
            Other,
            new ClocksMessage(new ReplicaId(6), nothing, nothing, false, _node.Clock.WallMs)
            {
                Remembered = nothing,
                StableCutClock = nothing,
                Claim = new SlotClaim(_node.Layout.Owners(0)[0] == Other ? 0 : 1, 1),
            });
    }

    // What was told before has been handled, and the turn has ended: the actor takes one message after the other.
    private Task SettledAsync() => _partition.Actor.Ask<string>(new PartitionPart.Look("the turn", static _ => "done"), Patience);

    private EventsMessage NextEvents() => Assert.IsType<EventsMessage>(_link.NextMessage());

    private IReadOnlyList<CommitLog.Append> NextAppends() => _log.ExpectMsg<CommitLog.Appends>(Patience).All;

    private ClientRequest Request(Func<ServerCall, ClientRequest> make) =>
        make(new ServerCall(_node.Gateway, _sink, new Protocol.Request { Id = 1 }, mayForward: false, 0));

    private NodeRequests.Write Write(int bytes, int required = 1) => new()
    {
        Call = new ServerCall(_node.Gateway, _sink, new Protocol.Request { Id = 1 }, mayForward: false, 0),
        Key = Bytes.FromText("k"),
        Required = required,
        DeadlineMs = long.MaxValue,
        Operation = new RegisterAssign(CrdtType.MultiRegister, new Bytes(new byte[bytes])),
        Durability = Durability.Journal,
    };

    private sealed class Missing<T> : IReadOnlyList<T>
    {
        public int Count => 1;

        public T this[int index] => throw new InvalidOperationException("nothing here");

        public IEnumerator<T> GetEnumerator() => throw new InvalidOperationException("nothing here");

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }

    private sealed class Sink : IReplySink
    {
        public List<Protocol.Reply> Replies { get; } = [];

        public CallerAccount Account { get; } = new();

        public bool IsGone => false;

        public bool TryMakeRoom(ServerCall call, long bytes) => true;

        public void Complete(ServerCall call, Protocol.Reply reply) => Replies.Add(reply);
    }
}
