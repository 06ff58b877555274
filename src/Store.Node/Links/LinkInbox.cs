using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Node.Links;

/// <summary>
/// The receiving end of a link, for one session of the other end: what it heard, what of that was handed over and is not yet handled, and
/// the frame that is put together from pieces.
/// Received bytes are confirmed once they are <i>handled</i>, not when they arrive, so that the mailboxes behind the link hold no more
/// than the sender's window. What was handled is not
/// confirmed either while this node cannot keep up (<see cref="Echo"/>): its journal lags, say.
/// <para>Pieces of a frame that is not whole yet count as handled: a frame may be larger than the window.</para>
/// </summary>
/// <param name="maxFrameBytes">The largest frame that is put together.</param>
/// <param name="tellAfter">How many handled bytes are worth a confirmation of their own.</param>
/// <param name="tell">Called once so many were handled. Any thread.</param>
internal sealed class LinkInbox(long maxFrameBytes, long tellAfter, Action tell)
{
    private ByteWriter? _partial;
    private ulong _partialKind;
    private long _handedOver;
    private long _released;
    private long _echo;
    private long _handled;
    private long _told;
    private int _isToldAsked;

    /// <summary>The highest position heard.</summary>
    public long Heard { get; private set; }

    /// <summary>Bytes handed over and not yet handled, or handled and not yet released.</summary>
    public long Owed => _handedOver - _released;

    /// <summary>Notes an envelope.</summary>
    /// <param name="position">The position at its end.</param>
    /// <param name="bytes">The bytes of its body.</param>
    public void Hear(long position, int bytes)
    {
        // A frame whose beginning was lost is of no use.
        if (position - bytes != Heard) _partial = null;
        Heard = Math.Max(Heard, position);
    }

    /// <summary>Takes a piece of a frame.</summary>
    /// <param name="piece">The content of the piece.</param>
    /// <param name="kind">The kind of the frame.</param>
    /// <returns>The frame once it is whole; else null.</returns>
    /// <exception cref="CorruptDataException">It is no piece, or the frame would be too large.</exception>
    public ByteWriter? Take(ReadOnlySpan<byte> piece, out ulong kind)
    {
        var reader = new ByteReader(piece);
        var flags = (PieceFlags)reader.ReadByte();
        kind = reader.ReadVarint();
        var content = reader.Take(reader.Remaining);
        if ((flags & PieceFlags.First) != 0)
        {
            _partial = new ByteWriter(content.Length * 2);
            _partialKind = kind;
        }

        if (_partial is null || _partialKind != kind) return null;
        if (_partial.Length + content.Length > maxFrameBytes)
        {
            _partial = null;
            throw new CorruptDataException($"a frame in pieces has more than {maxFrameBytes} bytes");
        }

        _partial.WriteRaw(content);
        if ((flags & PieceFlags.Last) == 0) return null;
        var whole = _partial;
        _partial = null;
        return whole;
    }

    /// <summary>Counts a message that goes to somebody who will say when it is done (<see cref="Handled"/>).</summary>
    public void HandOver(int bytes) => _handedOver += bytes;

    /// <summary>A message that was handed over is done with. Any thread.</summary>
    public void Handled(int bytes)
    {
        var handled = Interlocked.Add(ref _handled, bytes);
        if (handled - Volatile.Read(ref _told) >= tellAfter && Interlocked.Exchange(ref _isToldAsked, 1) == 0) tell();
    }

    /// <summary>The position to confirm. It never goes back.</summary>
    /// <param name="mayRelease">Whether what was handled may be confirmed: false while this node cannot keep up.</param>
    public long Echo(bool mayRelease)
    {
        if (mayRelease)
        {
            _released = Volatile.Read(ref _handled);
            Volatile.Write(ref _told, _released);
            Volatile.Write(ref _isToldAsked, 0);
        }

        return _echo = Math.Max(_echo, Heard - Owed);
    }
}
