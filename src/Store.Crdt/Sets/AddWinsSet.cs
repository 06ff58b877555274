using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Members;

namespace Gossipdb.Crdt.Sets;

/// <summary>
/// A set of byte strings: element → the dots of the adds that survive.
/// A remove takes away the adds it observed, so of a concurrent add and remove the add wins.
/// A delta is a fragment. An add names the element with its new dot, a remove names it with none. Clearing is the empty whole.
/// As <see cref="CrdtType.GrowOnlySet"/> it refuses to remove elements. Deleting its key still clears it.
/// (Bieniusa et al., "An optimized conflict-free replicated set", 2012.)
/// </summary>
public sealed class AddWinsSet : CrdtSet
{
    private readonly MemberTable<AddWinsMember> _members;

    internal AddWinsSet(CrdtType type)
        : this(type, new MemberTable<AddWinsMember>())
    {
    }

    private AddWinsSet(CrdtType type, MemberTable<AddWinsMember> members)
    {
        Type = type;
        _members = members;
    }

    /// <summary>The adds of one element that survive.</summary>
    private readonly record struct AddWinsMember(DotSet Adds) : IMemberValue<AddWinsMember>
    {
        public bool IsEmpty => Adds.IsEmpty;

        public bool IsMember => !Adds.IsEmpty;

        public bool IsPending => false;

        public static AddWinsMember Join(in AddWinsMember mine, VersionVector clock, in AddWinsMember theirs, VersionVector otherClock) =>
            new(DotSet.Join(mine.Adds, clock, theirs.Adds, otherClock));

        public AddWinsMember Collect(StableCut cut) => this;

        public void Encode(ByteWriter writer) => Adds.Encode(writer);

        public static AddWinsMember Decode(ref ByteReader reader) => new(DotSet.Decode(ref reader));
    }

    /// <inheritdoc/>
    public override CrdtType Type { get; }

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
        var theirs = CheckJoin<AddWinsSet>(other);
        _members.Join(clock, theirs._members, theirs.IsFragment, otherClock);
    }

    /// <inheritdoc/>
    public override Crdt Mutate(Operation operation, UpdateContext context)
    {
        if (operation.Type != Type) throw Refusal(operation);
        return operation switch
        {
            SetAdd add => Add(add.Elements, context),
            SetRemove or SetClear when Type == CrdtType.GrowOnlySet =>
                throw new ArgumentException("elements of a grow-only set cannot be removed; its key can be deleted"),
            SetRemove remove => Remove(remove.Elements),
            SetClear => Clear(context),
            _ => throw Refusal(operation),
        };
    }

    /// <inheritdoc/>
    public override Crdt Clear(UpdateContext context) => new AddWinsSet(Type);

    /// <inheritdoc/>
    /// <remarks>What is here is added again: it may have been removed elsewhere, and that is not known here yet.</remarks>
    public override Crdt? Restore(Crdt saved, UpdateContext context) =>
        CheckSaved<AddWinsSet>(saved) is { Count: > 0 } set ? Add(set.Elements(), context) : null;

    /// <inheritdoc/>
    public override IEnumerable<Crdt> Parts(long maxBytes)
    {
        foreach (var members in _members.Parts(maxBytes)) yield return new AddWinsSet(Type, members);
    }

    /// <inheritdoc/>
    /// <remarks>Of a large set the parts that changed, each complete, where what is known of its changes reaches back that far.</remarks>
    public override Crdt DeltaSince(VersionVector since) =>
        !IsFragment && _members.Above(since) is { } changed ? new AddWinsSet(Type, changed) { IsFragment = true } : this;

    /// <inheritdoc/>
    public override IEnumerable<string> Describe()
    {
        foreach (var (element, member) in _members.Entries()) yield return $"{element.ToDisplayString()}  {member.Adds}";
    }

    internal override void EncodeBody(ByteWriter writer) => _members.Encode(writer, IsFragment);

    internal static AddWinsSet DecodeBody(ref ByteReader reader, bool isFragment, CrdtType type) =>
        new(type, MemberTable<AddWinsMember>.Decode(ref reader, isFragment)) { IsFragment = isFragment };

    private AddWinsSet Add(IReadOnlyList<Bytes> elements, UpdateContext context)
    {
        var delta = new AddWinsSet(Type) { IsFragment = true };
        for (var i = 0; i < elements.Count; i++)
        {
            // An element named twice is added once.
            if (i > 0 && delta._members.TryGet(elements[i].Span, out _)) continue;
            delta._members.TryAdd(elements[i].Span, new AddWinsMember(new DotSet(context.NextDot())));
        }

        return delta;
    }

    private AddWinsSet Remove(IReadOnlyList<Bytes> elements)
    {
        var delta = new AddWinsSet(Type) { IsFragment = true };
        for (var i = 0; i < elements.Count; i++)
        {
            if (_members.TryGet(elements[i].Span, out _)) delta._members.TryAdd(elements[i].Span, default);
        }

        return delta;
    }
}
