using System.Runtime.CompilerServices;
using Gossipdb.Client.Backups;
using Gossipdb.Client.Routing;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>
/// The calls on a store: made on a <see cref="GossipdbClient"/>, or on a <see cref="GossipdbSession"/> of it. Safe for any number of
/// callers at once.
/// </summary>
public abstract class GossipdbStore : ObjectHandles
{
    private readonly CallScope? _scope;

    /// <summary>For derived classes that stand in for it in tests. What they do not override throws.</summary>
    protected GossipdbStore()
    {
    }

    private protected GossipdbStore(CallScope scope) => _scope = scope;

    private protected CallScope Scope => _scope ?? throw StandIn.NotOverridden(this);

    /// <summary>Deletes a key, of whatever type, as far as the executing replica knows it; concurrent changes stay.</summary>
    public virtual Task<Receipt> DeleteAsync(Bytes key, Write? consistency = null, CancellationToken cancellation = default) =>
        WriteAsync(key, new() { Delete = new() }, consistency, cancellation);

    /// <summary>
    /// Gives a key a new life, which ends so long from now by the coordinator's clock, and changes nothing else. Of lives given
    /// concurrently the longest wins. A key that has outlived its life holds nothing.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The lifetime is not from a millisecond to a thousand years.</exception>
    public virtual Task<Receipt> ExpireAsync(
        Bytes key, TimeSpan lifetime, Write? consistency = null, CancellationToken cancellation = default)
    {
        LifetimeCodec.Check(lifetime, nameof(lifetime));
        return WriteAsync(key, new() { Expire = LifetimeCodec.ToWire(lifetime) }, consistency, cancellation);
    }

    /// <summary>
    /// Adds an object of a backup to what its key holds, as a change of its own. A register keeps its timestamp, and the later one counts.
    /// Sets unite, counters add, lists and texts come behind what is there. A key that is there keeps the longer life. Delete a key first
    /// to
    /// have it as it was.
    /// </summary>
    /// <param name="entry">The object. The parts of one are restored one after the other.</param>
    /// <param name="name">Its name, under which a repetition counts once; null: one of this call alone.</param>
    /// <param name="consistency">How many replicas must have it.</param>
    /// <param name="cancellation">Gives up the call.</param>
    public virtual async Task<Receipt> RestoreAsync(
        BackupEntry entry, RestoreName? name = null, Write? consistency = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var reply = await Scope.WriteAsync(
            KeyBytes.Of(entry.Key), BackupCodec.Restore(entry, name), entry.State.Length, consistency, cancellation).ConfigureAwait(false);
        return new Receipt(reply.Receipt);
    }

    /// <summary>
    /// Adds objects of a backup, all or none, as <see cref="RestoreAsync"/> adds one. They are one change, which is sent and journaled
    /// once: many small ones cost a fraction of what they cost one by one.
    /// </summary>
    /// <param name="entries">The objects, in order. Their keys are of one partition (<see cref="ClusterDescription.PartitionOf"/>).</param>
    /// <param name="consistency">How many replicas must have them.</param>
    /// <param name="cancellation">Gives up the call.</param>
    /// <exception cref="InvalidRequestException">
    /// Nothing is named, there are too many, or their keys are of different partitions; or a node of the cluster is of a version that takes
    /// them only one by one. Nothing was restored.
    /// </exception>
    public virtual async Task<Receipt> RestoreManyAsync(
        IReadOnlyList<NamedEntry> entries, Write? consistency = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(entries);
        Require.Some(entries.Count, "object");
        const int BytesAround = 64;
        var batch = new Wire.Batch();
        var bytes = 0;
        KeyBytes first = default;
        for (var i = 0; i < entries.Count; i++)
        {
            var write = BackupCodec.RestoreOne(entries[i]);
            var key = KeyBytes.Of(entries[i].Entry.Key);
            if (i == 0) first = key;
            write.Key = key.Bytes;
            batch.Writes.Add(write);
            bytes += write.Key.Length + entries[i].Entry.State.Length + BytesAround;
        }

        var reply = await Scope.WriteAsync(first, new() { Batch = batch }, bytes, consistency, cancellation).ConfigureAwait(false);
        return new Receipt(reply.Receipt);
    }

    /// <summary>Lets a key live for ever.</summary>
    public virtual Task<Receipt> PersistAsync(Bytes key, Write? consistency = null, CancellationToken cancellation = default) =>
        WriteAsync(key, new() { Expire = new() { ForEver = true } }, consistency, cancellation);

    /// <summary>Until when a key lives; null where it lives for ever or holds nothing.</summary>
    public virtual async Task<DateTimeOffset?> GetExpiryAsync(
        Bytes key, Read? consistency = null, CancellationToken cancellation = default) =>
        (await GetInfoAsync(key, consistency, cancellation).ConfigureAwait(false)).ExpiresAt;

    /// <summary>The type of what a key holds, and until when it lives, without fetching it.</summary>
    public virtual Task<KeyInfo> GetInfoAsync(Bytes key, Read? consistency = null, CancellationToken cancellation = default) =>
        ReadInfoAsync(key, consistency, cancellation).ValueAsync();

    /// <summary>The type of what a key holds, and until when it lives, with the receipt.</summary>
    public virtual async Task<Result<KeyInfo>> ReadInfoAsync(Bytes key, Read? consistency = null, CancellationToken cancellation = default)
    {
        var (value, receipt) = await QueryAsync(key, new() { Expiry = new() }, consistency, cancellation).ConfigureAwait(false);
        return new(value is null ? new KeyInfo(StoredType.None, null) : new(value.Type, value.ExpiresAt), receipt);
    }

    /// <summary>What a key holds, of whatever type; null where it holds nothing.</summary>
    public virtual Task<StoredValue?> GetAsync(Bytes key, Read? consistency = null, CancellationToken cancellation = default) =>
        ReadAsync(key, consistency, cancellation).ValueAsync();

    /// <summary>What a key holds, of whatever type, with the receipt.</summary>
    public virtual Task<Result<StoredValue?>> ReadAsync(Bytes key, Read? consistency = null, CancellationToken cancellation = default) =>
        QueryAsync(key, new(), consistency, cancellation);

    /// <summary>
    /// What several keys hold, of whatever types; see <see cref="ReadManyAsync(IEnumerable{string}, Read?, CancellationToken)"/>.
    /// </summary>
    [OverloadResolutionPriority(1)]
    public virtual async Task<IReadOnlyDictionary<Bytes, StoredValue?>> GetManyAsync(
        IEnumerable<string> keys, Read? consistency = null, CancellationToken cancellation = default) =>
        (await ReadManyAsync(keys, consistency, cancellation).ConfigureAwait(false)).Values;

    /// <summary>
    /// What several keys hold, of whatever types; see <see cref="ReadManyAsync(IEnumerable{Bytes}, Read?, CancellationToken)"/>.
    /// </summary>
    public virtual async Task<IReadOnlyDictionary<Bytes, StoredValue?>> GetManyAsync(
        IEnumerable<Bytes> keys, Read? consistency = null, CancellationToken cancellation = default) =>
        (await ReadManyAsync(keys, consistency, cancellation).ConfigureAwait(false)).Values;

    /// <summary>
    /// What several keys hold, of whatever types, null where a key holds nothing. The keys may be of any partitions; each partition is
    /// asked once, all at the same time. Keys of one partition (that share the part in braces) are read at one clock: a batch of theirs
    /// is seen whole or not at all.
    /// </summary>
    /// <exception cref="InvalidRequestException">No key is named, or a key is empty.</exception>
    [OverloadResolutionPriority(1)]
    public virtual Task<ManyValues> ReadManyAsync(
        IEnumerable<string> keys, Read? consistency = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return ReadManyAsync(keys.Select(static key => (Bytes)key), consistency, cancellation);
    }

    /// <summary>What several keys hold; see <see cref="ReadManyAsync(IEnumerable{string}, Read?, CancellationToken)"/>.</summary>
    public virtual Task<ManyValues> ReadManyAsync(
        IEnumerable<Bytes> keys, Read? consistency = null, CancellationToken cancellation = default) =>
        MultiRead.ExecuteAsync(Scope, keys, consistency, cancellation);

    /// <summary>
    /// The keys that begin with a prefix, with their types. A key that is there from the beginning of the scan to its end is told exactly
    /// once; one that comes or goes meanwhile may be told or not. The order is the same on every node and means nothing else. Deleted and
    /// expired keys are not told.
    /// </summary>
    /// <param name="prefix">What the keys begin with; empty for all.</param>
    /// <param name="consistency">How many owners each page covers; null asks one.</param>
    /// <param name="cancellation">Gives up the scan.</param>
    public virtual IAsyncEnumerable<ScannedKey> ScanAsync(
        Bytes? prefix = null, Read? consistency = null, CancellationToken cancellation = default) =>
        Pages.EnumerateAsync((cursor, stop) => ScanPageAsync(prefix ?? "", cursor, 1000, consistency, stop), cancellation);

    /// <summary>
    /// A page of a scan (see <see cref="ScanAsync"/>). The cursor is good for ever, at any node, whoever owns what by then.
    /// </summary>
    /// <param name="prefix">What the keys begin with; empty for all. The same for each page of a scan.</param>
    /// <param name="cursor">Where the page before ended; null for the first.</param>
    /// <param name="limit">How many keys at most.</param>
    /// <param name="consistency">How many owners the page covers; null asks one.</param>
    /// <param name="cancellation">Gives up the call.</param>
    /// <exception cref="InvalidRequestException">The cursor is none, or the limit below 1.</exception>
    public virtual Task<Page<ScannedKey>> ScanPageAsync(
        Bytes prefix, string? cursor, int limit, Read? consistency = null, CancellationToken cancellation = default) =>
        Scanner.PageAsync(Scope, prefix, cursor, limit, consistency, cancellation);

    /// <summary>
    /// What a key holds, and every change from then on. Several changes may be told as one, with the last value; none is missed. Nodes
    /// that fail are replaced by others: the watch goes on until it is cancelled.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="after">A token of an earlier watch of the key, to go on after it; null begins with what the key holds now.</param>
    /// <param name="cancellation">Ends the watch.</param>
    public virtual IAsyncEnumerable<KeyChange> WatchAsync(Bytes key, ClockToken? after = null, CancellationToken cancellation = default) =>
        Watching.RunAsync(Scope, key, isPrefix: false, after, cancellation);

    /// <summary>
    /// What each key with a prefix holds, and every change from then on; see <see cref="WatchAsync"/>. Changes of one key come in order,
    /// those of different keys in any.
    /// </summary>
    /// <param name="prefix">What the keys begin with; empty for all.</param>
    /// <param name="after">A token of an earlier watch of the prefix, to go on after it; null begins with what there is now.</param>
    /// <param name="cancellation">Ends the watch.</param>
    public virtual IAsyncEnumerable<KeyChange> WatchPrefixAsync(
        Bytes prefix, ClockToken? after = null, CancellationToken cancellation = default) =>
        Watching.RunAsync(Scope, prefix, isPrefix: true, after, cancellation);

    /// <summary>Collects changes of several keys of one partition, to be made all or none.</summary>
    public virtual Batch Batch() => new(Scope);

    private protected override ObjectAddress At(Bytes name) => ObjectAddress.OfKey(Scope, name);

    private async Task<Receipt> WriteAsync(Bytes key, Wire.Request request, Write? consistency, CancellationToken cancellation)
    {
        var reply = await Scope.WriteAsync(KeyBytes.Of(key), request, 0, consistency, cancellation).ConfigureAwait(false);
        return new Receipt(reply.Receipt);
    }

    private async Task<Result<StoredValue?>> QueryAsync(Bytes key, Wire.Read read, Read? consistency, CancellationToken cancellation)
    {
        var reply = await Scope.ReadAsync(KeyBytes.Of(key), new() { Read = read }, consistency, cancellation).ConfigureAwait(false);
        var value = reply.Value is { ValueCase: not Wire.Value.ValueOneofCase.None } present ? new StoredValue(present) : null;
        return new(value, new Receipt(reply.Receipt));
    }
}
