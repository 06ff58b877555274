namespace Gossipdb.Node.Journal;

/// <summary>A record of the journal is of a version that this program does not know: a newer one has written it.</summary>
internal sealed class UnknownRecordVersionException(byte version)
    : Exception($"unknown journal record version {version}: a newer version of this program has written it")
{
    /// <summary>The version.</summary>
    public byte Version => version;
}
