namespace Gossipdb.Crdt.Sequences;

/// <summary>A change of a sequence: what was done, in order of dot, and the elements that were inserted, in order of id.</summary>
internal sealed class SequenceFragment<T>
{
    public LogItem[] Log { get; init; } = [];

    public Segment<T>[] Runs { get; init; } = [];

    public SequenceTags? Tags { get; init; }

    public bool IsEmpty => Log.Length == 0 && Runs.Length == 0 && Tags is null;
}
