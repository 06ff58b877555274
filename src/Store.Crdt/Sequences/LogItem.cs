using Gossipdb.Crdt.Causality;

namespace Gossipdb.Crdt.Sequences;

/// <summary>What one event, or several events in a row, did to a sequence.</summary>
internal enum LogKind : byte
{
    /// <summary>Each event inserted <see cref="LogItem.Length"/> elements.</summary>
    Insert = 0,

    /// <summary>
    /// One event deleted <see cref="LogItem.Length"/> elements. Or each of several events deleted the element after the last one's.
    /// </summary>
    Delete = 1,

    /// <summary>Each of several events deleted the element before the last one's, as the backspace key does.</summary>
    DeleteBackward = 2,

    /// <summary>One event deleted everything at or below <see cref="LogItem.Cleared"/>.</summary>
    Clear = 3,
}

/// <summary>
/// Events of one replica, one after the other in its sequence of dots, that did the same thing at neighbouring elements.
/// What a person types, or takes away with one key held down, is one item.
/// </summary>
/// <param name="First">The dot of the first event.</param>
/// <param name="Steps">How many events.</param>
/// <param name="Kind">What each did.</param>
/// <param name="Target">The first event's first element.</param>
/// <param name="Length">How many elements each event concerns. It is 1 where there are several deletions.</param>
/// <param name="Cleared">Replica → the highest counter cleared.</param>
internal readonly record struct LogItem(Dot First, int Steps, LogKind Kind, ElementId Target, int Length, VersionVector? Cleared)
{
    public long LastSequence => First.Sequence + Steps - 1;

    /// <summary>How many elements, of an insertion or a deletion.</summary>
    public long Elements => (long)Steps * Length;

    /// <summary>The counter of the first element of all.</summary>
    public long Start => Kind == LogKind.DeleteBackward ? Target.Counter - Steps + 1 : Target.Counter;

    public bool IsDeletion => Kind is LogKind.Delete or LogKind.DeleteBackward;

    /// <summary>This item and the next one as one, where they are one.</summary>
    public bool TryAppend(in LogItem next, out LogItem both)
    {
        both = default;
        if (next.First.Sequence != First.Sequence + Steps
            || next.Target.Replica != Target.Replica
            || (long)Steps + next.Steps > int.MaxValue)
        {
            return false;
        }
        if (Kind == LogKind.Insert)
        {
            if (next.Kind != LogKind.Insert || Length != next.Length || next.Target.Counter != Target.Counter + Elements) return false;
            both = this with { Steps = Steps + next.Steps };
            return true;
        }

        if (!IsDeletion || !next.IsDeletion || Length != 1 || next.Length != 1) return false;
        var isForward = Kind == LogKind.Delete && next.Kind == LogKind.Delete && next.Target.Counter == Target.Counter + Steps;
        var isBackward = (Steps == 1 || Kind == LogKind.DeleteBackward) && (next.Steps == 1 || next.Kind == LogKind.DeleteBackward)
            && next.Target.Counter == Target.Counter - Steps;
        if (!isForward && !isBackward) return false;
        both = this with { Steps = Steps + next.Steps, Kind = isForward ? LogKind.Delete : LogKind.DeleteBackward };
        return true;
    }

    /// <summary>The part up to a sequence that lies within the item.</summary>
    public LogItem UpTo(long sequence) => WithSteps((int)(sequence - First.Sequence) + 1, 0);

    /// <summary>The part above a sequence, where that lies within the item.</summary>
    public LogItem After(long sequence)
    {
        if (sequence < First.Sequence) return this;
        var skipped = (int)(sequence - First.Sequence) + 1;
        return WithSteps(Steps - skipped, skipped);
    }

    private LogItem WithSteps(int steps, int skipped)
    {
        var moved = Kind switch { LogKind.Insert => (long)skipped * Length, LogKind.DeleteBackward => -skipped, _ => skipped };
        return this with
        {
            First = First with { Sequence = First.Sequence + skipped },
            Steps = steps,
            Target = Target with { Counter = Target.Counter + moved },
            Kind = Kind == LogKind.DeleteBackward && steps == 1 ? LogKind.Delete : Kind,
        };
    }

    public override string ToString()
    {
        var dots = Steps == 1 ? $"{First}" : $"{First} to {LastSequence}";
        return Kind switch
        {
            LogKind.Insert => $"{dots} inserted {Elements} from {Target}",
            LogKind.Clear => $"{dots} cleared {Cleared}",
            _ => $"{dots} deleted {Elements} from {new ElementId(Target.Replica, Start)}",
        };
    }
}
