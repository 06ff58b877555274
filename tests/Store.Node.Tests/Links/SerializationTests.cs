using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.Persistence.Sql;
using Akka.TestKit.Xunit2;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Links;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Tests.Links;

/// <summary>Two actor systems as two nodes have them, with the wire between them.</summary>
public sealed class SerializationTests : TestKit
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly int[] Ports = NodePorts.Some(2);
    private readonly ActorSystem _other;

    public SerializationTests()
        : base(Configuration(1), AkkaConfiguration.SystemName) =>
            _other = ActorSystem.Create(AkkaConfiguration.SystemName, Configuration(2));

    private sealed record Unregistered(string Text);

    [Fact]
    public void Only_notices_cross_the_wire_and_they_cross_as_they_are()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(Error));
        _other.ActorOf(Props.Create(() => new Forwarder(TestActor)), "forwarder");
        var remote = ((ExtendedActorSystem)Sys).Provider.ResolveActorRef(
            $"akka.tcp://{AkkaConfiguration.SystemName}@127.0.0.1:{Ports[1]}/user/forwarder");
        var notice = new DataPortNotice(new NodeId(1_000_000), 65_535);

        remote.Tell(notice);
        Assert.Equal(notice, ExpectMsg<DataPortNotice>(Patience));

        remote.Tell(new Unregistered("never"));
        var error = FishForMessage(message => message is Error { Cause: not null }, Patience);
        Assert.Contains("has no registered serializer", ((Error)error).Cause.GetBaseException().Message, StringComparison.Ordinal);

        // The link is as good as before.
        remote.Tell(notice with { Port = 1 });
        Assert.Equal(notice with { Port = 1 }, FishForMessage(message => message is not Error, Patience));
    }

    [Fact]
    public async Task Two_nodes_tell_each_other_where_their_data_ports_are_and_go_on_to()
    {
        var (one, two) = (Exchange(Sys, id: 1, other: 2, port: 4_001), Exchange(_other, id: 2, other: 1, port: 4_002));

        await Poll.UntilAsync(
            () => Task.FromResult(one.DataPortOf(new NodeId(2)) == 4_002 && two.DataPortOf(new NodeId(1)) == 4_001), "both know");
        var saidMs = one.DataPortSaidMs(new NodeId(2));
        await Poll.UntilAsync(() => Task.FromResult(one.DataPortSaidMs(new NodeId(2)) > saidMs), "it is said again");
    }

    [Fact]
    public void A_message_without_a_serializer_is_refused_both_ways()
    {
        var serializer = Sys.Serialization.FindSerializerFor(new Unregistered("x"));

        Assert.IsType<RejectingSerializer>(serializer);
        Assert.Throws<NotSupportedException>(() => serializer.ToBinary(new Unregistered("x")));
        Assert.Throws<NotSupportedException>(() => ((RejectingSerializer)serializer).FromBinary("{}"u8.ToArray(), "any"));
        Assert.Throws<NotSupportedException>(() =>
            Sys.Serialization.Deserialize("{}"u8.ToArray(), 1, typeof(Unregistered).AssemblyQualifiedName!));
    }

    [Fact]
    public void Notices_have_a_number_and_a_manifest_that_stay()
    {
        var notice = new DataPortNotice(new NodeId(1), 2);
        var serializer = Assert.IsType<DataPortNoticeSerializer>(Sys.Serialization.FindSerializerFor(notice));

        Assert.Equal((7302, "P1"), (serializer.Identifier, serializer.Manifest(notice)));
        Assert.Throws<ArgumentException>(() => serializer.FromBinary(notice.Encode(), "P2"));
    }

    protected override void AfterAll()
    {
        Shutdown(_other);
        base.AfterAll();
    }

    private static AddressBook Exchange(ActorSystem system, int id, int other, int port)
    {
        var node = new TestNode(TestSettings.OfTwo(id, peerPort1: Ports[0], peerPort2: Ports[1]));
        node.Links.Add(new PeerLink(new LinkTaker().Of(node), new NodeId(other), node.Links.LoadOf(new NodeId(other))));
        system.ActorOf(
            Props.Create(() => new DataPortExchange(node.Settings, node.Clock, node.Links, node.Addresses, port)), DataPortExchange.Name);
        return node.Addresses;
    }

    private static Config Configuration(int id) => AkkaConfiguration
        .Create(
            TestSettings.OfTwo(id, "akka.loglevel = ERROR\nakka.stdout-loglevel = OFF", Ports[0], Ports[1]),
            LinkSerialization.Configuration)
        .WithFallback(SqlPersistence.DefaultConfiguration);

    private sealed class Forwarder : UntypedActor
    {
        private readonly IActorRef _to;

        public Forwarder(IActorRef to) => _to = to;

        protected override void OnReceive(object message) => _to.Tell(message);
    }
}
