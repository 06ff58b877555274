using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Akka.Actor;
using Akka.Actor.Setup;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Links;
using Gossipdb.Node.Security;
using Gossipdb.Node.Transport;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Tests.Security;

/// <summary>
/// Who says at a node's ports that it is another node, and has part of what shows it, is not listened to. Two nodes serve all of them one
/// after the other.
/// </summary>
public sealed class ImpostorTests
{
    private static readonly NodeId One = new(1);
    private static readonly NodeId Two = new(2);

    [Fact]
    public async Task Who_does_not_know_the_secret_is_not_taken_for_a_node()
    {
        using var directory = new TemporaryDirectory();
        var guards = new Guards(directory.Path);
        await using var pair = await NodePair.StartAsync(directory.Path, guards.BySecret);
        var secret = Encoding.UTF8.GetBytes(guards.Secret);
        int[] ports = [pair.Second.Part<DataPort>().Port, pair.Second.PeerPort];
        foreach (var (port, kind) in ports.Zip((PeerPort[])[PeerPort.Data, PeerPort.Control]))
        {
            Assert.Contains(
                "secret-file is set there", await RefusedAsync("no proof", static one => one.Say(new Hello(One, Two).Encode())));
            Assert.Contains("not the same on both", await ProvingAsync("another secret", RandomNumberGenerator.GetBytes(32), One));
            Assert.Contains("node 9 is not in the layout", await ProvingAsync("a node that is none", secret, new NodeId(9)));
            Assert.Null(await RefusedAsync("an envelope first", static one => one.SayEnvelope()));
            Assert.Null(await RefusedAsync("no node at all", static one => one.Say([.. "GET / HTTP/1.1\r\n\r\n"u8])));

            // Word for word what node 1 has said to a node 2 that knows the same secret, and then what it would say next.
            var recorded = await RecordAsync(secret, kind);
            await using var replaying = await Impostor.PlainAsync(port);
            replaying.Say(recorded[0]);
            Assert.Equal(3, (await replaying.HearAsync())![9]);
            replaying.Say(recorded[1]);
            replaying.SayEnvelope();
            Assert.Contains("not the same on both", await replaying.HearRefusalAsync());
            await pair.AssertUnharmedAsync("a replay");

            async Task<string?> ProvingAsync(string what, byte[] with, NodeId from)
            {
                await using var impostor = await Impostor.PlainAsync(port);
                var proof = PeerProof.OfCaller([with], kind, from, Two, RandomNumberGenerator.GetBytes(PeerProof.NonceBytes));
                impostor.Say(proof.First);
                impostor.Say(proof.Take((await impostor.HearAsync())!)!);
                impostor.SayEnvelope();
                return await EndAsync(what, impostor, mayAnswer: true);
            }

            async Task<string?> RefusedAsync(string what, Action<Impostor> say)
            {
                await using var impostor = await Impostor.PlainAsync(port);
                say(impostor);
                impostor.SayEnvelope();
                return await EndAsync(what, impostor);
            }
        }

        await AkkaAsync(pair, guards.ByOtherSecret(1), "not the same on both nodes", ofNode: "does not know the cluster's secret");

        // The right secret, but elsewhere than node 1 is.
        await AkkaAsync(pair, guards.BySecret(1), null, ofNode: "which is not its address");

        async Task<string?> EndAsync(string what, Impostor impostor, bool mayAnswer = false)
        {
            var frame = await impostor.HearAsync();
            if (mayAnswer && frame is not null && Refusal.Find(frame) is null) frame = await impostor.HearAsync();
            await impostor.DisposeAsync();
            await pair.AssertUnharmedAsync(what);
            Assert.Null(await pair.ReadAsync(Impostor.Forged));
            return frame is null ? null : Refusal.Find(frame) ?? "something else";
        }
    }

    [Fact]
    public async Task Whose_certificate_is_not_that_of_the_node_is_not_taken_for_it()
    {
        using var directory = new TemporaryDirectory();
        var guards = new Guards(directory.Path);
        await using var pair = await NodePair.StartAsync(directory.Path, guards.ByCertificate, "https");
        int[] ports = [pair.Second.Part<DataPort>().Port, pair.Second.PeerPort];
        var refusals = pair.Second.Part<PeerRefusals>();
        foreach (var port in ports)
        {
            foreach (var (what, certificate, why) in Certificates(guards))
            {
                // Where the handshake itself is refused the caller may hear of it only when it reads.
                if (await Impostor.SecureAsync(port, certificate) is { } impostor)
                {
                    impostor.Say(new Hello(One, Two).Encode());
                    impostor.SayEnvelope();
                    var frame = await impostor.HearAsync();
                    Assert.True(frame is null || Refusal.Find(frame) is not null, what);
                    await impostor.DisposeAsync();
                }

                if (why is not null)
                    await Poll.UntilAsync(() => Task.FromResult(refusals.Last?.Contains(why, StringComparison.Ordinal) == true), what);
                await pair.AssertUnharmedAsync(what);
                Assert.Null(await pair.ReadAsync(Impostor.Forged));
            }
        }

        await AkkaAsync(pair, guards.ByOtherAuthority(1), null, ofNode: null);
    }

    private static IEnumerable<(string What, X509Certificate2? Certificate, string? Why)> Certificates(Guards guards) =>
    [
        ("no certificate", null, "it has shown no node's certificate"),
        ("another authority's", guards.OtherAuthority.Node(1), null),
        ("another node's", guards.Authority.Node(3), "it says that it is node 1, with the certificate of node 3"),
        ("its own", guards.Authority.Node(2), "it says that it is node 1, with the certificate of node 2"),
        ("an expired one", guards.Authority.Node(1, notAfter: DateTimeOffset.UtcNow.AddDays(-1)), null),
        ("one that is not good yet", guards.Authority.Node(1, notBefore: DateTimeOffset.UtcNow.AddDays(1)), null),
        ("one for servers alone", guards.Authority.Node(1, forClients: false), null),
        ("a client's", guards.Authority.Client("node 1"), "it has shown no node's certificate"),
    ];

    // What a node says in a handshake with another one that knows the same.
    private static async Task<byte[][]> RecordAsync(byte[] secret, PeerPort port)
    {
        var caller = PeerProof.OfCaller([secret], port, One, Two, RandomNumberGenerator.GetBytes(PeerProof.NonceBytes));
        var called = PeerProof.OfCalled(
            [secret], port, Hello.Decode(caller.First), RandomNumberGenerator.GetBytes(PeerProof.NonceBytes));
        var proof = caller.Take(called.First)!;
        caller.Take(called.Take(proof)!);
        Assert.True(caller.IsProven);
        return await Task.FromResult<byte[][]>([caller.First, proof]);
    }

    // An actor system with all that a node has, but for what shows that it is one.
    private static async Task AkkaAsync(NodePair pair, string credentials, string? told, string? ofNode)
    {
        var ports = NodePorts.Some(1);
        var scheme = credentials.Contains("tls", StringComparison.Ordinal) ? "https" : "http";
        var settings = NodeSettings.Parse($"""
            gossipdb.node.id = 1
            gossipdb.node.data-dir = "data"
            gossipdb.node.peer-port = {ports[0]}
            gossipdb.cluster.nodes = [
              "1 127.0.0.1:{ports[0]} {scheme}://127.0.0.1:5101", "2 127.0.0.1:{pair.Second.PeerPort} {scheme}://127.0.0.1:5102"]
            akka.loglevel = OFF
            akka.stdout-loglevel = OFF
            {credentials}
            """, "impostor.conf");
        var node = new TestNode(settings);
        node.Roll.NodesAt = node.Addresses.NodesAt;
        node.Roll.AddressOf = id => node.Addresses.Find(id) is { } known ? (known.PeerHost, known.PeerPort) : null;
        var refusals = pair.Second.Part<PeerRefusals>();
        var before = refusals.Count;
        using var system = ActorSystem.Create(
            AkkaConfiguration.SystemName,
            ActorSystemSetup.Empty
                .And(BootstrapSetup.Create().WithConfig(AkkaConfiguration.Create(
                    settings, LinkSerialization.Configuration, ControlTransport.ConfigurationOf(settings))))
                .And(node.ControlSetup()));
        var victim = Akka.Cluster.Cluster.Get(system);
        victim.Join(Address.Parse(AkkaConfiguration.AddressOf(settings.Nodes[Two])));
        await Poll.UntilAsync(() => Task.FromResult(refusals.Count > before), "the impostor is refused");
        if (ofNode is not null) Assert.Contains(ofNode, refusals.Last, StringComparison.Ordinal);
        await pair.AssertUnharmedAsync($"an impostor's Akka: {told}");
        await system.Terminate();
    }
}
