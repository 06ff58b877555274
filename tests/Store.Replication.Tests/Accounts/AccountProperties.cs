using CsCheck;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Accounts;
using static Gossipdb.Replication.Accounts.AccountChange;

namespace Gossipdb.Replication.Tests.Accounts;

/// <summary>What holds of the accounts after any history, on any node and of any join.</summary>
public sealed class AccountProperties
{
    private const int Histories = 3_000;

    [Fact]
    public void States_form_a_lattice() => Check(static history =>
    {
        var (a, b, c) = (history.States[0], history.States[1], history.States[2]);
        Same(a.Join(b), b.Join(a));
        Same(a.Join(b).Join(c), a.Join(b.Join(c)));
        Same(a, a.Join(a));
        Same(a.Join(b), a.Join(b).Join(a));
    });

    [Fact]
    public void A_state_survives_encoding_in_one_form() => Check(static history =>
    {
        foreach (var state in history.States) Same(state, AccountState.Decode(state.Encode()));
    });

    [Fact]
    public void There_is_an_admin_whatever_was_changed_on_any_side_of_any_cut() => Check(static history =>
    {
        foreach (var state in history.States.Append(history.All).Append(history.States[0].Join(history.States[1])))
            Assert.NotEmpty(AccountHistory.AdminsOf(state));
    });

    [Fact]
    public void Who_is_kept_as_an_admin_was_one() => Check(static history =>
    {
        foreach (var admin in AccountHistory.AdminsOf(history.All))
            if (admin.IsKept) Assert.Contains(admin.Name, history.EverAdmins);
        Assert.True(new AccountView(history.All).Users.Count(static user => user.IsKept) <= 1);
    });

    [Fact]
    public void A_right_taken_away_does_not_come_back_by_hearing_of_who_had_not_heard_of_it() => Check(static history =>
    {
        var state = history.States[0];
        if (new AccountView(state).User("bob") is null) state = state.Apply(new AddUser("bob", default), new(1));
        state = state.Apply(new SetUserRight("bob", Read, true), new(1));
        Assert.Contains(Read, new AccountView(state).User("bob")!.OwnRights);

        var taken = state.Apply(new SetUserRight("bob", Read, false), new(1));

        foreach (var joined in (AccountState[])[taken, taken.Join(state), taken.Join(history.All)])
            Assert.DoesNotContain(Read, new AccountView(joined).User("bob")?.OwnRights ?? []);
        Same(taken, taken.Join(state));
    });

    private static readonly Right Read = new(AccountAction.Read, Bytes.FromText("only-here"));

    private static void Same(AccountState expected, AccountState actual) => Assert.Equal(expected.Encode(), actual.Encode());

    private static void Check(Action<AccountHistory> holds) =>
        AccountHistory.Histories.Sample(steps => holds(new AccountHistory(steps)), iter: Histories);
}
