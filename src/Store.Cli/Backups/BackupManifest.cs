using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Gossipdb.Cli.Output;
using Gossipdb.Client;

namespace Gossipdb.Cli.Backups;

/// <summary>What a backup is of. It is written last, in one step: a backup without one is none.</summary>
internal sealed record BackupManifest
{
    public const string FileName = "manifest.json";

    private const string Format = "gossipdb backup";

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>Drawn at random for each backup.</summary>
    public required string Id { get; init; }

    /// <summary>Its number in its directory, from 1 on.</summary>
    public required int Number { get; init; }

    /// <summary>When it was begun, by the clock of the machine that made it.</summary>
    public required DateTimeOffset Begun { get; init; }

    /// <summary>When it was complete.</summary>
    public required DateTimeOffset Ended { get; init; }

    /// <summary>The version of the program that made it.</summary>
    public required string Program { get; init; }

    /// <summary>How many partitions the cluster had.</summary>
    public required int Partitions { get; init; }

    /// <summary>How many replicas of each.</summary>
    public required int Replication { get; init; }

    /// <summary>The version of its layout.</summary>
    public required long LayoutVersion { get; init; }

    /// <summary>Each partition, in order.</summary>
    public required IReadOnlyList<PartitionBackup> Parts { get; init; }

    /// <summary>The bytes of its files.</summary>
    [JsonIgnore]
    public long Bytes => Parts.Sum(static part => part.Bytes);

    /// <summary>Writes the manifest in one step.</summary>
    public void Write(string directory)
    {
        var content = JsonSerializer.SerializeToNode(this, Options)!;
        var document = new JsonObject
        {
            ["format"] = Format,
            ["version"] = BlockFile.FormatVersion,
            ["checksum"] = ChecksumOf(content),
            ["backup"] = content,
        };
        DurableFile.Write(Path.Combine(directory, FileName), JsonText.OfDocument(document));
    }

    /// <exception cref="DamagedBackupException">It is not as it was written, or of another version.</exception>
    public static BackupManifest Read(string directory)
    {
        var path = Path.Combine(directory, FileName);
        try
        {
            if (JsonNode.Parse(File.ReadAllText(path)) is not JsonObject document || (string?)document["format"] != Format)
                throw new DamagedBackupException($"{path} is no manifest of a backup");
            if ((int?)document["version"] is var version && version != BlockFile.FormatVersion)
            {
                throw new DamagedBackupException(
                    $"{path} is of version {version} of the format; this program reads version {BlockFile.FormatVersion}");
            }

            if (document["backup"] is not { } content || (string?)document["checksum"] != ChecksumOf(content))
                throw new DamagedBackupException($"{path}: its checksum is wrong; the file was damaged since it was written");
            return content.Deserialize<BackupManifest>(Options)!;
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException or FormatException)
        {
            throw new DamagedBackupException($"{path} cannot be read: {wrong.Message}");
        }
    }

    private static string ChecksumOf(JsonNode content) =>
        XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(content.ToJsonString())).ToString("x16", CultureInfo.InvariantCulture);
}

/// <summary>What a backup has of one partition: a state at one clock.</summary>
internal sealed record PartitionBackup
{
    public required int Partition { get; init; }

    /// <summary>True where it has every key. Else it builds on the backup with the number before it.</summary>
    public required bool IsWhole { get; init; }

    /// <summary>The file; null where nothing changed.</summary>
    public string? File { get; init; }

    public required long Bytes { get; init; }

    public required int Blocks { get; init; }

    /// <summary>How many records it has.</summary>
    public required long Entries { get; init; }

    /// <summary>The clock, as a token.</summary>
    public required string Clock { get; init; }

    /// <summary>What was stable, as a token.</summary>
    public required string StableCut { get; init; }

    /// <summary>The hybrid timestamp of the last change.</summary>
    public required long LastTimestamp { get; init; }

    /// <summary>How many keys the partition had.</summary>
    public required long Keys { get; init; }

    /// <summary>The exclusive or of their XxHash3.</summary>
    public required ulong KeysHash { get; init; }

    /// <summary>True where keys that are not named are gone.</summary>
    public required bool ListsUnchanged { get; init; }

    /// <summary>The node that told it.</summary>
    public required int Node { get; init; }

    /// <summary>When the last change was made.</summary>
    [JsonIgnore]
    public DateTimeOffset LastChangedAt => DateTimeOffset.FromUnixTimeMilliseconds(LastTimestamp >> 16);

    /// <summary>What a later backup builds on.</summary>
    public BackupEnd ToEnd() => new(
        Partition, ClockToken.Parse(Clock), ClockToken.Parse(StableCut), LastTimestamp, Keys, KeysHash, ListsUnchanged);
}
