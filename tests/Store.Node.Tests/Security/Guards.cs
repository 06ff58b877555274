using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gossipdb.Node.Tests.Security;

/// <summary>What keeps strangers from two nodes, and what strangers have of it.</summary>
internal sealed class Guards(string directory)
{
    /// <summary>The cluster's secret.</summary>
    public string Secret { get; } = NewSecret();

    /// <summary>Who signs the cluster's certificates.</summary>
    public TestAuthority Authority { get; } = new();

    /// <summary>Who signs none of the cluster's.</summary>
    public TestAuthority OtherAuthority { get; } = new("another authority");

    /// <summary>Lines of a node's configuration, where nodes know each other by the cluster's secret.</summary>
    public string BySecret(int node) => SecretIn($"node-{node}", Secret);

    /// <summary>The same with a secret that is not the cluster's.</summary>
    public string ByOtherSecret(int node) => SecretIn($"other-{node}", NewSecret());

    /// <summary>Lines of a node's configuration, where nodes know each other by certificates.</summary>
    public string ByCertificate(int node) => Certified($"node-{node}", Authority, Authority.Node(node));

    /// <summary>The same with a certificate of that node that another authority has signed.</summary>
    public string ByOtherAuthority(int node) => Certified($"other-{node}", OtherAuthority, OtherAuthority.Node(node));

    private string SecretIn(string name, string secret)
    {
        var path = Path.Combine(directory, name + ".secret");
        File.WriteAllText(path, secret + "\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return $"gossipdb.cluster.secret-file = \"{path}\"\n";
    }

    private string Certified(string name, TestAuthority authority, X509Certificate2 certificate) =>
        authority.Write(Path.Combine(directory, name + "-tls"), certificate);

    private static string NewSecret() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(33));
}
