using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Registers;

/// <summary>
/// The greatest (<see cref="CrdtType.MaxRegister"/>) or the least (<see cref="CrdtType.MinRegister"/>) of the assigned numbers that no
/// deletion has observed.
/// <para>
/// An assignment goes when a later one has observed it and is at least as extreme: a deletion of the later one has seen the earlier one
/// too. An assignment that is less extreme than one it observed is kept, because a concurrent deletion may have seen only the more
/// extreme one.
/// </para>
/// <para>
/// An assignment is a fragment of itself. It speaks of the numbers it is at least as extreme as. Deleting is the empty whole.
/// (A max-register as in Shapiro et al., 2011, made deletable as a dot store, Almeida et al., 2018.)
/// </para>
/// </summary>
public sealed class ExtremumRegister : Crdt
{
    private readonly record struct Assignment(Dot Dot, long Value) : IDotted;

    // In ascending order of dot.
    private Assignment[] _assignments = [];

    // The place of the most extreme one; of equal ones the least dot. 0 where there is none.
    private int _extremum;

    internal ExtremumRegister(CrdtType type) => Type = type;

    /// <inheritdoc/>
    public override CrdtType Type { get; }

    /// <inheritdoc/>
    public override bool IsVisible => _assignments.Length > 0;

    /// <inheritdoc/>
    public override bool IsBottom => _assignments.Length == 0;

    /// <inheritdoc/>
    public override long ApproximateBytes => 1 + (14L * _assignments.Length);

    /// <summary>The greatest or the least number.</summary>
    /// <returns>False where nothing is assigned.</returns>
    public bool TryGetValue(out long value)
    {
        value = IsVisible ? _assignments[_extremum].Value : 0;
        return IsVisible;
    }

    /// <inheritdoc/>
    public override void Join(VersionVector clock, Crdt other, VersionVector otherClock)
    {
        var theirs = CheckJoin<ExtremumRegister>(other);
        if (!theirs.IsFragment)
        {
            Set(DotStore.Join<Assignment>(_assignments, clock, theirs._assignments, otherClock));
            return;
        }

        var assigned = theirs._assignments[0];
        if (clock.Contains(assigned.Dot)) return;
        Keep(otherClock, assigned);
    }

    /// <inheritdoc/>
    public override Crdt Mutate(Operation operation, UpdateContext context)
    {
        if (operation is not ExtremumAssign assign || assign.Type != Type) throw Refusal(operation);
        return new ExtremumRegister(Type) { IsFragment = true, _assignments = [new Assignment(context.NextDot(), assign.Value)] };
    }

    /// <inheritdoc/>
    public override Crdt Clear(UpdateContext context) => new ExtremumRegister(Type);

    /// <inheritdoc/>
    public override Crdt? Restore(Crdt saved, UpdateContext context)
    {
        if (!CheckSaved<ExtremumRegister>(saved).TryGetValue(out var value)) return null;

        // The same one is assigned again: it may have been removed elsewhere, and that is not known here yet.
        var isPassed = TryGetValue(out var held) && held != value && IsAtLeast(held, value);
        return isPassed ? null : Mutate(new ExtremumAssign(Type, value), context);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Of the stable assignments only the most extreme one is needed. A later deletion has seen them all.
    /// A later assignment that takes the place of the most extreme one takes that of the others too.
    /// </remarks>
    public override void Collect(StableCut cut)
    {
        if (IsFragment || _assignments.Length < 2) return;
        var best = default(Assignment);
        foreach (var assignment in _assignments)
        {
            if (cut.Covers(assignment.Dot) && (best.Dot.Sequence == 0 || !IsAtLeast(best.Value, assignment.Value))) best = assignment;
        }

        if (best.Dot.Sequence > 0) Keep(cut.Clock, best);
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Describe()
    {
        foreach (var assignment in _assignments) yield return $"{assignment.Value}  {{{assignment.Dot}}}";
    }

    internal override void EncodeBody(ByteWriter writer)
    {
        if (!IsFragment) writer.WriteVarint((ulong)_assignments.Length);
        foreach (ref readonly var assignment in _assignments.AsSpan())
        {
            writer.WriteDot(assignment.Dot);
            writer.WriteSigned(assignment.Value);
        }
    }

    internal static ExtremumRegister DecodeBody(ref ByteReader reader, bool isFragment, CrdtType type)
    {
        var count = isFragment ? 1 : reader.ReadCount(minimumBytesEach: 10);
        var assignments = count == 0 ? [] : new Assignment[count];
        for (var i = 0; i < count; i++)
        {
            assignments[i] = new Assignment(reader.ReadDot(), reader.ReadSigned());
            if (i > 0 && assignments[i].Dot.CompareTo(assignments[i - 1].Dot) <= 0)
                throw new CorruptDataException("assignments are not in ascending order of dot");
        }

        var register = new ExtremumRegister(type) { IsFragment = isFragment };
        register.Set(assignments);
        return register;
    }

    private bool IsAtLeast(long value, long other) => Type == CrdtType.MaxRegister ? value >= other : value <= other;

    /// <summary>Holds one assignment, and drops those among the observed ones that it is at least as extreme as.</summary>
    private void Keep(VersionVector observed, in Assignment kept)
    {
        var assignments = new List<Assignment>(_assignments.Length + 1);
        var isPlaced = false;
        foreach (ref readonly var assignment in _assignments.AsSpan())
        {
            if (!isPlaced && kept.Dot.CompareTo(assignment.Dot) <= 0)
            {
                assignments.Add(kept);
                isPlaced = true;
            }

            var goes = observed.Contains(assignment.Dot) && IsAtLeast(kept.Value, assignment.Value);
            if (!goes && assignment.Dot != kept.Dot) assignments.Add(assignment);
        }

        if (!isPlaced) assignments.Add(kept);
        Set([.. assignments]);
    }

    private void Set(Assignment[] assignments)
    {
        _assignments = assignments;
        _extremum = 0;
        for (var i = 1; i < assignments.Length; i++)
        {
            if (!IsAtLeast(assignments[_extremum].Value, assignments[i].Value)) _extremum = i;
        }
    }
}
