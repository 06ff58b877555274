using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Causality;

/// <summary>
/// The dot of every origin's last change that removed something and left nothing else behind.
/// A state at a clock that covers all of them holds nothing that was removed here. So naming what is there tells it all that is new for
/// it. An origin's component is dropped once it is stable, for then everyone knows of the removal.
/// </summary>
internal struct LastRemovals
{
    private VersionVector? _dots;

    internal readonly bool IsEmpty => _dots is null;

    internal readonly long ApproximateBytes => 1 + (12L * (_dots?.Count ?? 0));

    internal readonly bool AreKnownAt(VersionVector since) => _dots is null || since.Covers(_dots);

    internal void Add(Dot dot) => (_dots ??= new VersionVector()).Advance(dot.Replica, dot.Sequence);

    internal void Join(in LastRemovals other)
    {
        if (other._dots is not null) (_dots ??= new VersionVector()).Merge(other._dots);
    }

    internal void Collect(StableCut cut) => _dots = _dots?.Above(cut.Clock);

    internal readonly void Encode(ByteWriter writer)
    {
        if (_dots is null) writer.WriteVarint(0);
        else _dots.Encode(writer);
    }

    internal static LastRemovals Decode(ref ByteReader reader) => new() { _dots = VersionVector.DecodeUnlessEmpty(ref reader) };

    /// <inheritdoc/>
    public override readonly string ToString() => _dots?.ToString() ?? "none";
}
