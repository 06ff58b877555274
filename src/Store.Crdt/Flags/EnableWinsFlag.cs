using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Flags;

/// <summary>
/// A flag. It is enabled while an enabling survives that no disabling has observed. So of two concurrent changes the enabling wins.
/// A disabled flag is bottom. (Shapiro et al., "A comprehensive study of convergent and commutative replicated data types", 2011;
/// as a dot store in Almeida et al., 2018.)
/// </summary>
public sealed class EnableWinsFlag : Crdt
{
    private DotSet _dots;

    internal EnableWinsFlag()
    {
    }

    /// <inheritdoc/>
    public override CrdtType Type => CrdtType.Flag;

    /// <summary>The value.</summary>
    public bool IsEnabled => !_dots.IsEmpty;

    /// <inheritdoc/>
    public override bool IsVisible => IsEnabled;

    /// <inheritdoc/>
    public override bool IsBottom => !IsEnabled;

    /// <inheritdoc/>
    public override void Join(VersionVector clock, Crdt other, VersionVector otherClock) =>
        _dots = DotSet.Join(_dots, clock, CheckJoin<EnableWinsFlag>(other)._dots, otherClock);

    /// <inheritdoc/>
    public override Crdt Mutate(Operation operation, UpdateContext context) => operation switch
    {
        FlagEnable => new EnableWinsFlag { _dots = new DotSet(context.NextDot()) },
        FlagDisable => Clear(context),
        _ => throw Refusal(operation),
    };

    /// <inheritdoc/>
    public override Crdt Clear(UpdateContext context) => new EnableWinsFlag();

    /// <inheritdoc/>
    /// <remarks>What is enabled here is enabled again: it may have been disabled elsewhere, and that is not known here yet.</remarks>
    public override Crdt? Restore(Crdt saved, UpdateContext context) =>
        CheckSaved<EnableWinsFlag>(saved).IsEnabled ? Mutate(new FlagEnable(), context) : null;

    /// <inheritdoc/>
    public override IEnumerable<string> Describe() => [IsEnabled ? $"enabled  {_dots}" : "disabled"];

    internal override void EncodeBody(ByteWriter writer) => _dots.Encode(writer);

    internal static EnableWinsFlag DecodeBody(ref ByteReader reader, bool isFragment)
    {
        if (isFragment) throw new CorruptDataException("a flag has no fragments");
        return new EnableWinsFlag { _dots = DotSet.Decode(ref reader) };
    }
}
