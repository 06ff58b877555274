using System.Buffers.Binary;
using Google.Protobuf;
using Gossipdb.Protocol;

namespace Gossipdb.Client.Connection;

/// <summary>
/// What is said on a connection to a node's data port: frames, each four bytes of length (little endian) and that many bytes. The first
/// is a hello; each later one is a batch. An empty batch is a ping, and is answered with another one.
/// </summary>
internal static class Frames
{
    /// <summary>What stands before each frame.</summary>
    public const int LengthBytes = 4;

    private const byte Version = 1;
    private const byte OfClient = 0;

    private const byte OfLogin = 6;

    /// <summary>
    /// The frame that a client begins with, and one that whoever is welcome hears an answer to at once: a ping, or a login.
    /// </summary>
    /// <param name="node">The node that is called.</param>
    /// <param name="authorization">What the client says of who it is; null for nothing.</param>
    public static byte[] Hello(uint node, string? authorization)
    {
        using var frame = new MemoryStream();
        frame.Write(stackalloc byte[LengthBytes]);
        frame.Write("gossipdb"u8);
        frame.WriteByte(Version);
        frame.WriteByte(OfClient);
        for (; node >= 0x80; node >>= 7)
            frame.WriteByte((byte)(node | 0x80));
        frame.WriteByte((byte)node);
        var length = (int)frame.Length - LengthBytes;
        var behind = (int)frame.Length;
        frame.Write(stackalloc byte[LengthBytes]);
        if (authorization is not null)
        {
            frame.Write("gossipdb"u8);
            frame.WriteByte(Version);
            frame.WriteByte(OfLogin);
            new LoginFrame { Authorization = authorization }.WriteTo(frame);
        }

        var bytes = frame.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(bytes, length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(behind), bytes.Length - behind - LengthBytes);
        return bytes;
    }

    /// <summary>Why the node hangs up; null where the frame says something else.</summary>
    public static string? Refusal(ReadOnlySpan<byte> frame) =>
        frame.Length > 8 && frame.StartsWith("gossipdb"u8) && frame[8] == 0 ? System.Text.Encoding.UTF8.GetString(frame[9..]) : null;

    /// <summary>Writes a batch as a frame.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="buffer">Where to; replaced where it is too small.</param>
    /// <returns>The bytes of the frame.</returns>
    public static int Encode(RequestBatch batch, ref byte[] buffer)
    {
        var length = batch.CalculateSize();
        var whole = LengthBytes + length;
        if (buffer.Length < whole)
            buffer = new byte[Math.Max(whole, 2 * buffer.Length)];
        BinaryPrimitives.WriteInt32LittleEndian(buffer, length);
        batch.WriteTo(buffer.AsSpan(LengthBytes, length));
        return whole;
    }
}
