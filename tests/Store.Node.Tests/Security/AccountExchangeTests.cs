using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Faults;
using Gossipdb.Node.Membership;
using Gossipdb.Node.Security;
using Gossipdb.Node.Tests.Links;
using Gossipdb.Replication.Accounts;
using Gossipdb.Replication.Placement;
using static Gossipdb.Replication.Accounts.AccountChange;

namespace Gossipdb.Node.Tests.Security;

/// <summary>Users and roles of two nodes that are connected, or cut off from each other.</summary>
public sealed class AccountExchangeTests : IAsyncLifetime
{
    private static readonly Bytes Hash = Bytes.FromText("hash");
    private End _one = null!;
    private End _two = null!;

    public async Task InitializeAsync()
    {
        (_one, _two) = (new End(1), new End(2));
        _one.Node.Addresses.LearnDataPort(new NodeId(2), _two.Node.Port.Port, 0);
        await Poll.UntilAsync(
            () => Task.FromResult(_one.Link.Status().Reachable && _two.Link.Status().Reachable), "both are within reach of each other");
    }

    public async Task DisposeAsync()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
    }

    [Fact]
    public async Task What_is_changed_at_one_node_is_known_at_the_other_one()
    {
        _one.Book.Join(AccountState.Found("admin", Hash, Bytes.FromText("key")));
        await SameAsync();
        _two.Book.Apply(new AddUser("alice", Hash), new SetUserRight("alice", new Right(AccountAction.Read, default), true));
        await SameAsync();

        Assert.True(_one.Book.View.User("alice")!.Permissions.Allows(AccountAction.Read, "any"u8));
    }

    [Fact]
    public async Task Both_sides_of_a_cut_are_changed_and_after_it_both_say_the_same_of_who_is_the_admin()
    {
        _one.Book.Join(AccountState.Found("admin", Hash, Bytes.FromText("key")));
        _one.Book.Apply(new AddUser("bob", Hash), new SetUserRight("bob", Right.Admin, true));
        await SameAsync();
        Cut(true);

        _one.Book.Apply(new RemoveUser("bob"));
        _two.Book.Apply(new SetUserRight("bob", new Right(AccountAction.Read, default), true));
        _two.Book.Apply(new RemoveUser("admin"));
        Assert.NotEqual(_one.Book.Digest, _two.Book.Digest);
        Cut(false);
        await SameAsync();

        foreach (var end in (End[])[_one, _two])
        {
            var kept = Assert.Single(end.Book.View.Users);
            Assert.Equal(("admin", true), (kept.Name, kept.IsKept));
            Assert.True(kept.Permissions.Allows(AccountAction.Admin));
        }
    }

    private void Cut(bool isCut)
    {
        var (one, two) = (new NodeId(1), new NodeId(2));
        LinkFault[] cuts = isCut ? [new(one, two) { Cut = true }, new(two, one) { Cut = true }] : [];
        foreach (var end in (End[])[_one, _two]) end.Node.Faults.Set(new FaultSet(cuts, [], []));
    }

    private Task SameAsync() => Poll.UntilAsync(
        () => Task.FromResult(!_one.Book.IsEmpty && _one.Book.Digest == _two.Book.Digest), "both know the same");

    private sealed class End : IAsyncDisposable
    {
        private readonly TemporaryDirectory _directory = new();
        private readonly AccountExchange _exchange;

        public End(int id)
        {
            Node = new TestNode(TestSettings.OfTwo(
                id,
                $"gossipdb.node.data-dir = \"{_directory.Path}\"\ngossipdb.replication.gossip-interval = 50ms\n"
                + "gossipdb.links.heartbeat-interval = 20ms\ngossipdb.links.unreachable-after = 2s\ngossipdb.lab.fault-injection = on"));
            Book = new AccountBook(Node.Settings, Node.Health);
            _exchange = new AccountExchange(Node.Settings, Node.Health, Book, Node.Links);
            Node.Port.Start(Node.Connections.ServeAsync);
            Node.Links.Begin(new LinkTaker { AccountsTold = _exchange.Take }.Of(Node));
            _exchange.Begin();
        }

        public TestNode Node { get; }

        public AccountBook Book { get; }

        public Gossipdb.Node.Links.PeerLink Link => Node.Links[new NodeId(3 - Node.Settings.Id.Value)];

        public async ValueTask DisposeAsync()
        {
            await _exchange.DisposeAsync();
            await Node.Links.DisposeAsync();
            await Node.Port.DisposeAsync();
            _directory.Dispose();
        }
    }
}
