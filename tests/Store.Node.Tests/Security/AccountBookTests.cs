using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Membership;
using Gossipdb.Node.Security;
using Gossipdb.Replication.Accounts;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Tests.Security;

/// <summary>Users and roles on disk, and from node to node.</summary>
public sealed class AccountBookTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void What_is_changed_is_on_disk_for_nobody_else_to_read()
    {
        var book = Open(out var settings);
        book.Join(AccountState.Found("admin", Bytes.FromText("hash"), Bytes.FromText("key")));
        book.Apply(new AccountChange.AddUser("alice", default));
        var file = AccountFile.PathIn(settings.DataDirectory);

        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        var again = Open(out _);
        Assert.Equal(book.Encoded, again.Encoded);
        Assert.NotNull(again.View.User("alice"));
    }

    [Fact]
    public void A_damaged_file_is_refused_and_the_way_out_named()
    {
        var book = Open(out var settings);
        book.Join(AccountState.Found("admin", Bytes.FromText("hash"), Bytes.FromText("key")));
        var file = AccountFile.PathIn(settings.DataDirectory);
        var bytes = File.ReadAllBytes(file);
        bytes[^12] ^= 1;
        File.WriteAllBytes(file, bytes);

        var problem = Assert.Throws<ConfigurationProblem>(() => Open(out _));
        Assert.Contains("is damaged: its checksum is wrong; move it away", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_disk_does_not_take_is_not_followed()
    {
        var book = Open(out var settings);
        Directory.CreateDirectory(AccountFile.PathIn(settings.DataDirectory));

        Assert.False(book.Join(AccountState.Found("admin", Bytes.FromText("hash"), Bytes.FromText("key"))));
        Assert.True(book.IsEmpty);
        Assert.ThrowsAny<Exception>(() => book.Apply(new AccountChange.AddUser("alice", default)));
        Assert.Null(book.View.User("alice"));
    }

    [Fact]
    public async Task What_another_node_tells_is_taken_and_what_cannot_be_read_is_not()
    {
        var book = Open(out var settings);
        var node = new TestNode(settings);
        await using var exchange = new AccountExchange(settings, node.Health, book, node.Links);
        exchange.Begin();

        exchange.Take([1, 2, 3], new NodeId(2));
        exchange.Take([], new NodeId(2));
        exchange.Take([7], new NodeId(2));
        exchange.Take([1, .. AccountState.Found("admin", Bytes.FromText("hash"), Bytes.FromText("key")).Encode()], new NodeId(2));

        await Poll.UntilAsync(() => Task.FromResult(book.View.User("admin") is not null), "it is taken");
        Assert.Null(node.Health.Fatal);
    }

    private AccountBook Open(out NodeSettings settings)
    {
        settings = TestSettings.Parse($"gossipdb.node.data-dir = \"{_directory.Path}\"");
        return new AccountBook(settings, new TestNode(settings).Health);
    }
}
