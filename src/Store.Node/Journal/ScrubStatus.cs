namespace Gossipdb.Node.Journal;

/// <summary>How far the scrub of the journal is.</summary>
/// <param name="LastEndUnixMs">When the last pass over all of it ended, in Unix milliseconds; 0 where none has.</param>
/// <param name="LastRecords">The records that pass read.</param>
/// <param name="LastBytes">Their bytes.</param>
/// <param name="Bytes">The bytes read so far of the pass under way; 0 where none is.</param>
/// <param name="Found">What all passes found damaged that was not known yet.</param>
internal sealed record ScrubStatus(long LastEndUnixMs, long LastRecords, long LastBytes, long Bytes, int Found);
