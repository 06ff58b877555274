using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Counters;

/// <summary>
/// One execution of a tagged increment.
/// That of a bounded counter is <see cref="IsInRow"/> where its amount stands in its origin's row as well.
/// One that a reset has cancelled is kept as a name, without an amount.
/// </summary>
internal readonly record struct CounterTag(Dot Dot, long Amount, long DeadlineUnixMs, bool IsInRow = false, bool IsCancelled = false)
{
    private const byte InRow = 1;
    private const byte Cancelled = 2;

    internal CounterTag Cancel() => new(Dot, 0, DeadlineUnixMs, IsInRow: false, IsCancelled: true);

    internal void Encode(ByteWriter writer)
    {
        writer.WriteDot(Dot);
        writer.WriteSigned(DeadlineUnixMs);
        writer.WriteByte((byte)((IsInRow ? InRow : 0) | (IsCancelled ? Cancelled : 0)));
        if (!IsCancelled) writer.WriteSigned(Amount);
    }

    internal static CounterTag Decode(ref ByteReader reader, bool mayBeInRow)
    {
        var (dot, deadline, flags) = (reader.ReadDot(), reader.ReadSigned(), reader.ReadByte());
        if (flags > Cancelled || (flags == InRow && !mayBeInRow))
            throw new CorruptDataException($"an execution of an operation is of unknown kind {flags}");
        var tag = new CounterTag(dot, flags == Cancelled ? 0 : reader.ReadSigned(), deadline, flags == InRow, flags == Cancelled);
        return tag is not { IsInRow: true, Amount: < 0 }
            ? tag
            : throw new CorruptDataException("a decrement stands in its row in any case");
    }
}
