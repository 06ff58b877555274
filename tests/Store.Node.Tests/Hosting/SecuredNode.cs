using System.Text;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Security;
using Gossipdb.Replication.Accounts;

namespace Gossipdb.Node.Tests.Hosting;

/// <summary>
/// One node where callers must log in, with the users admin, who may everything, and alice, who may everything with mine-.
/// </summary>
public sealed class SecuredNode : IAsyncLifetime
{
    internal const string Password = "as good as any other";
    private readonly TemporaryDirectory _directory = new();

    internal static string Admin => Basic("admin");

    internal static string Alice => Basic("alice");

    /// <summary>The password of all users, as nodes keep it.</summary>
    internal static Bytes Hash { get; } = PasswordHashes.Of(Password);

    internal RunningNode Node { get; private set; } = null!;

    internal static string Basic(string user, string password = Password) =>
        $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))}";

    public async Task InitializeAsync()
    {
        var file = Path.Combine(_directory.Path, "admin-password");
        File.WriteAllText(file, Password + "\n");
        var secret = Path.Combine(_directory.Path, "secret");
        File.WriteAllText(secret, "a secret that the nodes of this cluster share\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(secret, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var data = Directory.CreateDirectory(Path.Combine(_directory.Path, "data")).FullName;
        Node = await RunningNode.StartAsync(data, $"""
            gossipdb.security.authentication = on
            gossipdb.cluster.secret-file = "{secret}"
            gossipdb.security.admin-password-file = "{file}"
            """);
        Node.Part<AccountBook>().Apply(
        [
            new AccountChange.AddUser("alice", Hash),
            .. ((AccountAction[])[AccountAction.Read, AccountAction.Write, AccountAction.Delete]).Select(static action =>
                new AccountChange.SetUserRight("alice", new Right(action, Bytes.FromText("mine-")), true)),
        ]);
    }

    public async Task DisposeAsync()
    {
        await Node.DisposeAsync();
        _directory.Dispose();
    }
}
