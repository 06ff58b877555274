namespace Gossipdb.Client;

/// <summary>What several keys hold, with the receipts of the reads.</summary>
/// <param name="Values">By key; null where a key holds nothing.</param>
/// <param name="Receipts">One of each partition that was read.</param>
public sealed record ManyValues(IReadOnlyDictionary<Bytes, StoredValue?> Values, IReadOnlyList<Receipt> Receipts);
