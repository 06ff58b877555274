namespace Gossipdb.Cli.Nodes;

/// <summary>What was found in a stopped node's data directory, or in a copy of one.</summary>
/// <param name="Path">The directory.</param>
/// <param name="Records">How many records the journal has.</param>
/// <param name="FirstRecord">The number of the first one.</param>
/// <param name="LastRecord">The number of the last one.</param>
/// <param name="Entries">What the records hold of partitions and stand-ins.</param>
/// <param name="Unchecked">How many of those are of an old version, which had no checksums.</param>
/// <param name="Bytes">The bytes of the records.</param>
/// <param name="Layout">The layout, in words for people; null where it is missing or damaged.</param>
/// <param name="Problems">What is damaged or missing, in words for people.</param>
public sealed record DataVerification(
    string Path, long Records, long FirstRecord, long LastRecord, long Entries, long Unchecked, long Bytes, string? Layout,
    IReadOnlyList<string> Problems);
