using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Gossipdb.Client;
using Gossipdb.Node.Security;
using Gossipdb.Node.Server;
using Gossipdb.Node.Tests.Links;
using Gossipdb.Node.Tests.Security;
using Gossipdb.Node.Transport;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Tests.Hosting;

/// <summary>A whole node with certificates, and who gets how far on which of its ports.</summary>
public sealed class SecureNodeTests : IAsyncLifetime
{
    private static readonly TestAuthority Authority = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("gossipdb-secure-").FullName;
    private RunningNode _node = null!;

    public async Task InitializeAsync() => _node = await RunningNode.StartAsync(_directory, authority: Authority);

    public async Task DisposeAsync()
    {
        await _node.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private int DataPort => _node.Part<DataPort>().Port;

    private IEnumerable<int> Ports => [_node.ClientPort, _node.HttpPort, _node.PeerPort, DataPort];

    [Fact]
    public async Task A_client_that_trusts_the_authority_is_served_over_frames_and_over_grpc()
    {
        var frames = await _node.ClientAsync();
        await frames.Counter("hits").IncrementAsync(2);
        Assert.Equal(1, _node.Part<DataConnections>().Clients);

        var options = _node.Options;
        options.Transport = ClientTransport.Grpc;
        await using var grpc = await GossipdbClient.ConnectAsync(options);
        await grpc.Counter("hits").IncrementAsync(3);

        Assert.Equal(5, await frames.Counter("hits").GetAsync());
        Assert.Equal(1, _node.Part<DataConnections>().Clients);
        Assert.Equal(1, (await _node.Admin.StatusAsync()).Node);
        Assert.Equal(200, (await _node.HealthAsync("live")).Status);
    }

    [Fact]
    public async Task A_value_of_many_records_goes_both_ways_unchanged()
    {
        var client = await _node.ClientAsync();
        var value = string.Concat(Enumerable.Range(0, 150_000));

        await client.Register("large").SetAsync(value);

        Assert.Equal(value, await client.Register("large").GetAsync());
    }

    [Fact]
    public async Task A_client_with_a_certificate_is_known_by_it()
    {
        await using var shown = (await Handshake.TryAsync(DataPort, Authority.Client("alice")))!;
        await shown.Stream.WriteAsync(MemoryConnection.Framed(new Hello(null, new NodeId(1)).Encode()));
        await shown.Stream.WriteAsync(MemoryConnection.Framed([])); // a ping

        Assert.True(await shown.Stream.ReadAsync(new byte[100]).AsTask().WaitAsync(TimeSpan.FromSeconds(30)) > 0);
        foreach (var (port, protocol) in ((int, SslApplicationProtocol)[])
            [(_node.ClientPort, SslApplicationProtocol.Http2), (_node.HttpPort, SslApplicationProtocol.Http11)])
        {
            await using var over = (await Handshake.TryAsync(port, Authority.Client("alice"), protocol))!;
            Assert.Equal(protocol, over.Stream.NegotiatedApplicationProtocol);
        }
    }

    [Fact]
    public async Task A_certificate_that_is_no_good_ends_the_connection_on_every_port()
    {
        foreach (var port in Ports)
        {
            foreach (var bad in (X509Certificate2[])
            [
                new TestAuthority().Client("alice"), new TestAuthority().Node(1),
                Authority.Node(1, notAfter: DateTimeOffset.UtcNow.AddHours(-1)), Authority.Node(1, forClients: false),
            ])
            {
                await using var over = await Handshake.TryAsync(port, bad);
                Assert.True(over is null || await over.IsHungUpOnAsync(), $"port {port}, {bad.Subject} of {bad.Issuer}");
            }
        }
    }

    [Fact]
    public async Task Only_a_node_of_the_cluster_gets_through_to_the_peer_port()
    {
        foreach (var stranger in (X509Certificate2?[])[Authority.Node(2), Authority.Client("alice"), null])
        {
            await using var over = await Handshake.TryAsync(_node.PeerPort, stranger);
            if (over is null) continue;
            var told = new MemoryStream();
            try
            {
                await over.Stream.WriteAsync(MemoryConnection.Framed(new Hello(new NodeId(2), new NodeId(1)).Encode()));
                await over.Stream.ShutdownAsync();
                await over.Stream.CopyToAsync(told).WaitAsync(TimeSpan.FromSeconds(30));
            }
            catch (IOException)
            {
                // So it may end, too.
            }

            var answer = told.ToArray();
            Assert.True(answer.Length == 0 || Refusal.Find(answer.AsSpan(FrameConnection.LengthBytes)) is not null, stranger?.Subject);
        }
    }

    [Fact]
    public async Task Old_versions_of_TLS_are_refused_on_every_port()
    {
        foreach (var port in Ports)
        {
            // The greeting of a client that speaks TLS 1.1 and nothing later. The answer is an alert that ends it (level 2).
            var answer = await Handshake.SendPlainAsync(port, OldGreeting());
            Assert.Equal([21, 2], [answer[0], answer[5]]);
        }
    }

    [Fact]
    public async Task What_is_not_encrypted_gets_no_answer_of_the_product_on_any_port()
    {
        foreach (var port in Ports)
        {
            foreach (var bytes in (byte[][])
                [[.. "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"u8], MemoryConnection.Framed(new Hello(null, new NodeId(1)).Encode())])
            {
                var answer = await Handshake.SendPlainAsync(port, bytes);
                Assert.DoesNotContain("live\n", System.Text.Encoding.ASCII.GetString(answer), StringComparison.Ordinal);
                Assert.True(answer.Length < 500, $"port {port} answers {answer.Length} bytes");
            }
        }

        Assert.Equal(200, (await _node.HealthAsync("ready")).Status);
    }

    [Fact]
    public async Task New_certificates_are_shown_on_every_port_without_a_restart()
    {
        var client = await _node.ClientAsync();
        using var next = Authority.Node(1);
        Authority.Write(_directory, next);

        _node.Part<NodeCertificates>().Look();

        foreach (var port in Ports)
        {
            await using var over = (await Handshake.TryAsync(port, Authority.Node(1)))!;
            Assert.Equal(next.Thumbprint, over.Shown.Thumbprint);
        }

        // What was connected goes on.
        await client.Counter("hits").IncrementAsync();
    }

    [Fact]
    public async Task Clients_are_told_what_is_wrong()
    {
        var good = _node.Tls!;
        await SaysAsync("signed by nobody whom this client trusts", _node.Endpoint);
        await SaysAsync(
            "signed by nobody whom this client trusts",
            _node.Endpoint,
            new GossipdbTls { Authorities = [new TestAuthority().Certificate] });
        await SaysAsync("does it speak TLS? (https://)", $"http://127.0.0.1:{_node.ClientPort}");
        await SaysAsync(
            "it refuses the certificate that this client shows",
            _node.Endpoint,
            new GossipdbTls { Authorities = good.Authorities, Certificate = new TestAuthority().Client("alice") });

        Authority.Write(_directory, Authority.Sign("CN=node 1", ["gossipdb:node:1"], host: "db1.example"));
        _node.Part<NodeCertificates>().Look();
        await SaysAsync("the node's certificate is not one for 127.0.0.1: it is for db1.example", _node.Endpoint, good);
    }

    [Fact]
    public async Task Clients_of_a_node_that_speaks_plain_are_told_so()
    {
        var directory = Path.Combine(_directory, "plain");
        Directory.CreateDirectory(directory);
        await using var plain = await RunningNode.StartAsync(directory);

        await SaysAsync("does it speak plain? (http://)", $"https://127.0.0.1:{plain.ClientPort}", _node.Tls);
        Assert.Null(await Handshake.TryAsync(plain.Part<DataPort>().Port));
        await Poll.UntilAsync(
            () => Task.FromResult(
                plain.ReadLog().Contains("it speaks TLS, and this port does not (gossipdb.tls)", StringComparison.Ordinal)),
            "the node says so");
    }

    // The client and the operator's view alike.
    private static async Task SaysAsync(string expected, string endpoint, GossipdbTls? tls = null)
    {
        var options = new GossipdbOptions { Endpoints = [endpoint], Tls = tls, Timeout = TimeSpan.FromSeconds(20) };
        var problem = await Assert.ThrowsAsync<ConnectionException>(() => GossipdbClient.ConnectAsync(options));
        Assert.True(problem.Message.Contains(expected, StringComparison.Ordinal), problem.ToString());
        using var admin = new GossipdbAdmin(endpoint, options);
        problem = await Assert.ThrowsAsync<ConnectionException>(() => admin.StatusAsync());
        Assert.True(problem.Message.Contains(expected, StringComparison.Ordinal), problem.ToString());
    }

    private static byte[] OldGreeting()
    {
        byte[] body =
        [
            3, 2, .. new byte[32], 0, // version 1.1, random, no session
            0, 6, 0xC0, 0x09, 0xC0, 0x13, 0x00, 0x2F, 1, 0, // suites, no compression
            0, 18, 0, 10, 0, 4, 0, 2, 0, 23, 0, 11, 0, 2, 1, 0, 0, 35, 0, 0, // curve, points, an empty ticket
        ];
        byte[] greeting = [1, 0, 0, (byte)body.Length, .. body];
        return [22, 3, 1, 0, (byte)greeting.Length, .. greeting];
    }
}
