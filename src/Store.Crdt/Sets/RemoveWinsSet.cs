using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Members;

namespace Gossipdb.Crdt.Sets;

/// <summary>
/// A set of byte strings where of a concurrent add and remove the remove wins.
/// An element is in the set where an add put it there that has seen every remove of the element.
/// Each element has two kinds of dots: those of such adds that nothing later has taken away, and those of the removes that no later
/// remove has seen.
/// A remove is remembered until it is stable: of an element not held, too, and through a re-adding or a deletion of the key.
/// An add that has not seen it, whenever it arrives, loses to it for good.
/// <para>
/// A remove takes the adds away where it meets them. An add that is held at a clock without the remove cannot have seen it.
/// So no dead add is kept beside its remove. In the usual remove-wins set of dots it is, and comes back to life when another add takes
/// the remove's place.
/// At a stable cut a stable remove simply goes: every add that had not seen it has arrived and is dead.
/// </para>
/// <para>Sources: Shapiro et al., "A comprehensive study of convergent and commutative replicated data types" (2011); the usual set of
/// dots is AntidoteDB's antidote_crdt_set_rw.</para>
/// </summary>
public sealed class RemoveWinsSet : CrdtSet
{
    private readonly MemberTable<RemoveWinsMember> _members;

    internal RemoveWinsSet()
        : this(new MemberTable<RemoveWinsMember>())
    {
    }

    private RemoveWinsSet(MemberTable<RemoveWinsMember> members) => _members = members;

    /// <summary>The adds and removes of one element that survive.</summary>
    private readonly record struct RemoveWinsMember(DotSet Adds, DotSet Removes) : IMemberValue<RemoveWinsMember>
    {
        public bool IsEmpty => Adds.IsEmpty && Removes.IsEmpty;

        public bool IsMember => !Adds.IsEmpty;

        public bool IsPending => !Removes.IsEmpty;

        public static RemoveWinsMember Join(
            in RemoveWinsMember mine, VersionVector clock, in RemoveWinsMember theirs, VersionVector otherClock)
        {
            // Nothing held at a clock has seen a change above it.
            var myAdds = DotStore.AnyAbove(theirs.Removes.Span, clock) ? default : mine.Adds;
            var theirAdds = DotStore.AnyAbove(mine.Removes.Span, otherClock) ? default : theirs.Adds;
            return new(DotSet.Join(myAdds, clock, theirAdds, otherClock), DotSet.Join(mine.Removes, clock, theirs.Removes, otherClock));
        }

        public RemoveWinsMember Collect(StableCut cut) => this with { Removes = Removes.Above(cut.Clock) };

        public void Encode(ByteWriter writer)
        {
            Adds.Encode(writer);
            Removes.Encode(writer);
        }

        public static RemoveWinsMember Decode(ref ByteReader reader)
        {
            var member = new RemoveWinsMember(DotSet.Decode(ref reader), DotSet.Decode(ref reader));
            return !member.IsEmpty ? member : throw new CorruptDataException("a remove-wins set names an element it holds nothing of");
        }
    }

    /// <inheritdoc/>
    public override CrdtType Type => CrdtType.RemoveWinsSet;

    /// <inheritdoc/>
    public override int Count => _members.Visible;

    /// <inheritdoc/>
    public override bool IsBottom => _members is { Count: 0, Ranges: null };

    /// <inheritdoc/>
    public override long ApproximateBytes => _members.ApproximateBytes;

    /// <inheritdoc/>
    public override bool Contains(Bytes element) => _members.TryGet(element.Span, out var member) && member.IsMember;

    /// <inheritdoc/>
    public override Bytes[] Elements() => _members.Members();

    /// <inheritdoc/>
    public override SetPage Page(Bytes? cursor, int limit)
    {
        var (members, next) = _members.Page(cursor, limit);
        return new SetPage(members, next);
    }

    /// <inheritdoc/>
    public override void Join(VersionVector clock, Crdt other, VersionVector otherClock)
    {
        var theirs = CheckJoin<RemoveWinsSet>(other);
        _members.Join(clock, theirs._members, theirs.IsFragment, otherClock);
    }

    /// <inheritdoc/>
    /// <remarks>Clearing removes every element of the set, one by one, so that concurrent adds of these lose too.</remarks>
    public override Crdt Mutate(Operation operation, UpdateContext context) => operation switch
    {
        SetAdd { Type: CrdtType.RemoveWinsSet } add => Add(add.Elements, context),
        SetRemove { Type: CrdtType.RemoveWinsSet } remove => Remove(remove.Elements, context),
        SetClear { Type: CrdtType.RemoveWinsSet } => Remove(Elements(), context),
        _ => throw Refusal(operation),
    };

    /// <inheritdoc/>
    /// <remarks>Deleting the key takes away the adds it observed; the removes stay until they are stable.</remarks>
    public override Crdt Clear(UpdateContext context)
    {
        var delta = new RemoveWinsSet();
        foreach (var (element, member) in _members.Pending()) delta._members.TryAdd(element.Span, member with { Adds = default });
        return delta;
    }

    /// <inheritdoc/>
    public override Crdt? Restore(Crdt saved, UpdateContext context) =>
        MissingOf(CheckSaved<RemoveWinsSet>(saved)) is { Count: > 0 } missing ? Add(missing, context) : null;

    private List<Bytes> MissingOf(RemoveWinsSet other)
    {
        var missing = new List<Bytes>();
        foreach (var element in other.Elements())
        {
            if (!Contains(element)) missing.Add(element);
        }

        return missing;
    }

    /// <inheritdoc/>
    public override IEnumerable<Crdt> Parts(long maxBytes)
    {
        foreach (var members in _members.Parts(maxBytes)) yield return new RemoveWinsSet(members);
    }

    /// <inheritdoc/>
    /// <remarks>Of a large set the parts that changed, each complete, where what is known of its changes reaches back that far.</remarks>
    public override Crdt DeltaSince(VersionVector since) =>
        !IsFragment && _members.Above(since) is { } changed ? new RemoveWinsSet(changed) { IsFragment = true } : this;

    /// <inheritdoc/>
    public override void Collect(StableCut cut)
    {
        if (!IsFragment) _members.Collect(cut);
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Describe()
    {
        foreach (var (element, member) in _members.Entries())
            yield return $"{element.ToDisplayString()}  {member.Adds}{(member.Removes.IsEmpty ? "" : $" removes {member.Removes}")}";
    }

    internal override void EncodeBody(ByteWriter writer) => _members.Encode(writer, IsFragment);

    internal static RemoveWinsSet DecodeBody(ref ByteReader reader, bool isFragment) =>
        new(MemberTable<RemoveWinsMember>.Decode(ref reader, isFragment)) { IsFragment = isFragment };

    private RemoveWinsSet Add(IReadOnlyList<Bytes> elements, UpdateContext context)
    {
        var delta = new RemoveWinsSet { IsFragment = true };
        for (var i = 0; i < elements.Count; i++)
        {
            // An element named twice is added once. The removes that are there stay, for the adds that have not seen them.
            if (i > 0 && delta._members.TryGet(elements[i].Span, out _)) continue;
            _members.TryGet(elements[i].Span, out var held);
            delta._members.TryAdd(elements[i].Span, held with { Adds = new DotSet(context.NextDot()) });
        }

        return delta;
    }

    private static RemoveWinsSet Remove(IReadOnlyList<Bytes> elements, UpdateContext context)
    {
        var delta = new RemoveWinsSet { IsFragment = true };
        for (var i = 0; i < elements.Count; i++)
        {
            if (i > 0 && delta._members.TryGet(elements[i].Span, out _)) continue;
            delta._members.TryAdd(elements[i].Span, new RemoveWinsMember(default, new DotSet(context.NextDot())));
        }

        return delta;
    }
}
