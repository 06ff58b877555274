using System.Diagnostics.Metrics;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Journal;

namespace Gossipdb.Node.Telemetry;

/// <summary>The journal and the disk it is on. <see cref="CommitFigures"/> has the times and sizes of its commits.</summary>
internal sealed class JournalInstruments
{
    private readonly NodeSettings _settings;

    public JournalInstruments(Meter meter, NodeSettings settings, NodeJournal journal, JournalDamage damage)
    {
        _settings = settings;
        var commits = journal.Commits;
        meter.CreateObservableCounter(
            "gossipdb.journal.written", () => commits.Read().Bytes, "By", "Bytes that the commits of the journal have written.");
        meter.CreateObservableGauge(
            "gossipdb.journal.size", () => commits.JournalBytes, "By", "Bytes of the journal that are still needed, or not cut off yet.");
        meter.CreateObservableCounter(
            "gossipdb.journal.damaged.entries", () => (long)damage.Now.Count, "{entry}",
            "Damaged entries and missing records found in the journal.");
        meter.CreateObservableGauge(
            "gossipdb.disk.free", () => Disk(static disk => disk.AvailableFreeSpace), "By",
            "Bytes that are free on the disk of the data directory.");
        meter.CreateObservableGauge(
            "gossipdb.disk.size", () => Disk(static disk => disk.TotalSize), "By", "Bytes of the disk of the data directory.");
    }

    private IEnumerable<Measurement<long>> Disk(Func<DriveInfo, long> read)
    {
        try
        {
            return [new Measurement<long>(read(new DriveInfo(_settings.DataDirectory)))];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return [];
        }
    }
}
