namespace Gossipdb.Client;

/// <summary>A certificate that a node uses.</summary>
/// <param name="Setting">The setting that names its file.</param>
/// <param name="Subject">Whose it is.</param>
/// <param name="Ends">Until when it is good.</param>
public sealed record CertificateStatus(string Setting, string Subject, DateTimeOffset Ends);
