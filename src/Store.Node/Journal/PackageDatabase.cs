using Akka.Persistence.Sql.Config;
using Akka.Persistence.Sql.Journal;
using Gossipdb.Node.Configuration;
using ILogger = Serilog.ILogger;

namespace Gossipdb.Node.Journal;

/// <summary>
/// A database of another provider that Akka.Persistence.Sql knows, as the node's own file describes it to the package
/// (<c>akka.persistence.journal.sql</c>). The package does everything; nobody sees to it that no two nodes use one.
/// </summary>
/// <param name="settings">The node's settings.</param>
internal sealed class PackageDatabase(NodeSettings settings) : JournalDatabase(settings)
{
    /// <summary>Where the node's own file names the package's provider.</summary>
    public const string ProviderKey = "akka.persistence.journal.sql.provider-name";

    public override string Name => $"{Provider} ({ProviderKey})";

    protected override string Provider { get; } = settings.Own.GetString(ProviderKey, string.Empty);

    protected override string ConnectionString => string.Empty;

    protected override Type Plugin => typeof(SqlWriteJournal);

    protected override TimeSpan WriteWithin { get; } = settings.BusyTimeout;

    public override bool TakesFaults => false;

    public override void Prepare(ILogger logger)
    {
    }

    public override long BytesOnDisk() => 0;

    public override IRowWriter OpenWriter(JournalConfig config) =>
        throw new NotSupportedException($"the package writes to {Name} itself");
}
