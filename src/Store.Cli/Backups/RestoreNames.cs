using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Gossipdb.Client;

namespace Gossipdb.Cli.Backups;

/// <summary>Names what is restored, the same at every repetition, whatever it goes together with.</summary>
/// <param name="of">What is restored.</param>
/// <param name="begun">When the restoring was begun.</param>
internal sealed class RestoreNames(string of, DateTimeOffset begun)
{
    private readonly DateTimeOffset _deadline = begun + RestoreProgress.Repeatable;

    /// <summary>An object with its name, where it needs one.</summary>
    public NamedEntry Of(BackupEntry entry, int part, bool mayHaveBeenSent) => new(
        entry, AddsUp(entry.Type) ? new RestoreName(NameOf(entry.Key, part), _deadline, mayHaveBeenSent) : null);

    // Two of them come to more than one. Of the other types a state that is added twice is the same as once.
    private static bool AddsUp(StoredType type) => type is StoredType.Counter or StoredType.GrowOnlyCounter or StoredType.BoundedCounter
        or StoredType.Sequence or StoredType.Text or StoredType.SortedSet or StoredType.Map or StoredType.Json;

    private ulong NameOf(Bytes key, int part)
    {
        var hash = new XxHash3();
        hash.Append(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{of}/{begun.UtcTicks}/{part}/")));
        hash.Append(key.Span);
        return Math.Max(1, hash.GetCurrentHashAsUInt64());
    }
}
