using Akka.Actor;
using Akka.Remote.Transport;
using Google.Protobuf;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Transport.Pdu;

namespace Gossipdb.Node.Transport;

/// <summary>
/// A connection over which Akka.Remote talks to another node, which has shown who it is. Where the other end says that it is at an address
/// that is not that node's, nothing more is heard of it.
/// </summary>
/// <param name="self">Akka's address of this node.</param>
/// <param name="remote">Akka's address of the other one.</param>
/// <param name="connection">The connection.</param>
/// <param name="problemOf">
/// Why nothing more is heard of the other node, at the host and port where it says that it is, if it says so; null where there is no
/// reason.
/// </param>
/// <param name="refused">Told why the other end is hung up on.</param>
internal sealed class ControlAssociation(
    Address self, Address remote, FrameConnection connection, Func<(string Host, int Port)?, string?> problemOf, Action<string> refused)
    : AssociationHandle(self, remote)
{
    // What waits for a slow connection. Past it Akka keeps what it has to say, and tries again.
    private const int MaxStagedBytes = 16 << 20;

    // What was said last is still to reach the other end: that this one stops, say.
    private static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan TakenWithin = TimeSpan.FromSeconds(30);
    private IHandleEventListener? _listener;
    private int _isEnding;

    public override bool Write(ByteString payload)
    {
        if (Volatile.Read(ref _isEnding) != 0 || connection.StagedBytes > MaxStagedBytes) return false;
        connection.Stage(payload.Span);
        connection.Flush();
        return true;
    }

    [Obsolete("Akka's: the one that says why is to be used")]
    public override void Disassociate()
    {
        if (Interlocked.Exchange(ref _isEnding, 1) == 0) _ = HangUpSoonAsync();
    }

    /// <summary>Hangs up.</summary>
    public void HangUp(string because)
    {
        Volatile.Write(ref _isEnding, 1);
        connection.Close(because);
    }

    /// <summary>Hands over what comes until the connection ends.</summary>
    public async Task RunAsync()
    {
        await using (connection.ConfigureAwait(false))
        {
            try
            {
                _listener = await ReadHandlerSource.Task.WaitAsync(TakenWithin).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                return; // Akka has no use for it
            }

            try
            {
                await connection.ReadAsync(Take).ConfigureAwait(false);
            }
            catch (CorruptDataException corrupt)
            {
                refused(corrupt.Message);
            }
            catch (Exception lost) when (lost is IOException or OperationCanceledException or ObjectDisposedException)
            {
                // The other end is gone.
            }
            finally
            {
                Volatile.Write(ref _isEnding, 1);
                _listener.Notify(new Disassociated(DisassociateInfo.Unknown));
            }
        }
    }

    private async Task HangUpSoonAsync()
    {
        await Task.Delay(LastWords).ConfigureAwait(false);
        connection.Close("Akka is done with it");
    }

    private void Take(ReadOnlySpan<byte> frame)
    {
        if (Refusal.Find(frame) is { } why) throw new CorruptDataException($"it refuses this node: {why}");
        if (problemOf(OriginOf(frame) is { } origin ? (origin.Hostname, (int)origin.Port) : null) is { } problem)
            throw new CorruptDataException(problem);
        _listener!.Notify(new InboundPayload(ByteString.CopyFrom(frame)));
    }

    // Where the other end says that it is; null where it says nothing of that.
    private static AddressData? OriginOf(ReadOnlySpan<byte> frame)
    {
        try
        {
            return AkkaProtocolMessage.Parser.ParseFrom(frame).Instruction?.HandshakeInfo?.Origin;
        }
        catch (InvalidProtocolBufferException)
        {
            throw new CorruptDataException("it says what Akka does not");
        }
    }
}
