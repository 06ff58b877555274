using System.Buffers.Binary;
using System.Security.Cryptography;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Security;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Transport;

/// <summary>
/// How two nodes prove to each other that they know the cluster's secret, without saying it. Four frames, of which the first is the hello:
/// <list type="number">
/// <item>the caller: who calls whom, and a number drawn for this once;</item>
/// <item>the called: another such number;</item>
/// <item>the caller: a code (HMAC-SHA256) under the secret over both numbers, both nodes, the port and that it is the caller;</item>
/// <item>the called: the same, as the called.</item>
/// </list>
/// So what was recorded is of no use for another connection, between other nodes, at the other port, or turned round. The caller proves
/// first: who only calls hears no code, and cannot try out secrets by himself.
/// <para>Bytes come in and go out: no I/O, no clock, no randomness. Of one thread.</para>
/// </summary>
internal sealed class PeerProof
{
    /// <summary>How many bytes a number drawn for this once has.</summary>
    public const int NonceBytes = 32;

    private const byte Challenge = 3;
    private const byte ProofOfCaller = 4;
    private const byte ProofOfCalled = 5;

    // What the code is of, so that the secret may serve for others.
    private static readonly byte[] Domain = [.. "gossipdb peers 1"u8];
    private static readonly int PreambleBytes = Hello.Magic.Length + 2;
    private readonly IReadOnlyList<byte[]> _secrets;
    private readonly PeerPort _port;
    private readonly Hello _hello;
    private readonly bool _isCaller;
    private byte[]? _nonceOfCalled;

    private PeerProof(IReadOnlyList<byte[]> secrets, PeerPort port, Hello hello, byte[]? nonceOfCalled)
    {
        (_secrets, _port, _hello, _nonceOfCalled) = (secrets, port, hello, nonceOfCalled);
        _isCaller = nonceOfCalled is null;
        First = _isCaller ? hello.Encode() : Frame(Challenge, nonceOfCalled);
    }

    /// <summary>The frame that is said first.</summary>
    public byte[] First { get; }

    /// <summary>Whether the other end has proved that it knows the secret. Nothing else that it says counts before.</summary>
    public bool IsProven { get; private set; }

    /// <summary>Begins as the one who calls.</summary>
    /// <param name="secrets">What this node knows; it proves with the first.</param>
    /// <param name="port">The port that is called.</param>
    /// <param name="self">Who calls.</param>
    /// <param name="called">Who is called.</param>
    /// <param name="nonce">Drawn for this once.</param>
    public static PeerProof OfCaller(IReadOnlyList<byte[]> secrets, PeerPort port, NodeId self, NodeId called, byte[] nonce) =>
        new(secrets, port, new Hello(self, called, nonce), nonceOfCalled: null);

    /// <summary>Begins as the one who is called.</summary>
    /// <param name="secrets">What this node knows; the caller may prove with any.</param>
    /// <param name="port">The port that was called.</param>
    /// <param name="hello">What the caller has said, with a number.</param>
    /// <param name="nonce">Drawn for this once.</param>
    public static PeerProof OfCalled(IReadOnlyList<byte[]> secrets, PeerPort port, Hello hello, byte[] nonce) =>
        new(secrets, port, hello, nonce);

    /// <summary>Takes a frame of the other end.</summary>
    /// <returns>What to answer; null for nothing.</returns>
    /// <exception cref="CorruptDataException">It is none that is expected now.</exception>
    /// <exception cref="PeerRefusedException">The other end does not know the secret, or refuses this one.</exception>
    public byte[]? Take(ReadOnlySpan<byte> frame)
    {
        if (IsProven) throw new InvalidOperationException("it is proved");
        return _isCaller ? TakeAsCaller(frame) : TakeAsCalled(frame);
    }

    // It holds secrets.
    public override string ToString() => nameof(PeerProof);

    private byte[]? TakeAsCaller(ReadOnlySpan<byte> frame)
    {
        if (Refusal.Find(frame) is { } why) throw new PeerRefusedException($"it refuses this node: {why}");
        if (_nonceOfCalled is null)
        {
            _nonceOfCalled = Content(frame, Challenge).ToArray();
            return Frame(ProofOfCaller, Code(_secrets[0], ProofOfCaller));
        }

        // It answers with the secret that it was proved to.
        if (!CryptographicOperations.FixedTimeEquals(Content(frame, ProofOfCalled), Code(_secrets[0], ProofOfCalled)))
            throw new PeerRefusedException("it does not know the cluster's secret");
        IsProven = true;
        return null;
    }

    private byte[] TakeAsCalled(ReadOnlySpan<byte> frame)
    {
        var said = Content(frame, ProofOfCaller);
        byte[]? known = null;
        foreach (var secret in _secrets)
            if (CryptographicOperations.FixedTimeEquals(said, Code(secret, ProofOfCaller))) known ??= secret;
        if (known is null)
            throw new PeerRefusedException(
                "it does not know the cluster's secret", $"{NodeSettings.SecretFileKey} is not the same on both nodes");
        IsProven = true;
        return Frame(ProofOfCalled, Code(known, ProofOfCalled));
    }

    private byte[] Code(byte[] secret, byte role)
    {
        using var code = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        Span<byte> said = stackalloc byte[2 + (2 * sizeof(int))];
        (said[0], said[1]) = (role, (byte)_port);
        BinaryPrimitives.WriteInt32LittleEndian(said[2..], _hello.Caller!.Value.Value);
        BinaryPrimitives.WriteInt32LittleEndian(said[6..], _hello.Called.Value);
        code.AppendData(Domain);
        code.AppendData(said);
        code.AppendData(_hello.Nonce!);
        code.AppendData(_nonceOfCalled!);
        return code.GetHashAndReset();
    }

    private static byte[] Frame(byte kind, ReadOnlySpan<byte> content) => [.. Hello.Magic, Hello.Version, kind, .. content];

    // Each has as many bytes as a number.
    private static ReadOnlySpan<byte> Content(ReadOnlySpan<byte> frame, byte kind) =>
        frame.Length == PreambleBytes + NonceBytes && frame.StartsWith(Hello.Magic)
            && frame[Hello.Magic.Length] == Hello.Version && frame[Hello.Magic.Length + 1] == kind
            ? frame[PreambleBytes..]
            : throw new CorruptDataException("it says what is no proof that it knows the cluster's secret");
}
