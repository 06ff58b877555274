using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Journal;
using Gossipdb.Node.Links;
using Gossipdb.Node.Partitions;
using Gossipdb.Node.Server;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Hosting;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Node.Tests.Partitions;

public sealed class PartitionActorTests : TestKit
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly TestNode _node;
    private readonly TestProbe _link;
    private readonly TestProbe _log;
    private readonly IActorRef _partition;
    private readonly Sink _sink = new();

    public PartitionActorTests()
    {
        _link = CreateTestProbe("link");
        _log = CreateTestProbe("log");
        _node = new TestNode(
            TestSettings.OfTwo(1, "gossipdb.links.envelope = 1KiB\ngossipdb.replication.tick = 900s"), (new NodeId(2), _link.Ref));
        _node.Journal.Log = _log.Ref;
        _node.Health.ExpectPartitions(1);
        _partition = Sys.ActorOf(
            Props.Create(() => new PartitionActor(_node.Environment, _node.Partitions, 0, _node.Partitions.Hosts.Partitions[0], true)));
    }

    [Fact]
    public void What_waits_leaves_as_one_batch_to_journal_and_peer()
    {
        Recover();

        WhileBusy(() =>
        {
            for (var i = 0; i < 5; i++) _partition.Tell(Write(bytes: 1));
        });

        Assert.Equal(6, _log.ExpectMsg<CommitLog.Append>(Patience).Events.Count);
        Assert.Equal(6, NextEvents().Encoded.Count);
    }

    [Fact]
    public void A_batch_is_larger_than_an_envelope_by_no_more_than_one_event()
    {
        Recover();

        WhileBusy(() =>
        {
            for (var i = 0; i < 20; i++) _partition.Tell(Write(bytes: 300));
        });

        for (var events = 0; events < 21;)
        {
            var batch = NextEvents().Encoded;
            events += batch.Count;
            Assert.InRange(batch.Sum(encoded => encoded.Length), 1, 1024 + 400);
            Assert.Equal(batch, _log.ExpectMsg<CommitLog.Append>(Patience).Events);
        }
    }

    [Fact]
    public async Task A_write_that_needs_a_node_whose_journal_takes_nothing_is_refused_and_names_it()
    {
        Recover();

        _partition.Tell(new JournalState(new NodeId(2), TakesWrites: false));
        _partition.Tell(Write(bytes: 1, required: 2));

        await Poll.UntilAsync(() => Task.FromResult(_sink.Replies.Count == 1), "the write is refused");
        Assert.Equal(Protocol.ErrorCode.Unavailable, _sink.Replies[0].Error.Code);
        Assert.Equal(
            "W=2 of 2 replicas needed, 1 within reach of node 1 (the journal of node 2 takes no writes); nothing was applied",
            _sink.Replies[0].Error.Message);
        Assert.Empty(_log.Messages());
    }

    [Fact]
    public async Task While_it_recovers_it_refuses_requests_and_the_node_is_not_ready()
    {
        _partition.Tell(Write(bytes: 1));

        await Poll.UntilAsync(() => Task.FromResult(_sink.Replies.Count == 1), "the write is refused");
        Assert.Equal(Protocol.ErrorCode.Unavailable, _sink.Replies[0].Error.Code);
        Assert.False(_node.Health.IsReady);
        Recover();
        Assert.True(_node.Health.IsReady);
    }

    [Fact]
    public async Task What_the_journal_confirms_to_another_life_answers_nobody()
    {
        Recover();
        _partition.Tell(Write(bytes: 1));
        var append = _log.ExpectMsg<CommitLog.Append>(Patience);

        _partition.Tell(new CommitLog.Persisted(new ReplicaId(99), long.MaxValue));
        await TurnAsync();
        Assert.Empty(_sink.Replies);

        _partition.Tell(new CommitLog.Persisted(append.Incarnation, append.Position));
        await Poll.UntilAsync(() => Task.FromResult(_sink.Replies.Count == 1), "the write is acked");
        Assert.NotNull(_sink.Replies[0].Written);
    }

    [Fact]
    public async Task What_is_heard_before_the_journal_s_end_opens_nothing()
    {
        var table = SlotHolder.Founding(_node.Layout.Owners(0));
        table[0] = new SlotHolder(_node.Settings.Id, 7, false, new NodeId(2));
        _partition.Tell(new PeerLink.Incoming(new NodeId(2), new SlotsMessage(new ReplicaId(6), table, AnswerWanted: true)));
        _partition.Tell(HostActor.LayoutChanged.Instance);
        _partition.Tell(HostActor.TimeTick.Instance);
        await TurnAsync();

        Assert.Equal(HostState.Reading, _node.Partitions.Hosts.Partitions[0].State);
        _link.ExpectNoMsg(TimeSpan.Zero);
        _log.ExpectNoMsg(TimeSpan.Zero);
        Recover();
        Assert.Equal(HostState.Open, _node.Partitions.Hosts.Partitions[0].State);
    }

    [Fact]
    public void A_damaged_event_of_a_peer_is_dropped_and_nothing_else()
    {
        Recover();

        _partition.Tell(new PeerLink.Incoming(new NodeId(2), new EventsMessage(new ReplicaId(6), AckWanted.None, false, false, [[0xFF]])));
        _partition.Tell(Write(bytes: 1));

        Assert.Single(_log.ExpectMsg<CommitLog.Append>(Patience).Events);
        Assert.Null(_node.Health.Fatal);
    }

    [Fact]
    public void A_call_that_fails_in_a_way_nobody_foresaw_fails_alone_and_the_node_goes_on()
    {
        Recover();

        // The keys of neither are there when they are looked for: the first is not found while it is executed, the second while its
        // answer is made.
        _partition.Tell(Request(static call => new NodeRequests.Write
        {
            Call = call,
            Key = Bytes.FromText("k"),
            Required = 1,
            DeadlineMs = long.MaxValue,
            Operation = new SetAdd(new Missing<Bytes>()),
        }));
        _partition.Tell(Request(static call =>
            new NodeRequests.Read { Call = call, Key = Bytes.FromText("k"), Required = 1, DeadlineMs = long.MaxValue, Part = null }));
        _partition.Tell(Request(static call => new NodeRequests.Read
        {
            Call = call,
            Key = Bytes.FromText("k"),
            Keys = new Missing<Bytes>(),
            Required = 1,
            DeadlineMs = long.MaxValue,
            Part = null,
        }));
        _partition.Tell(Write(bytes: 1));

        Assert.Single(_log.ExpectMsg<CommitLog.Append>(Patience).Events);
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
        Recover();
        var look = new PartitionActor.Look("a look", static _ => throw new InvalidOperationException("nothing here"));

        var failed = await Assert.ThrowsAsync<LookFailedException>(() => _partition.Ask<string>(look, Patience));

        Assert.StartsWith("a look of partition 0 failed at node 1", failed.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("nothing here", failed.Message, StringComparison.Ordinal);
        await TurnAsync();
        Assert.Null(_node.Health.Fatal);
    }

    protected override void AfterAll()
    {
        _sink.MayGoOn.Set();
        base.AfterAll();
    }

    private void Recover()
    {
        _node.SetReachable(new NodeId(2), true);
        var table = new ByteWriter();
        table.WriteByte((byte)JournalRecordKind.Slots);
        SlotHolder.Encode(table, SlotHolder.Founding(_node.Layout.Owners(0)));
        FallbackMembership.Empty.Encode(table);
        _node.Partitions.Hosts.Partitions[0].Recover(table.ToArray());
        _node.Partitions.Hosts.Partitions[0].Recover([(byte)JournalRecordKind.Served]);
        _partition.Tell(HostActor.JournalRead.Instance);
        Assert.True(Assert.IsType<ClocksMessage>(_link.ExpectMsg<PeerLink.Outgoing>(Patience).Message).StartsExchange);
        var nothing = new VersionVector();
        _partition.Tell(new PeerLink.Incoming(
            new NodeId(2), new ClocksMessage(new ReplicaId(6), nothing, nothing, false, _node.Clock.WallMs)
            {
                Remembered = nothing,
                StableCutClock = nothing,
                Claim = new SlotClaim(_node.Layout.Owners(0)[0] == new NodeId(2) ? 0 : 1, 1),
            }));
        TurnAsync().GetAwaiter().GetResult();
    }

    // What was told before has been handled.
    private Task TurnAsync() => _partition.Ask<string>(new PartitionActor.Look("the turn", static _ => "done"), Patience);

    private EventsMessage NextEvents() => Assert.IsType<EventsMessage>(_link.ExpectMsg<PeerLink.Outgoing>(Patience).Message);

    // The answer to a write in memory is given within the actor: while the sink holds it, messages wait.
    private void WhileBusy(Action tell)
    {
        _sink.Holds = true;
        _partition.Tell(Write(bytes: 1, Durability.Memory));
        Assert.True(_sink.Entered.Wait(Patience));
        tell();
        _sink.MayGoOn.Set();
    }

    private ClientRequest Request(Func<ServerCall, ClientRequest> make) =>
        make(new ServerCall(_node.Gateway, _sink, new Protocol.Request { Id = 1 }, mayForward: false, 0));

    private NodeRequests.Write Write(int bytes, Durability durability = Durability.Journal, int required = 1) => new()
    {
        Call = new ServerCall(_node.Gateway, _sink, new Protocol.Request { Id = 1 }, mayForward: false, 0),
        Key = Bytes.FromText("k"),
        Required = required,
        DeadlineMs = long.MaxValue,
        Operation = new RegisterAssign(CrdtType.MultiRegister, new Bytes(new byte[bytes])),
        Durability = durability,
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

        public bool Holds { get; set; }

        public ManualResetEventSlim Entered { get; } = new();

        public ManualResetEventSlim MayGoOn { get; } = new();

        public CallerAccount Account { get; } = new();

        public bool IsGone => false;

        public bool TryMakeRoom(ServerCall call, long bytes) => true;

        public void Complete(ServerCall call, Protocol.Reply reply)
        {
            Replies.Add(reply);
            if (!Holds) return;
            Entered.Set();
            MayGoOn.Wait(Patience);
        }
    }
}
