using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Accounts;
using Gossipdb.Replication.Placement;
using static Gossipdb.Replication.Accounts.AccountChange;

namespace Gossipdb.Replication.Tests.Accounts;

/// <summary>Users, roles, and who may what.</summary>
public sealed class AccountTests
{
    private static readonly Right ReadCarts = new(AccountAction.Read, Bytes.FromText("cart-"));
    private static readonly AccountState First = AccountState.Found("admin", Bytes.FromText("secret-hash"), Bytes.FromText("token-key"));

    [Fact]
    public void Two_admins_removed_on_two_sides_of_a_cut_leave_the_one_removed_last()
    {
        var common = With(First, 1, new AddUser("bob", Bytes.FromText("bobs")), new SetUserRight("bob", Right.Admin, true));
        var left = With(common, 1, new RemoveUser("bob"));
        var right = With(common, 2, new SetUserRight("bob", ReadCarts, true), new RemoveUser("admin"));

        var view = new AccountView(left.Join(right));

        var kept = Assert.Single(view.Users);
        Assert.Equal("admin", kept.Name);
        Assert.True(kept.IsKept);
        Assert.Equal("secret-hash", kept.PasswordHash.ToDisplayString());
        Assert.True(kept.Permissions.Allows(AccountAction.Admin));
    }

    [Fact]
    public void What_the_join_decided_is_settled_by_the_next_change()
    {
        var common = With(First, 1, new AddUser("bob", default), new SetUserRight("bob", Right.Admin, true));
        var left = With(common, 1, new SetDisabled("bob", true));
        var right = With(common, 2, new SetUserRight("admin", Right.Admin, false));
        var joined = left.Join(right);
        Assert.True(new AccountView(joined).User("admin")!.Permissions.Allows(AccountAction.Admin));
        Assert.Throws<AccountRefusedException>(() => With(joined, 1, new RemoveUser("admin")));

        var next = With(joined, 1, new SetDisabled("bob", false));

        // Both are: the one is not taken away again because the other came back.
        Assert.False(new AccountView(next).User("admin")!.IsKept);
        Assert.Equal(2, AccountHistory.AdminsOf(next).Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void The_last_admin_is_not_removed_disabled_or_stripped(int how)
    {
        AccountChange change = how switch
        {
            0 => new RemoveUser("admin"),
            1 => new SetDisabled("admin", true),
            _ => new SetUserRight("admin", Right.Admin, false),
        };

        var refused = Assert.Throws<AccountRefusedException>(() => With(First, 1, change));
        Assert.Equal("admin is the last admin: give another user the right admin first", refused.Message);
    }

    [Fact]
    public void An_admin_by_a_role_alone_is_not_stripped_through_the_role()
    {
        var state = With(
            First, 1, new AddRole("ops"), new SetRoleRight("ops", Right.Admin, true), new AddUser("bob", default),
            new SetRoleOfUser("bob", "ops", true), new RemoveUser("admin"));

        Assert.Throws<AccountRefusedException>(() => With(state, 1, new RemoveRole("ops")));
        Assert.Throws<AccountRefusedException>(() => With(state, 1, new SetRoleRight("ops", Right.Admin, false)));
        Assert.Throws<AccountRefusedException>(() => With(state, 1, new SetRoleOfUser("bob", "ops", false)));
    }

    [Fact]
    public void A_user_added_anew_has_nothing_of_the_one_before()
    {
        var state = With(
            First, 1, new AddRole("readers"), new SetRoleRight("readers", ReadCarts, true), new AddUser("bob", Bytes.FromText("old")),
            new SetUserRight("bob", ReadCarts, true), new SetRoleOfUser("bob", "readers", true));
        var elsewhere = With(state, 2, new SetUserRight("bob", Right.Admin, true));

        var anew = With(state, 1, new RemoveUser("bob"), new AddUser("bob", Bytes.FromText("new"))).Join(elsewhere);

        var bob = new AccountView(anew).User("bob")!;
        Assert.Empty(bob.OwnRights);
        Assert.Empty(bob.Roles);
        Assert.Equal("new", bob.PasswordHash.ToDisplayString());
    }

    [Fact]
    public void A_role_added_anew_is_nobodys_and_without_rights()
    {
        var state = With(
            First, 1, new AddRole("readers"), new SetRoleRight("readers", ReadCarts, true), new AddUser("bob", default),
            new SetRoleOfUser("bob", "readers", true), new RemoveRole("readers"));
        Assert.Empty(new AccountView(state).User("bob")!.Roles);

        var anew = new AccountView(With(state, 1, new AddRole("readers")));

        Assert.Empty(anew.Role("readers")!);
        Assert.Empty(anew.User("bob")!.Roles);
    }

    [Fact]
    public void The_first_admins_of_two_nodes_are_one_and_any_change_counts_more()
    {
        var changed = With(First, 1, new SetPassword("admin", Bytes.FromText("changed")));
        var late = AccountState.Found("admin", Bytes.FromText("zzz"), Bytes.FromText("other-key"));

        Assert.Equal("changed", new AccountView(late.Join(changed)).User("admin")!.PasswordHash.ToDisplayString());
        Assert.Equal(late.Join(First).Encode(), First.Join(late).Encode());
    }

    [Fact]
    public void A_prefix_is_found_among_others_and_covers_longer_ones()
    {
        var may = Permissions.Of(
        [
            ReadCarts, new(AccountAction.Read, Bytes.FromText("cart-7")), new(AccountAction.Read, Bytes.FromText("a")),
            new(AccountAction.Write, default), new(AccountAction.Read, Bytes.FromText("car")), Right.Admin,
        ]);

        foreach (var key in (string[])["a", "abc", "car", "cart-", "cart-7", "cart-8", "carx"]) Assert.True(May(may, key), key);
        foreach (var key in (string[])["", "b", "ca", "d", "\0", "cas"]) Assert.False(May(may, key), key);
        Assert.True(may.Allows(AccountAction.Write, default));
        Assert.False(may.Allows(AccountAction.Delete, "a"u8));
        Assert.True(may.Allows(AccountAction.Admin));
        Assert.False(may.Allows(AccountAction.Lab));
        Assert.False(Permissions.None.Allows(AccountAction.Read, default));
    }

    [Fact]
    public void Looking_up_a_right_allocates_nothing()
    {
        var may = Permissions.Of(Enumerable.Range(0, 100).Select(static i => new Right(AccountAction.Read, Bytes.FromText($"cart-{i}-"))));
        var key = "cart-42-total"u8;
        Assert.True(may.Allows(AccountAction.Read, key));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++) may.Allows(AccountAction.Read, key);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a:b")]
    [InlineData("größe")]
    public void A_name_that_would_not_fit_into_a_header_is_refused(string name) =>
        Assert.Throws<AccountRefusedException>(() => With(First, 1, new AddUser(name, default)));

    [Fact]
    public void There_is_a_bound_on_what_there_may_be()
    {
        var state = With(First, 1, new AddUser("bob", default));
        for (var i = 0; i < AccountLimits.MaxRights; i++)
            state = With(state, 1, new SetUserRight("bob", new Right(AccountAction.Read, Bytes.FromText($"{i}")), true));

        Assert.Throws<AccountRefusedException>(() => With(state, 1, new SetUserRight("bob", Right.Admin, true)));
        Assert.Throws<AccountRefusedException>(() =>
            With(First, 1, new SetUserRight("admin", new Right(AccountAction.Read, new Bytes(new byte[2_000])), true)));
        Assert.Throws<AccountRefusedException>(() =>
            With(First, 1, new SetUserRight("admin", new Right(AccountAction.Lab, Bytes.FromText("k")), true)));
    }

    [Fact]
    public void Damaged_bytes_are_refused_and_nothing_else_happens()
    {
        var bytes = With(First, 1, new AddUser("bob", Bytes.FromText("b")), new AddRole("r"), new SetRoleOfUser("bob", "r", true)).Encode();
        for (var i = 0; i < bytes.Length; i++)
        {
            var damaged = bytes.ToArray();
            damaged[i] ^= 0xff;
            try
            {
                AccountState.Decode(damaged);
            }
            catch (CorruptDataException)
            {
                // Or it is another state: files and links have checksums.
            }

            Assert.Throws<CorruptDataException>(() => AccountState.Decode(bytes.AsSpan(0, i)));
        }
    }

    [Fact]
    public void Nothing_secret_is_shown()
    {
        var view = new AccountView(First);
        foreach (var shown in (object[])[First, view, view.User("admin")!, new AddUser("bob", Bytes.FromText("secret-hash")),
            new SetPassword("bob", Bytes.FromText("secret-hash"))])
        {
            Assert.DoesNotContain("secret", shown.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("token-key", shown.ToString(), StringComparison.Ordinal);
        }
    }

    private static bool May(Permissions may, string key) => may.Allows(AccountAction.Read, System.Text.Encoding.UTF8.GetBytes(key));

    private static AccountState With(AccountState state, int node, params AccountChange[] changes) =>
        changes.Aggregate(state, (known, change) => known.Apply(change, new NodeId(node)));
}
