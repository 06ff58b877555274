using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Registers;

/// <summary>One surviving assignment of a register.</summary>
public readonly record struct RegisterValue(Dot Dot, HybridTimestamp Timestamp, Bytes Value) : IDotted;

/// <summary>
/// A register. An assignment replaces what it observed. Concurrent assignments survive side by side.
/// As <see cref="CrdtType.MultiRegister"/> a reader gets them all, in order of dot.
/// As <see cref="CrdtType.Register"/> a reader gets the one with the greatest (timestamp, dot).
/// As <see cref="CrdtType.Expiry"/> it is the life of a key, see <see cref="Expiry"/>.
/// <para>
/// The last-writer-wins register keeps the losers too. Dropping them would make the state depend on the order of delivery.
/// Let v1 and v2 be concurrent, v2 the later one, and let a delete have observed only v2.
/// Where v1 and v2 meet first, v1 is dropped and the delete leaves nothing. Where the delete meets v2 first, v1 survives.
/// </para>
/// <para>Sources: DeCandia et al., "Dynamo" (2007), section 4.4; Almeida et al. (2018), section 7.3.</para>
/// </summary>
public sealed class Register : Crdt
{
    private RegisterValue[] _values = [];

    internal Register(CrdtType type) => Type = type;

    /// <inheritdoc/>
    public override CrdtType Type { get; }

    /// <inheritdoc/>
    public override bool IsVisible => _values.Length > 0;

    /// <inheritdoc/>
    public override bool IsBottom => _values.Length == 0;

    /// <summary>The surviving assignments in ascending order of dot: what a multi-value register's reader gets.</summary>
    public ReadOnlySpan<RegisterValue> Siblings => _values;

    /// <summary>The surviving assignment with the greatest (timestamp, dot): what a last-writer-wins register's reader gets.</summary>
    /// <returns>False where nothing is assigned.</returns>
    public bool TryGetLatest(out RegisterValue latest)
    {
        latest = default;
        foreach (var value in _values)
        {
            // Later dots come later, so that equal timestamps go to the greater dot.
            if (latest.Dot.Sequence == 0 || value.Timestamp.CompareTo(latest.Timestamp) >= 0) latest = value;
        }

        return _values.Length > 0;
    }

    /// <inheritdoc/>
    public override long ApproximateBytes
    {
        get
        {
            // What every register has is not counted: where sizes decide something, the values do.
            long bytes = 0;
            foreach (ref readonly var value in _values.AsSpan()) bytes += value.Value.Length;
            return bytes;
        }
    }

    /// <inheritdoc/>
    public override void Join(VersionVector clock, Crdt other, VersionVector otherClock) =>
        _values = DotStore.Join<RegisterValue>(_values, clock, CheckJoin<Register>(other)._values, otherClock);

    /// <inheritdoc/>
    public override Crdt Mutate(Operation operation, UpdateContext context)
    {
        if (operation is not RegisterAssign assign || assign.Type != Type) throw Refusal(operation);
        if (Type == CrdtType.Expiry && assign.Value.Length != Expiry.ValueBytes)
            throw new ArgumentException("an expiry is not eight bytes");
        return new Register(Type) { _values = [new RegisterValue(context.NextDot(), context.Timestamp, assign.Value)] };
    }

    /// <inheritdoc/>
    public override Crdt Clear(UpdateContext context) => new Register(Type);

    /// <inheritdoc/>
    public override IEnumerable<string> Describe()
    {
        foreach (var value in _values) yield return $"{value.Value.ToDisplayString()}  {{{value.Dot}}} at {value.Timestamp}";
    }

    internal override void EncodeBody(ByteWriter writer)
    {
        writer.WriteVarint((ulong)_values.Length);
        foreach (ref readonly var value in _values.AsSpan())
        {
            writer.WriteDot(value.Dot);
            writer.WriteSigned(value.Timestamp.Value);
            writer.WriteBytes(value.Value.Span);
        }
    }

    internal static Register DecodeBody(ref ByteReader reader, bool isFragment, CrdtType type)
    {
        if (isFragment) throw new CorruptDataException("a register has no fragments");
        var count = reader.ReadCount(minimumBytesEach: 11);
        var values = count == 0 ? [] : new RegisterValue[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = new RegisterValue(reader.ReadDot(), new HybridTimestamp(reader.ReadSigned()), reader.ReadBytes());
            if (i > 0 && values[i].Dot.CompareTo(values[i - 1].Dot) <= 0)
                throw new CorruptDataException("register values are not in ascending order of dot");
            if (type == CrdtType.Expiry && values[i].Value.Length != Expiry.ValueBytes)
                throw new CorruptDataException("an expiry is not eight bytes");
        }

        return new Register(type) { _values = values };
    }
}
