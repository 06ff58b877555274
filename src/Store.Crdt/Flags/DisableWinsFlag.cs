using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Flags;

/// <summary>
/// A flag whose disabling wins. It is enabled while an enabling survives, and every disabling was observed by a later enabling.
/// Each change takes the place of everything it observed, and so does deleting the key. So every delta is whole.
/// (The remove-wins rule of Bieniusa et al., "An optimized conflict-free replicated set", 2012, for one element.)
/// </summary>
public sealed class DisableWinsFlag : Crdt
{
    private DotSet _enablings;
    private DotSet _disablings;

    internal DisableWinsFlag()
    {
    }

    /// <inheritdoc/>
    public override CrdtType Type => CrdtType.DisableWinsFlag;

    /// <summary>The value.</summary>
    public bool IsEnabled => !_enablings.IsEmpty && _disablings.IsEmpty;

    /// <inheritdoc/>
    public override bool IsVisible => IsEnabled;

    /// <inheritdoc/>
    public override bool IsBottom => _enablings.IsEmpty && _disablings.IsEmpty;

    /// <inheritdoc/>
    public override long ApproximateBytes => 2 + (10L * (_enablings.Count + _disablings.Count));

    /// <inheritdoc/>
    public override void Join(VersionVector clock, Crdt other, VersionVector otherClock)
    {
        var theirs = CheckJoin<DisableWinsFlag>(other);
        _enablings = DotSet.Join(_enablings, clock, theirs._enablings, otherClock);
        _disablings = DotSet.Join(_disablings, clock, theirs._disablings, otherClock);
    }

    /// <inheritdoc/>
    public override Crdt Mutate(Operation operation, UpdateContext context)
    {
        if (operation.Type != Type) throw Refusal(operation);
        return operation switch
        {
            FlagEnable => new DisableWinsFlag { _enablings = new DotSet(context.NextDot()) },
            FlagDisable => new DisableWinsFlag { _disablings = new DotSet(context.NextDot()) },
            _ => throw Refusal(operation),
        };
    }

    /// <inheritdoc/>
    public override Crdt Clear(UpdateContext context) => new DisableWinsFlag();

    /// <inheritdoc/>
    /// <remarks>What was disabled here stays so: the saved enabling has not seen it.</remarks>
    public override Crdt? Restore(Crdt saved, UpdateContext context) =>
        CheckSaved<DisableWinsFlag>(saved).IsEnabled && IsBottom ? Mutate(new FlagEnable(Type), context) : null;

    /// <inheritdoc/>
    /// <remarks>
    /// Every later change has seen the stable dots and takes their place. Until then some stable dots are of no use:
    /// an enabling beside a disabling, and a disabling where no enabling is left, for no enabling will come that has not seen it.
    /// </remarks>
    public override void Collect(StableCut cut)
    {
        if (!_disablings.IsEmpty) _enablings = _enablings.Above(cut.Clock);
        if (_enablings.IsEmpty) _disablings = _disablings.Above(cut.Clock);
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Describe()
    {
        yield return IsEnabled ? "enabled" : "disabled";
        if (!_enablings.IsEmpty) yield return $"enabled by {_enablings}";
        if (!_disablings.IsEmpty) yield return $"disabled by {_disablings}";
    }

    internal override void EncodeBody(ByteWriter writer)
    {
        _enablings.Encode(writer);
        _disablings.Encode(writer);
    }

    internal static DisableWinsFlag DecodeBody(ref ByteReader reader, bool isFragment)
    {
        if (isFragment) throw new CorruptDataException("a flag has no fragments");
        return new DisableWinsFlag { _enablings = DotSet.Decode(ref reader), _disablings = DotSet.Decode(ref reader) };
    }
}
