using Gossipdb.Crdt.Causality;

namespace Gossipdb.Crdt.Members;

/// <summary>
/// The changes that may have altered a segment: of each replica the latest.
/// The last one of all is kept inline. Most segments know one writer, and saying that a segment was changed should fetch no more than
/// the segment.
/// </summary>
internal struct SegmentChanges
{
    private Dot _last;
    private VersionVector? _others;

    /// <summary>How many replicas made them, at most.</summary>
    internal readonly int Count => (_last.Sequence == 0 ? 0 : 1) + (_others?.Count ?? 0);

    /// <summary>Adds the components of the one clock that are above the other: of an event, its own name.</summary>
    internal void Add(VersionVector clock, VersionVector otherClock)
    {
        foreach (var entry in otherClock.Entries)
        {
            if (entry.Sequence > clock[entry.Replica]) Add(new Dot(entry.Replica, entry.Sequence));
        }
    }

    internal void Add(in SegmentChanges other)
    {
        if (other._last.Sequence > 0) Add(other._last);
        if (other._others is not null) (_others ??= new VersionVector()).Merge(other._others);
    }

    internal readonly bool IsCoveredBy(VersionVector clock) => clock.Contains(_last) && (_others is null || clock.Covers(_others));

    internal readonly void AddTo(VersionVector clock)
    {
        clock.Advance(_last.Replica, _last.Sequence);
        if (_others is not null) clock.Merge(_others);
    }

    internal readonly SegmentChanges Copy() => new() { _last = _last, _others = _others?.Copy() };

    private void Add(Dot change)
    {
        if (_last.Replica != change.Replica && _last.Sequence > 0) (_others ??= new VersionVector()).Advance(_last.Replica, _last.Sequence);
        if (_last.Replica != change.Replica || _last.Sequence < change.Sequence) _last = change;
    }
}
