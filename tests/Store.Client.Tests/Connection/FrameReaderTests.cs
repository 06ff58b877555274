using System.Buffers.Binary;
using Gossipdb.Client.Connection;

namespace Gossipdb.Client.Tests.Connection;

/// <summary>Frames out of whatever pieces a stream brings them in.</summary>
public class FrameReaderTests
{
    private const int MaxFrameBytes = 3_000_000;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4_096)]
    [InlineData(65_536)]
    [InlineData(int.MaxValue)]
    public async Task Frames_come_whole_and_in_order(int piece)
    {
        // Around the sizes at which the buffer is filled, grown and given up again.
        int[] sizes = piece == 1
            ? [0, 1, 5, 0, 70_000]
            : [0, 1, 5, 65_528, 65_532, 65_533, 0, 200_000, 3, 1_048_576, 2_999_999, 17, 3_000_000, 0, 1];
        var frames = sizes.Select(static (size, i) =>
        {
            var frame = new byte[size];
            new Random(i).NextBytes(frame);
            return frame;
        }).ToList();
        var reader = new FrameReader(new Pieces([.. frames.SelectMany(Framed)], piece), MaxFrameBytes);

        var read = new List<byte[]>();
        while (await reader.ReadAsync())
        {
            while (reader.TryTake(out var frame))
                read.Add(frame.ToArray());
        }

        Assert.Equal(frames, read);
    }

    [Fact]
    public async Task A_frame_that_is_too_long_is_refused_before_it_is_read()
    {
        var reader = new FrameReader(new Pieces(Framed(new byte[MaxFrameBytes + 1]), 100), MaxFrameBytes);

        await reader.ReadAsync();

        var refused = Assert.Throws<InvalidDataException>(() => reader.TryTake(out _));
        Assert.Contains($"{MaxFrameBytes + 1} bytes", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_end_within_a_frame_is_told_from_one_between_frames()
    {
        var whole = new FrameReader(new Pieces(Framed(new byte[10]), 14), MaxFrameBytes);
        var part = new FrameReader(new Pieces(Framed(new byte[10])[..13], 13), MaxFrameBytes);

        Assert.True(await whole.ReadAsync());
        Assert.True(whole.TryTake(out _));
        Assert.False(await whole.ReadAsync());
        Assert.True(await part.ReadAsync());
        Assert.False(part.TryTake(out _));
        await Assert.ThrowsAsync<InvalidDataException>(() => part.ReadAsync().AsTask());
    }

    private static byte[] Framed(byte[] content)
    {
        var frame = new byte[4 + content.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, content.Length);
        content.CopyTo(frame, 4);
        return frame;
    }

    /// <summary>A stream that hands over so many bytes at a time.</summary>
    private sealed class Pieces(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancellationToken);
    }
}
