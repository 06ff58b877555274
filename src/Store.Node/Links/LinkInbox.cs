using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Node.Links;

/// <summary>
/// The receiving end of a link, for one session of the other end: what it heard, what of that was handed over and is not yet handled, and
/// the frame that is put together from pieces.
/// Received bytes are confirmed once they are <i>handled</i>, not when they arrive, so that behind the link there is no more
/// than the sender's window. What was handled is not
/// confirmed either while this node cannot keep up (<see cref="Echo"/>): its journal lags, say.
/// <para>Messages are counted by the one thread that takes an envelope apart, and everything else is done under the link's lock, also by
/// others meanwhile.</para>
/// <para>Pieces of a frame that is not whole yet count as handled: a frame may be larger than the window.</para>
/// </summary>
/// <param name="maxFrameBytes">The largest frame that is put together.</param>
/// <param name="tellAfter">How many handled bytes are worth a confirmation of their own.</param>
internal sealed class LinkInbox(long maxFrameBytes, long tellAfter)
{
    private ByteWriter? _partial;
    private ulong _partialKind;
    private long _handedOver;
    private long _released;
    private long _echo;
    private long _handled;
    private long _told;
    private long _arriving;

    /// <summary>The highest position heard.</summary>
    public long Heard { get; private set; }

    /// <summary>
    /// Bytes handed over and not yet handled, or handled and not yet released, and those of an envelope that is not taken apart yet.
    /// </summary>
    public long Owed => Volatile.Read(ref _handedOver) - _released + _arriving;

    /// <summary>Whether so much was handled since the last confirmation that it is worth one of its own.</summary>
    public bool IsConfirmationDue => Volatile.Read(ref _handled) - _told >= tellAfter;

    /// <summary>Notes an envelope. Nothing of it is confirmed before <see cref="Done"/>: somebody else may confirm meanwhile.</summary>
    /// <param name="position">The position at its end.</param>
    /// <param name="bytes">The bytes of its body.</param>
    public void Hear(long position, int bytes)
    {
        // A frame whose beginning was lost is of no use.
        if (position - bytes != Heard) _partial = null;
        Heard = Math.Max(Heard, position);
        _arriving = bytes;
    }

    /// <summary>All of the envelope has been handed on.</summary>
    public void Done() => _arriving = 0;

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

    /// <summary>Counts a message that goes to somebody who is done with it later (<see cref="Handled"/>).</summary>
    public void HandOver(int bytes) => Volatile.Write(ref _handedOver, _handedOver + bytes);

    /// <summary>A message that was handed over is done with.</summary>
    public void Handled(int bytes) => Volatile.Write(ref _handled, _handled + bytes);

    /// <summary>The position to confirm. It never goes back.</summary>
    /// <param name="mayRelease">Whether what was handled may be confirmed: false while this node cannot keep up.</param>
    public long Echo(bool mayRelease)
    {
        if (mayRelease)
        {
            _released = Volatile.Read(ref _handled);

            // What is confirmed of an envelope that is taken apart meanwhile is nothing yet.
            if (_arriving == 0) _told = _released;
        }

        return _echo = Math.Max(_echo, Heard - Owed);
    }
}
