using System.Text.Json;
using Gossipdb.Cli.Output;
using Gossipdb.Client;

namespace Gossipdb.Cli.Backups;

/// <summary>
/// How far a restoring is, in a file beside the backup: so one that was interrupted goes on. What is under way when it is interrupted is
/// sent again, under the same names, by which nodes know what they have already. They remember names for a day.
/// </summary>
internal sealed record RestoreProgress
{
    public const string FileName = "restore.progress";

    /// <summary>For how long it can be repeated. Nodes take names for a day; the rest is for clocks that differ.</summary>
    public static readonly TimeSpan Repeatable = TimeSpan.FromHours(23);

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>What is restored, in words that tell it from anything else.</summary>
    public required string Of { get; init; }

    /// <summary>When it was begun.</summary>
    public required DateTimeOffset Begun { get; init; }

    /// <summary>The partitions of the backup that are restored.</summary>
    public List<DonePartition> Done { get; init; } = [];

    /// <summary>The partitions of the backup that were begun. An earlier version did not note them: null.</summary>
    public List<int>? Started { get; init; }

    /// <summary>A partition that is restored.</summary>
    /// <param name="Partition">The backup's partition.</param>
    /// <param name="Witness">A key that was restored last, in hexadecimal; null where there was none.</param>
    /// <param name="Token">The clock of its write: a cluster that does not have it is another one, or lost it.</param>
    internal sealed record DonePartition(int Partition, string? Witness, string? Token);

    /// <summary>Goes on with what the file tells, or begins.</summary>
    /// <param name="path">The file.</param>
    /// <param name="of">What is to be restored.</param>
    /// <exception cref="CliException">The file is of something else, or too old.</exception>
    public static RestoreProgress Open(string path, string of)
    {
        if (!File.Exists(path)) return new RestoreProgress { Of = of, Begun = DateTimeOffset.UtcNow, Started = [] };
        RestoreProgress? found;
        try
        {
            found = JsonSerializer.Deserialize<RestoreProgress>(File.ReadAllText(path), Options);
        }
        catch (JsonException wrong)
        {
            throw new CliException($"{path} cannot be read: {wrong.Message} Remove it to begin anew");
        }

        if (found?.Of != of)
        {
            throw new CliException(
                $"{path} is the progress of another restoring, of {found?.Of}: finish that one, remove the file to give it up, or name "
                + "another "
                + "file with --progress");
        }

        if (DateTimeOffset.UtcNow - found.Begun > Repeatable)
        {
            throw new CliException(
                $"{path} is of a restoring that was begun {found.Begun:u}. Nodes remember for a day what they have of it, and that is "
                + "over: "
                + "counters, lists and texts could be added twice. Empty the cluster, or delete the keys, and remove the file to begin "
                + "anew");
        }

        return found;
    }

    /// <summary>A partition is begun. The file says so before anything of it is sent.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="isRepeated">Whether the restoring goes on from an earlier one.</param>
    /// <param name="path">The file.</param>
    /// <returns>True where something of it may have been sent before.</returns>
    public bool Begin(int partition, bool isRepeated, string path)
    {
        if (Started is null) return isRepeated;
        if (Started.Contains(partition)) return true;
        Started.Add(partition);
        Save(path);
        return false;
    }

    /// <summary>Writes the file.</summary>
    public void Save(string path) => DurableFile.Write(path, JsonSerializer.Serialize(this, Options));

    /// <summary>Makes sure that the cluster has what it was given.</summary>
    /// <exception cref="CliException">It has not.</exception>
    public async Task CheckAsync(GossipdbClient client, string path, CancellationToken stop)
    {
        foreach (var done in Done)
        {
            if (done.Witness is null || done.Token is null) continue;
            try
            {
                var read = Read.One.After(ClockToken.Parse(done.Token));
                await client.GetInfoAsync(Bytes.FromHex(done.Witness), read, stop);
            }
            catch (Exception wrong) when (wrong is SessionLostException or SessionUnavailableException or InvalidRequestException)
            {
                throw new CliException(
                    $"{path} tells of a restoring of which this cluster does not have all: it is another cluster, or it was emptied since. "
                    + "Remove the file to begin anew");
            }
        }
    }
}
