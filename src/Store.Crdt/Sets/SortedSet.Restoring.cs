using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Counters;

namespace Gossipdb.Crdt.Sets;

/// <content>What is added of a saved set.</content>
public sealed partial class SortedSet
{
    /// <inheritdoc/>
    /// <remarks>Of a member's assignments the later one counts. Increments add up.</remarks>
    public override Crdt? Restore(Crdt saved, UpdateContext context)
    {
        var theirs = CheckSaved<SortedSet>(saved);
        var delta = new SortedSet(theirs._visible) { IsFragment = true };
        foreach (var name in theirs.SortedMembers())
        {
            var member = theirs._members[name];
            _members.TryGetValue(name, out var held);
            var increments = member.Increments is { IsVisible: true } counter
                ? (PNCounter?)(held.Increments ?? CrdtTypes.Empty(CrdtType.Counter)).Restore(counter, context)
                : null;
            // The same one is assigned again: it may have been removed elsewhere, and that is not known here yet.
            var isLater = member.TryGetLatest(out var latest)
                && (!held.TryGetLatest(out var mine) || latest with { Dot = mine.Dot } == mine
                    || latest.Timestamp.CompareTo(mine.Timestamp) > 0);
            if (!isLater && increments is null) continue;
            delta.Hold(name, isLater
                ? new SortedSetMember(latest with { Dot = context.NextDot() }, increments)
                : held.With(increments));
        }

        return delta._members.Count > 0 ? delta : null;
    }

    /// <inheritdoc/>
    public override IEnumerable<Crdt> Parts(long maxBytes)
    {
        var part = new SortedSet();
        foreach (var name in SortedMembers())
        {
            if (!_members[name].IsVisible) continue;
            part.Hold(name, _members[name]);
            if (part.ApproximateBytes < maxBytes) continue;
            yield return part;
            part = new SortedSet();
        }

        if (part._members.Count > 0) yield return part;
    }

    // One restoring is one event: what was executed of it in one member was executed in all.
    private bool TryGetRestoring(SortedSet saved, OperationId id, out Dot dot)
    {
        dot = default;
        foreach (var (name, member) in saved._members)
        {
            if (member.Increments is { IsVisible: true } counter
                && _members.TryGetValue(name, out var held)
                && held.Increments is { } increments
                && increments.TryGetExecution(new StateRestore(counter, 0), id, out dot))
            {
                return true;
            }
        }

        return false;
    }
}
