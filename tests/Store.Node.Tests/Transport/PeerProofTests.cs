using System.Security.Cryptography;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Security;
using Gossipdb.Node.Transport;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Tests.Transport;

/// <summary>Two nodes that prove to each other that they know the cluster's secret.</summary>
public sealed class PeerProofTests
{
    private static readonly byte[] Secret = [.. "the secret of this cluster, and of no other one"u8];
    private static readonly byte[] Other = [.. "the secret of another cluster altogether, it is"u8];
    private static readonly NodeId One = new(1);
    private static readonly NodeId Two = new(2);

    [Theory]
    [InlineData("same")]
    [InlineData("the called knows the new one as well")]
    [InlineData("the called knows the old one still")]
    public void Who_know_one_secret_prove_it_to_each_other(string how)
    {
        byte[][] called = how switch
        {
            "same" => [Secret],
            "the called knows the new one as well" => [Other, Secret],
            _ => [Secret, Other],
        };
        var (caller, callee, first) = Begin([Secret], called);

        var proof = caller.Take(first)!;
        Assert.False(caller.IsProven);
        var answer = callee.Take(proof)!;
        Assert.True(callee.IsProven);
        Assert.Null(caller.Take(answer));
        Assert.True(caller.IsProven);
        foreach (var frame in (byte[][])[caller.First, first, proof, answer])
        {
            Assert.InRange(frame.Length, 1, Hello.MaxBytes);
            Assert.Equal(-1, frame.AsSpan().IndexOf(Secret));
        }

        Assert.Throws<InvalidOperationException>(() => caller.Take(answer));
    }

    [Fact]
    public void Who_knows_another_secret_proves_nothing_and_hears_no_code_of_the_called()
    {
        var (caller, callee, first) = Begin([Other, Secret], [Secret]);
        var proof = caller.Take(first)!;

        var refused = Assert.Throws<PeerRefusedException>(() => callee.Take(proof));

        Assert.False(callee.IsProven);
        Assert.Contains("gossipdb.cluster.secret-file", refused.Told, StringComparison.Ordinal);
        Assert.DoesNotContain("secret of", refused.Message + refused.Told + callee + caller, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_pretends_to_be_the_called_is_found_out()
    {
        var (caller, _, first) = Begin([Secret], [Secret]);
        var proof = caller.Take(first)!;

        // The caller's own code turned round, and one of another secret.
        Assert.Throws<CorruptDataException>(() => caller.Take(proof));
        proof[Hello.Magic.Length + 1] = 5;
        Assert.Throws<PeerRefusedException>(() => caller.Take(proof));
        var (another, liar, second) = Begin([Other], [Other]);
        Assert.Throws<PeerRefusedException>(() => caller.Take(liar.Take(another.Take(second)!)!));
        Assert.False(caller.IsProven);
    }

    [Theory]
    [InlineData("another connection", 1, 2)]
    [InlineData("the other port", 1, 2)]
    [InlineData("from another node", 3, 2)]
    [InlineData("to another node", 1, 3)]
    [InlineData("turned round", 2, 1)]
    public void What_was_recorded_proves_nothing_elsewhere(string where, int from, int to)
    {
        var (caller, callee, first) = Begin([Secret], [Secret]);
        var recorded = caller.Take(first)!;
        callee.Take(recorded);

        // The same numbers even, but for another connection.
        var hello = new Hello(new NodeId(from), new NodeId(to), Nonce(1));
        var port = where == "the other port" ? PeerPort.Control : PeerPort.Data;
        var again = PeerProof.OfCalled([Secret], port, hello, Nonce(where == "another connection" ? (byte)3 : (byte)2));

        Assert.Throws<PeerRefusedException>(() => again.Take(recorded));
    }

    [Fact]
    public void Hostile_bytes_prove_nothing_and_are_no_surprise()
    {
        var random = new Random(7);
        var (caller, callee, first) = Begin([Secret], [Secret]);
        var proof = caller.Take(first)!;
        foreach (var frame in (byte[][])[caller.First, first, proof])
        {
            for (var length = 0; length < frame.Length; length++) Refused(frame[..length]);
            Refused([.. frame, 0]);
            for (var i = 0; i < 2_000; i++)
            {
                var altered = frame.ToArray();
                altered[random.Next(altered.Length)] ^= (byte)random.Next(1, 256);
                Refused(altered);
            }
        }

        for (var i = 0; i < 2_000; i++)
        {
            var bytes = new byte[random.Next(100)];
            random.NextBytes(bytes);
            Refused(bytes);
        }

        void Refused(byte[] bytes)
        {
            foreach (var one in (PeerProof[])[Begin([Secret], [Secret]).Callee, Waiting()])
            {
                var thrown = Record.Exception(() => one.Take(bytes));
                Assert.True(thrown is CorruptDataException or PeerRefusedException, $"{thrown}");
                Assert.False(one.IsProven);
            }
        }

        PeerProof Waiting()
        {
            var (waiting, _, challenge) = Begin([Secret], [Secret]);
            waiting.Take(challenge);
            return waiting;
        }
    }

    [Fact]
    public void A_refusal_says_why()
    {
        var (caller, _, _) = Begin([Secret], [Secret]);

        Assert.Contains(
            "node 2: go away", Assert.Throws<PeerRefusedException>(() => caller.Take(Refusal.Encode("node 2: go away"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_bytes_stay()
    {
        var (caller, callee, first) = Begin([Secret], [Secret]);
        var proof = caller.Take(first)!;
        var answer = callee.Take(proof)!;

        Assert.Equal([.. "gossipdb"u8, 1, 2, 2, 1, .. Nonce(1)], caller.First);
        Assert.Equal([.. "gossipdb"u8, 1, 3, .. Nonce(2)], first);
        Assert.Equal([.. "gossipdb"u8, 1, 4, .. Code(4)], proof);
        Assert.Equal([.. "gossipdb"u8, 1, 5, .. Code(5)], answer);

        // Written out once more, as docs/formats.md has it.
        static byte[] Code(byte role) => HMACSHA256.HashData(
            Secret, (byte[])[.. "gossipdb peers 1"u8, role, 1, 1, 0, 0, 0, 2, 0, 0, 0, .. Nonce(1), .. Nonce(2)]);
    }

    private static (PeerProof Caller, PeerProof Callee, byte[] First) Begin(byte[][] ofCaller, byte[][] ofCalled)
    {
        var caller = PeerProof.OfCaller(ofCaller, PeerPort.Data, One, Two, Nonce(1));
        var callee = PeerProof.OfCalled(ofCalled, PeerPort.Data, Hello.Decode(caller.First), Nonce(2));
        return (caller, callee, callee.First);
    }

    private static byte[] Nonce(byte with) => [.. Enumerable.Repeat(with, PeerProof.NonceBytes)];
}
