using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Counters;

/// <summary>
/// One execution of a tagged increment.
/// That of a bounded counter is <see cref="IsInRow"/> where its amount stands in its origin's row as well.
/// One that a reset has cancelled is kept as a name, without an amount.
/// </summary>
internal readonly record struct CounterTag
{
    private const int FlagBits = 2;
    private const byte InRow = 1;
    private const byte Cancelled = 2;

    // The flags are its lowest bits: there are many tags.
    private readonly long _deadlineAndFlags;

    private CounterTag(Dot dot, long amount, long deadlineUnixMs, byte flags)
    {
        (Dot, Amount) = (dot, amount);

        // No clock comes to what is cut off here.
        _deadlineAndFlags = (Math.Clamp(deadlineUnixMs, long.MinValue >> FlagBits, long.MaxValue >> FlagBits) << FlagBits) | flags;
    }

    internal CounterTag(Dot dot, long amount, long deadlineUnixMs, bool isInRow = false)
        : this(dot, amount, deadlineUnixMs, isInRow ? InRow : (byte)0)
    {
    }

    internal Dot Dot { get; }

    internal long Amount { get; }

    internal long DeadlineUnixMs => _deadlineAndFlags >> FlagBits;

    internal bool IsInRow => (_deadlineAndFlags & InRow) != 0;

    internal bool IsCancelled => (_deadlineAndFlags & Cancelled) != 0;

    internal CounterTag Cancel() => new(Dot, 0, DeadlineUnixMs, Cancelled);

    internal void Encode(ByteWriter writer)
    {
        writer.WriteDot(Dot);
        writer.WriteSigned(DeadlineUnixMs);
        writer.WriteByte((byte)(_deadlineAndFlags & (InRow | Cancelled)));
        if (!IsCancelled) writer.WriteSigned(Amount);
    }

    internal static CounterTag Decode(ref ByteReader reader, bool mayBeInRow)
    {
        var (dot, deadline, flags) = (reader.ReadDot(), reader.ReadSigned(), reader.ReadByte());
        if (flags > Cancelled || (flags == InRow && !mayBeInRow))
            throw new CorruptDataException($"an execution of an operation is of unknown kind {flags}");
        var tag = new CounterTag(dot, flags == Cancelled ? 0 : reader.ReadSigned(), deadline, flags);
        return tag is not { IsInRow: true, Amount: < 0 }
            ? tag
            : throw new CorruptDataException("a decrement stands in its row in any case");
    }
}
