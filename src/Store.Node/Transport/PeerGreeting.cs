using System.Security.Cryptography;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Security;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Transport;

/// <summary>
/// How two nodes come to talk over a connection, at either port: the caller says hello, each shows who it is, by its certificate, by the
/// cluster's secret (<see cref="PeerProof"/>), or by both, as the settings want it, and each looks whether it listens to the other one at
/// all. Nothing else is taken from a connection before.
/// </summary>
internal sealed class PeerGreeting(NodeSettings settings, NodeCertificates certificates, PeerSecrets secrets, PeerRoll roll)
{
    private const int MostForgotten = 16 * 1024;

    /// <summary>Says hello, and finds out whether it is the node that was called.</summary>
    /// <param name="connection">A connection on which nothing has been said.</param>
    /// <param name="port">The port that was called.</param>
    /// <param name="called">The node that was called.</param>
    /// <param name="cancelled">Cancelled where it takes too long.</param>
    /// <exception cref="PeerRefusedException">It is not the node, or does not listen to this one.</exception>
    /// <exception cref="CorruptDataException">It says what makes no sense.</exception>
    /// <exception cref="IOException">It has hung up.</exception>
    public async Task CallAsync(FrameConnection connection, PeerPort port, NodeId called, CancellationToken cancelled)
    {
        if (WhyNot(port, called) is { } why) throw new PeerRefusedException(why);
        if (certificates.IsOn && connection.Identity?.Node != called)
            throw new PeerRefusedException($"it has not shown the certificate of node {called}");
        if (!secrets.IsOn)
        {
            Send(connection, new Hello(settings.Id, called).Encode());
            return;
        }

        var proof = PeerProof.OfCaller(secrets.Now(), port, settings.Id, called, Draw());
        Send(connection, proof.First);
        while (!proof.IsProven)
            if (await HearAsync(connection, proof, cancelled).ConfigureAwait(false) is { } answer) Send(connection, answer);
    }

    /// <summary>Finds out whether who has said hello is the node that it says, and is listened to.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="port">The port that was called.</param>
    /// <param name="hello">What it has said: that it is a node.</param>
    /// <param name="cancelled">Cancelled where it takes too long.</param>
    /// <exception cref="PeerRefusedException">It is not the node, or not listened to.</exception>
    /// <exception cref="CorruptDataException">It says what makes no sense.</exception>
    /// <exception cref="IOException">It has hung up.</exception>
    public async Task AnswerAsync(FrameConnection connection, PeerPort port, Hello hello, CancellationToken cancelled)
    {
        var caller = hello.Caller ?? throw new CorruptDataException("it is no node");
        if (hello.Called != settings.Id) throw new CorruptDataException($"it wanted node {hello.Called}; this is node {settings.Id}");
        if (certificates.IsOn) CheckCertificate(connection.Identity?.Node, caller);
        if (secrets.IsOn && hello.Nonce is null)
            throw new PeerRefusedException(
                $"it does not prove that it knows the cluster's secret ({NodeSettings.SecretFileKey})",
                $"{NodeSettings.SecretFileKey} is set there, and not here");
        if (!secrets.IsOn && hello.Nonce is not null)
        {
            throw new PeerRefusedException(
                $"it wants a proof that this node knows the cluster's secret: {NodeSettings.SecretFileKey} is set there, and not here",
                $"{NodeSettings.SecretFileKey} is set here, and not there");
        }

        byte[]? answer = null;
        if (secrets.IsOn)
        {
            var proof = PeerProof.OfCalled(secrets.Now(), port, hello, Draw());
            Send(connection, proof.First);
            answer = await HearAsync(connection, proof, cancelled).ConfigureAwait(false);
        }

        // Who it is has been shown. It hears that it is not listened to in place of the last word.
        if (WhyNot(port, caller) is { } why) throw new PeerRefusedException(why, why);
        if (answer is not null) Send(connection, answer);
    }

    /// <summary>Tells the other end why it is refused, and gives it a little time to read that.</summary>
    public static async Task RefuseAsync(FrameConnection connection, string told, CancellationToken cancelled)
    {
        Send(connection, Refusal.Encode(told));
        try
        {
            // It hangs up once it has read that. What it has said meanwhile is taken and forgotten: the refusal would be lost else. Who
            // goes on is hung up on.
            while (await connection.ReadFirstAsync(MostForgotten, cancelled).ConfigureAwait(false) is not null)
            {
                // Not yet.
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException or CorruptDataException)
        {
            // What is wrong with it is known.
        }
    }

    // Where nothing is proved the links look for themselves.
    private string? WhyNot(PeerPort port, NodeId node) => !settings.PeersProve ? null
        : port == PeerPort.Control ? roll.WhyNotForAkka(node) : roll.WhyNot(node);

    private static void CheckCertificate(NodeId? shown, NodeId caller)
    {
        if (shown is null) throw new PeerRefusedException("it has shown no node's certificate", "it has shown no node's certificate");
        if (shown != caller)
            throw new PeerRefusedException($"it says that it is node {caller}, with the certificate of node {shown}");
    }

    private static async Task<byte[]?> HearAsync(FrameConnection connection, PeerProof proof, CancellationToken cancelled) =>
        await connection.ReadFirstAsync(Refusal.MaxBytes, cancelled).ConfigureAwait(false) is { } frame
            ? proof.Take(frame)
            : throw new IOException("it has hung up before it has proved anything");

    private static void Send(FrameConnection connection, byte[] frame)
    {
        connection.Stage(frame);
        connection.Flush();
    }

    private static byte[] Draw() => RandomNumberGenerator.GetBytes(PeerProof.NonceBytes);
}
