using System.Buffers;
using System.Buffers.Binary;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Faults;
using Gossipdb.Node.Lanes;
using Gossipdb.Node.Security;

namespace Gossipdb.Node.Transport;

/// <summary>
/// A connection that carries frames: four bytes of length (little endian), and that many bytes. Frames are staged, and leave together with
/// <see cref="Flush"/>. While the transport is busy with what it has, further ones stay staged: whoever stages bounds how much that is.
/// <para>Frames that come are handed over one by one on the thread that read them, all that one read brought within one
/// <see cref="Turn"/>.</para>
/// </summary>
/// <param name="transport">What carries them.</param>
/// <param name="maxFrameBytes">The largest frame that is taken in.</param>
internal sealed class FrameConnection(FrameTransport transport, int maxFrameBytes) : IAsyncDisposable
{
    /// <summary>What stands before each frame.</summary>
    public const int LengthBytes = 4;

    // A buffer for the largest frames is not kept for ever, and of clients, which are many, none for large ones.
    private const int MaxKeptBytes = 1 << 20;
    private const int MaxKeptOfClient = 64 * 1024;
    private readonly Lock _gate = new();
    private FrameTransport _transport = transport;
    private FaultyLink? _link;

    // They grow with what is said: a connection that says nothing has next to nothing.
    private ByteWriter _staged = new();
    private ByteWriter _handedOver = new();
    private int _stagedBytes;
    private long _partialSinceMs;
    private bool _isFlushing;
    private bool _isClosed;

    /// <summary>Who is at the other end, for people.</summary>
    public string Peer => _transport.Peer;

    /// <summary>Who is at the other end, as its certificate says; null where it has shown none.</summary>
    public PeerIdentity? Identity => _transport.Identity;

    /// <summary>
    /// What it carries goes over a link that may be told faults, from here on. To be said once, while nothing is being sent or read.
    /// </summary>
    /// <param name="link">The link; null where it can be told none.</param>
    public void Over(FaultyLink? link)
    {
        if (link is null) return;
        (_link, _transport) = (link, new DisturbedTransport(_transport, link));
    }

    /// <summary>Told, on some thread, each time the transport has taken all that was staged.</summary>
    public Action? Drained { get; set; }

    /// <summary>Told, on the thread that reads, that a part of a frame has come whose rest has not.</summary>
    public Action? Arriving { get; set; }

    /// <summary>Told once, on some thread, when the connection is closed here, or a flush finds it lost.</summary>
    public Action? Closed { get; set; }

    /// <summary>Bytes that the transport has not taken yet.</summary>
    public int StagedBytes => Volatile.Read(ref _stagedBytes);

    /// <summary>Takes the frames of one read, one after the other. The bytes are borrowed.</summary>
    public delegate void FrameTaker(ReadOnlySpan<byte> frame);

    /// <summary>Writes a frame's content.</summary>
    public delegate void SpanWriter<T>(T content, Span<byte> frame);

    /// <summary>Stages a frame of two parts.</summary>
    public void Stage(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body)
    {
        lock (_gate)
        {
            if (_isClosed) return;
            Span<byte> length = stackalloc byte[LengthBytes];
            BinaryPrimitives.WriteInt32LittleEndian(length, head.Length + body.Length);
            _staged.WriteRaw(length);
            _staged.WriteRaw(head);
            _staged.WriteRaw(body);
            Volatile.Write(ref _stagedBytes, _staged.Length);
        }
    }

    /// <summary>Stages a frame.</summary>
    public void Stage(ReadOnlySpan<byte> frame) => Stage(frame, default);

    /// <summary>Stages a frame that is written where it is to lie.</summary>
    /// <typeparam name="T">What writes it.</typeparam>
    /// <param name="content">The frame's content.</param>
    /// <param name="bytes">How many bytes it has.</param>
    /// <param name="write">Writes all of them.</param>
    public void Stage<T>(T content, int bytes, SpanWriter<T> write)
    {
        lock (_gate)
        {
            if (_isClosed) return;
            Span<byte> length = stackalloc byte[LengthBytes];
            BinaryPrimitives.WriteInt32LittleEndian(length, bytes);
            _staged.WriteRaw(length);
            write(content, _staged.Take(bytes));
            Volatile.Write(ref _stagedBytes, _staged.Length);
        }
    }

    /// <summary>Lets the transport take what is staged. Never blocks: where it is busy, that follows by itself.</summary>
    public void Flush()
    {
        while (TryHandOver(out var sending))
        {
            if (!sending.IsCompletedSuccessfully)
            {
                _ = FinishAsync(sending);
                return;
            }

            sending.GetAwaiter().GetResult();
            Finish(isGone: false);
        }
    }

    /// <summary>What bounds the frames that are read; null where nothing does, because the other end is trusted.</summary>
    public Receiving? Receiving { get; set; }

    /// <summary>Whether it was closed at this end.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_gate) return _isClosed;
        }
    }

    /// <summary>Since when a frame is being received that is not whole, by the machine's ticks; 0 where none is.</summary>
    public long PartialSinceMs => Volatile.Read(ref _partialSinceMs);

    /// <summary>Reads until the other end closes, the connection is lost, or it is closed here.</summary>
    /// <param name="take">Takes the frames.</param>
    /// <param name="readyForMore">Waits until more may be read; null where that is always so.</param>
    /// <exception cref="IOException">The connection is lost.</exception>
    /// <exception cref="CorruptDataException">A frame is longer than allowed.</exception>
    public async Task ReadAsync(FrameTaker take, Func<ValueTask>? readyForMore = null)
    {
        var input = _transport.Input;
        var room = 0;
        Receiving?.Enter(this);
        try
        {
            while (true)
            {
                var read = await input.ReadAsync().ConfigureAwait(false);
                var rest = read.Buffer;
                bool hasTaken;
                using (Turn.Begin()) hasTaken = TakeFrames(ref rest, take, read.IsCompleted || read.IsCanceled);
                var begun = rest.IsEmpty ? -1 : LengthOf(rest);
                input.AdvanceTo(rest.Start, rest.End);
                if (read.IsCompleted || read.IsCanceled) return;
                if (begun >= 0 && _link is not { DropsInward: true }) Arriving?.Invoke();

                // Who waits for its answers to be read is not slow to send. Who waits for room may be, with all others.
                var isNew = hasTaken || _partialSinceMs == 0;
                if (hasTaken) Volatile.Write(ref _partialSinceMs, 0);
                if (readyForMore is not null)
                {
                    var since = Interlocked.Exchange(ref _partialSinceMs, 0);
                    var waiting = readyForMore().AsTask();
                    if (waiting.IsCompleted) Volatile.Write(ref _partialSinceMs, since);
                    else isNew = true;
                    await waiting.ConfigureAwait(false);
                }

                if (Receiving is not { } receiving) continue;
                if (hasTaken && room > 0)
                {
                    receiving.Give(room);
                    room = 0;
                }

                if (begun >= 0 && isNew) Volatile.Write(ref _partialSinceMs, Environment.TickCount64);
                if (room == 0 && begun > Receiving.SmallBytes)
                {
                    await receiving.TakeAsync(begun, this).ConfigureAwait(false);
                    room = begun;
                }
            }
        }
        finally
        {
            Receiving?.Give(room);
            Receiving?.Leave(this);
        }
    }

    /// <summary>Reads one frame: the first one. What follows stays for <see cref="ReadAsync"/>.</summary>
    /// <returns>The frame; null where the connection ends before.</returns>
    /// <exception cref="CorruptDataException">It is longer than <paramref name="maxBytes"/>.</exception>
    public async ValueTask<byte[]?> ReadFirstAsync(int maxBytes, CancellationToken cancelled)
    {
        var input = _transport.Input;
        while (true)
        {
            var read = await input.ReadAsync(cancelled).ConfigureAwait(false);
            var rest = read.Buffer;
            if (BeginsTls(rest)) throw new CorruptDataException("it speaks TLS, and this port does not (gossipdb.tls)");
            if (TryTake(ref rest, maxBytes, out var frame))
            {
                if (_link is { DropsInward: true })
                {
                    input.AdvanceTo(rest.Start);
                    continue;
                }

                var first = frame.ToArray();
                input.AdvanceTo(rest.Start);
                return first;
            }

            input.AdvanceTo(rest.Start, rest.End);
            if (read.IsCompleted) return null;
        }
    }

    /// <summary>Closes the connection; reading ends.</summary>
    public void Close(string because)
    {
        lock (_gate)
        {
            if (_isClosed) return;
            _isClosed = true;
            _staged = new ByteWriter();
            Volatile.Write(ref _stagedBytes, 0);
        }

        _transport.Abort(because);
        Closed?.Invoke();
    }

    public async ValueTask DisposeAsync()
    {
        Close("it is done with");
        await _transport.DisposeAsync().ConfigureAwait(false);
    }

    private bool TakeFrames(ref ReadOnlySequence<byte> rest, FrameTaker take, bool isLast)
    {
        var hasTaken = false;
        while (TryTake(ref rest, maxFrameBytes, out var frame))
        {
            hasTaken = true;
            if (_link is { DropsInward: true }) continue;
            if (frame.IsSingleSegment)
            {
                take(frame.FirstSpan);
                continue;
            }

            // Lent: of thousands of connections few receive a large frame at once.
            var length = (int)frame.Length;
            var whole = ArrayPool<byte>.Shared.Rent(length);
            try
            {
                frame.CopyTo(whole);
                take(whole.AsSpan(0, length));
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(whole);
            }
        }

        if (isLast && rest.Length > 0) throw new CorruptDataException($"{Peer} closed the connection within a frame");
        return hasTaken;
    }

    // What stands before a frame that has begun; 0 where not even that has come.
    private static int LengthOf(in ReadOnlySequence<byte> rest)
    {
        Span<byte> length = stackalloc byte[LengthBytes];
        if (rest.Length < LengthBytes) return 0;
        rest.Slice(0, LengthBytes).CopyTo(length);
        return BinaryPrimitives.ReadInt32LittleEndian(length);
    }

    // Type and version of a record with a handshake; as a length that is more than any first frame has.
    private static bool BeginsTls(in ReadOnlySequence<byte> bytes) =>
        bytes.Length >= LengthBytes && new SequenceReader<byte>(bytes).IsNext([0x16, 0x03]);

    private static bool TryTake(ref ReadOnlySequence<byte> rest, int maxBytes, out ReadOnlySequence<byte> frame)
    {
        frame = default;
        if (rest.Length < LengthBytes) return false;
        Span<byte> length = stackalloc byte[LengthBytes];
        rest.Slice(0, LengthBytes).CopyTo(length);
        var bytes = BinaryPrimitives.ReadUInt32LittleEndian(length);
        if (bytes > (uint)maxBytes) throw new CorruptDataException($"a frame of {bytes} bytes; the limit is {maxBytes}");
        if (rest.Length < LengthBytes + bytes) return false;
        frame = rest.Slice(LengthBytes, bytes);
        rest = rest.Slice(frame.End);
        return true;
    }

    // The transport is given nothing while it is busy: who finds it free hands over, and outside of the lock, because sockets schedule
    // inline: whatever becomes of the connection may happen within the call.
    private bool TryHandOver(out ValueTask sending)
    {
        sending = default;
        lock (_gate)
        {
            if (_isFlushing || _isClosed || _staged.Length == 0) return false;
            _isFlushing = true;
            (_staged, _handedOver) = (_handedOver, _staged);
            Volatile.Write(ref _stagedBytes, 0);
        }

        try
        {
            sending = _transport.SendAsync(_handedOver.WrittenMemory);
        }
        catch (Exception closed) when (closed is InvalidOperationException or IOException)
        {
            // In between.
            sending = ValueTask.FromException(closed);
        }

        return true;
    }

    private void ClearHandedOver()
    {
        if (_handedOver.Length > (Receiving is null ? MaxKeptBytes : MaxKeptOfClient)) _handedOver = new ByteWriter();
        else _handedOver.Clear();
    }

    private async Task FinishAsync(ValueTask sending)
    {
        var isGone = false;
        try
        {
            await sending.ConfigureAwait(false);
        }
        catch (Exception lost) when (lost is IOException or OperationCanceledException or InvalidOperationException)
        {
            isGone = true;
        }

        Finish(isGone);
        Flush();
    }

    private void Finish(bool isGone)
    {
        if (isGone) Close("the other end is gone");
        ClearHandedOver();
        bool isDrained;
        lock (_gate)
        {
            _isFlushing = false;
            isDrained = _staged.Length == 0;
        }

        if (isDrained) Drained?.Invoke();
    }
}
