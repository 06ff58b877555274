using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Accounts;
using Gossipdb.Replication.Placement;
using Gossipdb.Testing;
using static Gossipdb.Replication.Accounts.AccountChange;

namespace Gossipdb.Replication.Tests.Golden;

/// <summary>The bytes of users and roles.</summary>
public sealed class AccountGoldenTests
{
    private static readonly GoldenFile File = new(
        "accounts.txt",
        """
        Users, roles and their rights, as nodes keep them and tell them to each other.
        Version: the first byte.
        """);

    private static IEnumerable<(string Name, byte[] Bytes)> Samples
    {
        get
        {
            var first = AccountState.Found("admin", Bytes.FromText("hash"), Bytes.FromText("key"));
            yield return ("nobody", AccountState.Empty.Encode());
            yield return ("the first admin", first.Encode());
            AccountChange[] changes =
            [
                new AddUser("alice", Bytes.FromText("hash-a")), new AddUser("bob", default), new AddRole("readers"),
                new SetRoleRight("readers", new Right(AccountAction.Read, Bytes.FromText("cart-")), true),
                new SetRoleOfUser("alice", "readers", true), new SetUserRight("alice", new Right(AccountAction.Write, default), true),
                new SetUserRight("bob", Right.Admin, true), new SetDisabled("admin", true), new AddRole("gone"), new RemoveRole("gone"),
                new AddUser("eve", default), new RemoveUser("eve"),
                new SetUserRight("alice", new Right(AccountAction.Write, default), false),
            ];
            yield return ("all there is", changes.Aggregate(first, static (state, change) => state.Apply(change, new NodeId(3))).Encode());
        }
    }

    [Fact]
    public void Accounts_are_encoded_as_committed() => File.Check(Samples);

    [Fact]
    public void Committed_accounts_are_read()
    {
        foreach (var (name, bytes) in File.Bytes) Assert.True(AccountState.Decode(bytes).Encode().AsSpan().SequenceEqual(bytes), name);
    }
}
