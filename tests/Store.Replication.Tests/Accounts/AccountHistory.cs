using CsCheck;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Accounts;
using Gossipdb.Replication.Placement;
using static Gossipdb.Replication.Accounts.AccountChange;

namespace Gossipdb.Replication.Tests.Accounts;

/// <summary>A random history: nodes that change the accounts, each for itself, and hear of each other now and then.</summary>
internal sealed class AccountHistory
{
    public const int Nodes = 3;

    /// <summary>What a step does at a node: a change, or joining what another one has.</summary>
    public sealed record Step(int Node, AccountChange? Change, int From);

    private static readonly Gen<string> Users = Gen.Int[0, 2].Select(static i => ((string[])["admin", "alice", "bob"])[i]);
    private static readonly Gen<string> RoleNames = Gen.Bool.Select(static first => first ? "ops" : "readers");
    private static readonly Gen<Right> AnyRight = Gen.Int[0, 5].Select(static i => i switch
    {
        0 => new Right(AccountAction.Read, Bytes.FromText("cart-")),
        1 => new Right(AccountAction.Write, default),
        2 => new Right(AccountAction.Lab, default),
        _ => Right.Admin,
    });

    private static readonly Gen<AccountChange> Changes = Gen.OneOf(
        Gen.Select(Users, Gen.Int[0, 9], static AccountChange (name, hash) => new AddUser(name, Bytes.FromText($"hash{hash}"))),
        Users.Select(static AccountChange (name) => new RemoveUser(name)),
        Gen.Select(Users, Gen.Int[0, 9], static AccountChange (name, hash) => new SetPassword(name, Bytes.FromText($"hash{hash}"))),
        Gen.Select(Users, Gen.Bool, static AccountChange (name, disabled) => new SetDisabled(name, disabled)),
        Gen.Select(Users, AnyRight, Gen.Bool, static AccountChange (name, right, granted) => new SetUserRight(name, right, granted)),
        Gen.Select(Users, RoleNames, Gen.Bool, static AccountChange (name, role, granted) => new SetRoleOfUser(name, role, granted)),
        RoleNames.Select(static AccountChange (role) => new AddRole(role)),
        RoleNames.Select(static AccountChange (role) => new RemoveRole(role)),
        Gen.Select(RoleNames, AnyRight, Gen.Bool, static AccountChange (role, right, granted) => new SetRoleRight(role, right, granted)));

    public static readonly Gen<Step[]> Histories = Gen.Frequency(
        (5, Gen.Select(Gen.Int[0, Nodes - 1], Changes, static (node, change) => new Step(node, change, node))),
        (1, Gen.Select(Gen.Int[0, Nodes - 1], Gen.Int[0, Nodes - 1], static (node, from) => new Step(node, null, from)))).Array[0, 60];

    public AccountHistory(Step[] steps)
    {
        for (var i = 0; i < Nodes; i++)
            States[i] = AccountState.Found("admin", Bytes.FromText($"first{i}"), Bytes.FromText($"key{i}"));
        Note();
        foreach (var step in steps)
        {
            if (step.Change is null)
            {
                States[step.Node] = States[step.Node].Join(States[step.From]);
            }
            else
            {
                try
                {
                    States[step.Node] = States[step.Node].Apply(step.Change, new NodeId(step.Node + 1));
                }
                catch (AccountRefusedException)
                {
                    continue;
                }
            }

            Note();
        }
    }

    public AccountState[] States { get; } = new AccountState[Nodes];

    public AccountState All => States.Aggregate(static (all, one) => all.Join(one));

    /// <summary>Who was an admin on some node at some time, by what the node's state said.</summary>
    public HashSet<string> EverAdmins { get; } = [];

    public static List<UserView> AdminsOf(AccountState state) =>
        [.. new AccountView(state).Users.Where(static user => !user.IsDisabled && user.Permissions.Allows(AccountAction.Admin))];

    private void Note()
    {
        foreach (var state in States)
        {
            foreach (var admin in AdminsOf(state))
                if (!admin.IsKept) EverAdmins.Add(admin.Name);
        }
    }
}
