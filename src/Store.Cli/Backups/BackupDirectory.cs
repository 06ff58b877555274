using System.Globalization;
using Gossipdb.Cli.Output;

namespace Gossipdb.Cli.Backups;

/// <summary>One backup of a directory.</summary>
internal sealed record StoredBackup(string Directory, BackupManifest Manifest);

/// <summary>
/// The backups in one directory, each in a folder that is named by its number. Each builds on the one before it. A folder without a
/// manifest is what is left of a backup that was not completed.
/// </summary>
internal sealed class BackupDirectory(string path)
{
    private const int NameLength = 6;

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>True where the directory holds a backup, or what is left of one.</summary>
    public static bool IsOne(string path) => Directory.Exists(path) && new BackupDirectory(path).Folders().Count > 0;

    /// <summary>The complete backups in order.</summary>
    /// <exception cref="DamagedBackupException">One is damaged, or is missing between others.</exception>
    public IReadOnlyList<StoredBackup> Complete()
    {
        var complete = new List<StoredBackup>();
        foreach (var (number, folder) in Folders())
        {
            if (!File.Exists(System.IO.Path.Combine(folder, BackupManifest.FileName))) continue;
            var manifest = BackupManifest.Read(folder);
            if (manifest.Number != number)
                throw new DamagedBackupException($"{folder} has the manifest of backup {manifest.Number}: its name is not to be changed");
            if (complete.Count > 0 && number != complete[^1].Manifest.Number + 1)
            {
                throw new DamagedBackupException(
                    $"backup {complete[^1].Manifest.Number + 1} is missing in {Path}, and later ones build on it");
            }

            complete.Add(new StoredBackup(folder, manifest));
        }

        return complete;
    }

    /// <summary>The complete backups, of which there must be one.</summary>
    public IReadOnlyList<StoredBackup> Needed()
    {
        if (!Directory.Exists(Path)) throw new CliException($"{Path} is no backup: there is no such directory");
        var complete = Complete();
        if (complete.Count > 0) return complete;
        throw new CliException(Folders().Count > 0
            ? $"{Path} holds no complete backup: the one that was begun has no manifest"
            : $"{Path} is no backup: it has no folder with a {BackupManifest.FileName}");
    }

    /// <summary>Makes the folder of the next backup. What is left there of one that was not completed goes.</summary>
    public string Begin(int number)
    {
        var folder = System.IO.Path.Combine(Path, number.ToString($"D{NameLength}", CultureInfo.InvariantCulture));
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        return Directory.CreateDirectory(folder).FullName;
    }

    private List<(int Number, string Folder)> Folders()
    {
        var folders = new List<(int, string)>();
        if (!Directory.Exists(Path)) return folders;
        foreach (var folder in Directory.EnumerateDirectories(Path))
        {
            var name = System.IO.Path.GetFileName(folder);
            if (name.Length == NameLength && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                folders.Add((number, folder));
        }

        folders.Sort();
        return folders;
    }
}
