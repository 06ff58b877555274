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
    // In ascending order of dot. An only one is kept inline: there are many registers, and nearly all have one value.
    // The array is null then, and no value has sequence 0.
    private RegisterValue _single;
    private RegisterValue[]? _several;

    internal Register(CrdtType type) => Type = type;

    /// <inheritdoc/>
    public override CrdtType Type { get; }

    /// <inheritdoc/>
    public override bool IsVisible => !Siblings.IsEmpty;

    /// <inheritdoc/>
    public override bool IsBottom => Siblings.IsEmpty;

    /// <summary>The surviving assignments in ascending order of dot: what a multi-value register's reader gets.</summary>
    public ReadOnlySpan<RegisterValue> Siblings =>
        _several is not null ? _several : _single.Dot.Sequence == 0 ? [] : new ReadOnlySpan<RegisterValue>(ref _single);

    /// <summary>The surviving assignment with the greatest (timestamp, dot): what a last-writer-wins register's reader gets.</summary>
    /// <returns>False where nothing is assigned.</returns>
    public bool TryGetLatest(out RegisterValue latest)
    {
        latest = default;
        foreach (var value in Siblings)
        {
            // Later dots come later, so that equal timestamps go to the greater dot.
            if (latest.Dot.Sequence == 0 || value.Timestamp.CompareTo(latest.Timestamp) >= 0) latest = value;
        }

        return IsVisible;
    }

    /// <inheritdoc/>
    public override long ApproximateBytes
    {
        get
        {
            // What every register has is not counted: where sizes decide something, the values do.
            long bytes = 0;
            foreach (ref readonly var value in Siblings) bytes += value.Value.Length;
            return bytes;
        }
    }

    /// <inheritdoc/>
    public override void Join(VersionVector clock, Crdt other, VersionVector otherClock)
    {
        var theirs = CheckJoin<Register>(other);
        if (_several is not null || theirs._several is not null)
        {
            Set(DotStore.Join(Siblings, clock, theirs.Siblings, otherClock));
            return;
        }

        // One value at most on either side: the usual case.
        var isSame = _single.Dot == theirs._single.Dot;
        var keepsMine = isSame || (!IsBottom && !otherClock.Contains(_single.Dot));
        var keepsTheirs = !isSame && !theirs.IsBottom && !clock.Contains(theirs._single.Dot);
        if (keepsMine && keepsTheirs) Set(DotStore.Join(Siblings, clock, theirs.Siblings, otherClock));
        else if (!keepsMine) _single = keepsTheirs ? theirs._single : default;
    }

    /// <inheritdoc/>
    public override Crdt Mutate(Operation operation, UpdateContext context)
    {
        if (operation is not RegisterAssign assign || assign.Type != Type) throw Refusal(operation);
        if (Type == CrdtType.Expiry && assign.Value.Length != Expiry.ValueBytes)
            throw new ArgumentException("an expiry is not eight bytes");
        return new Register(Type) { _single = new RegisterValue(context.NextDot(), context.Timestamp, assign.Value) };
    }

    /// <inheritdoc/>
    public override Crdt Clear(UpdateContext context) => new Register(Type);

    /// <inheritdoc/>
    /// <remarks>
    /// A last-writer-wins register takes the later value. The same one is assigned again: it may have been removed elsewhere, and that is
    /// not known here yet. A multi-value register keeps all of both, those that are the same once.
    /// </remarks>
    public override Crdt? Restore(Crdt saved, UpdateContext context)
    {
        var theirs = CheckSaved<Register>(saved);
        if (Type == CrdtType.MultiRegister) return RestoreAll(theirs, context);
        if (!theirs.TryGetLatest(out var value)) return null;
        if (TryGetLatest(out var held) && held.Timestamp.CompareTo(value.Timestamp) is var order
            && (order > 0 || (order == 0 && held.Value != value.Value)))
        {
            return null;
        }

        return new Register(Type) { _single = value with { Dot = context.NextDot() } };
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Describe()
    {
        foreach (var value in Siblings.ToArray()) yield return $"{value.Value.ToDisplayString()}  {{{value.Dot}}} at {value.Timestamp}";
    }

    internal override void EncodeBody(ByteWriter writer)
    {
        writer.WriteVarint((ulong)Siblings.Length);
        foreach (ref readonly var value in Siblings)
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
        var register = new Register(type);
        if (count > 1) register._several = new RegisterValue[count];
        var last = default(Dot);
        for (var i = 0; i < count; i++)
        {
            var value = new RegisterValue(reader.ReadDot(), new HybridTimestamp(reader.ReadSigned()), reader.ReadBytes());
            if (i > 0 && value.Dot.CompareTo(last) <= 0)
                throw new CorruptDataException("register values are not in ascending order of dot");
            if (type == CrdtType.Expiry && value.Value.Length != Expiry.ValueBytes)
                throw new CorruptDataException("an expiry is not eight bytes");
            if (count > 1) register._several![i] = value;
            else register._single = value;
            last = value.Dot;
        }

        return register;
    }

    private Register? RestoreAll(Register theirs, UpdateContext context)
    {
        var values = new List<RegisterValue>();
        foreach (ref readonly var value in Siblings) values.Add(value);
        foreach (ref readonly var value in theirs.Siblings)
        {
            var isHeld = false;
            foreach (ref readonly var held in Siblings) isHeld |= held.Timestamp == value.Timestamp && held.Value == value.Value;
            if (!isHeld) values.Add(value with { Dot = context.NextDot() });
        }

        if (values.Count == Siblings.Length) return null;
        values.Sort(static (a, b) => a.Dot.CompareTo(b.Dot));
        var restored = new Register(Type);
        restored.Set([.. values]);
        return restored;
    }

    private void Set(RegisterValue[] values)
    {
        _single = values.Length == 1 ? values[0] : default;
        _several = values.Length > 1 ? values : null;
    }
}
