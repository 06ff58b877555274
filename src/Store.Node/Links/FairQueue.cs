using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Node.Links;

/// <summary>
/// What waits for one link. Fair by bytes: frames up to a piece's size take turns by flow (deficit round robin, Shreedhar and Varghese
/// 1995); larger ones are cut, one at a time, and their pieces
/// alternate with the small frames, so that a value of a megabyte delays nobody by more than a piece. Within a flow order is kept. Urgent
/// frames (acks, small reads), which may overtake anything, go first.
/// Bounded in bytes. Not for several threads.
/// </summary>
/// <param name="pieceBytes">What one piece carries at most.</param>
/// <param name="maxBytes">What may wait at most.</param>
internal sealed class FairQueue(int pieceBytes, long maxBytes)
{
    // What a flow may send before it is the next one's turn.
    private const int Quantum = 16 * 1024;

    // What a frame costs in an envelope beside its bytes: kind, length, and a piece's own head.
    private const int HeadBytes = 32;

    // A buffer for the largest messages is not kept for ever.
    private const int MaxKeptBytes = 4 << 20;

    private sealed class Flow
    {
        public readonly Queue<LinkFrame> Frames = new();
        public long Deficit;
    }

    private readonly Dictionary<ulong, Flow> _flows = [];
    private readonly Queue<LinkFrame> _urgent = new();
    private readonly Queue<Flow> _small = new();
    private readonly Queue<Flow> _large = new();
    private readonly ByteWriter _scratch = new(4 * 1024);

    // The frame at the head of the first large flow, while it is cut: how much of it has gone, -1 where none is.
    private ByteWriter _cut = new(pieceBytes);
    private int _cutAt = -1;

    // Bytes of small frames sent less those of pieces, while both wait.
    private long _balance;

    /// <summary>Bytes that wait.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether nothing waits.</summary>
    public bool IsEmpty => _urgent.Count == 0 && _small.Count == 0 && _large.Count == 0;

    /// <summary>Whether something urgent waits.</summary>
    public bool HasUrgent => _urgent.Count > 0;

    /// <summary>Takes a frame.</summary>
    /// <returns>False where it has no room. One frame always has, where nothing else waits.</returns>
    public bool TryAdd(in LinkFrame frame, bool isUrgent)
    {
        if (Bytes > 0 && Bytes + frame.Bytes > maxBytes) return false;
        Bytes += frame.Bytes;
        if (isUrgent)
        {
            _urgent.Enqueue(frame);
            return true;
        }

        var key = KeyOf(frame);
        if (!_flows.TryGetValue(key, out var flow)) _flows[key] = flow = new Flow();
        flow.Frames.Enqueue(frame);
        if (flow.Frames.Count == 1) Line(flow);
        return true;
    }

    /// <summary>Appends the next frame, or a piece of it, to a body.</summary>
    /// <param name="body">Where to.</param>
    /// <param name="room">The bytes the body still takes; an empty one takes every frame and piece.</param>
    /// <param name="urgentOnly">Whether only what is urgent may go.</param>
    /// <returns>False where nothing waits, or the next has no room.</returns>
    public bool TryWrite(ByteWriter body, int room, bool urgentOnly = false)
    {
        if (_urgent.TryPeek(out var urgent))
        {
            if (!Fits(urgent.Bytes, body, room)) return false;
            _urgent.Dequeue();
            Bytes -= urgent.Bytes;
            Write(body, urgent);
            return true;
        }

        if (urgentOnly) return false;
        if (_small.Count == 0 || _large.Count == 0) _balance = 0;
        if (_small.Count > 0 && _balance <= 0) return TryWriteSmall(body, room);
        return _large.Count > 0 && TryWritePiece(body, room);
    }

    /// <summary>Drops all that waits.</summary>
    /// <param name="dropped">Takes what is to be called for it.</param>
    /// <returns>How many frames that were.</returns>
    public int Clear(List<Action> dropped)
    {
        var frames = _urgent.Count;
        foreach (var frame in _urgent)
            if (frame.Dropped is { } told) dropped.Add(told);
        foreach (var flow in _flows.Values)
        {
            frames += flow.Frames.Count;
            foreach (var frame in flow.Frames)
                if (frame.Dropped is { } told) dropped.Add(told);
        }

        _urgent.Clear();
        _flows.Clear();
        _small.Clear();
        _large.Clear();
        _cutAt = -1;
        Bytes = 0;
        return frames;
    }

    // Forwarded requests and answers need no order: a large one is in nobody's way.
    private ulong KeyOf(in LinkFrame frame) =>
        frame.Kind < LinkFrames.FirstPartition && frame.Bytes > pieceBytes ? ~frame.Kind : frame.Kind;

    private static bool Fits(int bytes, ByteWriter body, int room) => body.Length == 0 || bytes + HeadBytes <= room;

    private void Line(Flow flow) => (flow.Frames.Peek().Bytes > pieceBytes ? _large : _small).Enqueue(flow);

    private bool TryWriteSmall(ByteWriter body, int room)
    {
        while (true)
        {
            var flow = _small.Peek();
            var frame = flow.Frames.Peek();
            if (flow.Deficit < frame.Bytes)
            {
                flow.Deficit += Quantum;
                _small.Enqueue(_small.Dequeue());
                continue;
            }

            if (!Fits(frame.Bytes, body, room)) return false;
            flow.Deficit -= frame.Bytes;
            _balance += frame.Bytes;
            Bytes -= frame.Bytes;
            Write(body, frame);
            flow.Frames.Dequeue();
            if (flow.Frames.Count > 0 && flow.Frames.Peek().Bytes <= pieceBytes) return true;
            _small.Dequeue();
            flow.Deficit = 0;
            Next(frame, flow);
            return true;
        }
    }

    private bool TryWritePiece(ByteWriter body, int room)
    {
        var flow = _large.Peek();
        var frame = flow.Frames.Peek();
        if (_cutAt < 0)
        {
            _cut.Clear();
            if (frame.Content is { } content) _cut.WriteRaw(content);
            else frame.Message!.Encode(_cut);
            _cutAt = 0;
        }

        var bytes = Math.Min(pieceBytes, _cut.Length - _cutAt);
        if (!Fits(bytes, body, room)) return false;
        var isLast = _cutAt + bytes == _cut.Length;
        LinkFrames.WritePiece(
            body, frame.Kind, (_cutAt == 0 ? PieceFlags.First : 0) | (isLast ? PieceFlags.Last : 0), _cut.Written.Slice(_cutAt, bytes));
        _cutAt += bytes;
        _balance -= bytes;
        if (!isLast) return true;
        if (_cut.Length > MaxKeptBytes) _cut = new ByteWriter(pieceBytes);
        _cutAt = -1;
        Bytes -= frame.Bytes;
        flow.Frames.Dequeue();
        _large.Dequeue();
        Next(frame, flow);
        return true;
    }

    private void Next(in LinkFrame sent, Flow flow)
    {
        if (flow.Frames.Count > 0) Line(flow);
        else _flows.Remove(KeyOf(sent));
    }

    private void Write(ByteWriter body, in LinkFrame frame)
    {
        if (frame.Content is { } content)
        {
            LinkFrames.Write(body, frame.Kind, content);
            return;
        }

        _scratch.Clear();
        frame.Message!.Encode(_scratch);
        LinkFrames.Write(body, frame.Kind, _scratch.Written);
    }
}
