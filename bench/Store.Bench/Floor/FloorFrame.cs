using System.Buffers.Binary;

namespace Gossipdb.Bench.Floor;

/// <summary>
/// A frame of the floor: the caller's slot, the number of its call, and as many bytes as an increment and its event have. Answers are of
/// the first two alone.
/// </summary>
internal static class FloorFrame
{
    public const int HeadBytes = 8;
    public const int RequestBytes = HeadBytes + 70;

    public static void Write(Span<byte> frame, int slot, int number)
    {
        BinaryPrimitives.WriteInt32LittleEndian(frame, slot);
        BinaryPrimitives.WriteInt32LittleEndian(frame[4..], number);
    }

    public static (int Slot, int Number) Read(ReadOnlySpan<byte> frame) =>
        (BinaryPrimitives.ReadInt32LittleEndian(frame), BinaryPrimitives.ReadInt32LittleEndian(frame[4..]));
}
