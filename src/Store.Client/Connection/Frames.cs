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

    /// <summary>The frame that a client begins with, and a ping: whoever is welcome hears of it at once.</summary>
    /// <param name="node">The node that is called.</param>
    public static byte[] Hello(uint node)
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
        frame.Write(stackalloc byte[LengthBytes]);
        var bytes = frame.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(bytes, length);
        return bytes;
    }

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
