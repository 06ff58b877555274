using System.Collections.Frozen;
using Gossipdb.Node.Security;
using Gossipdb.Replication.Accounts;

namespace Gossipdb.Node.Server;

/// <summary>What a call needs before it is looked at, where callers must log in.</summary>
internal enum CallRule
{
    /// <summary>Nothing: for those who only look whether the node lives.</summary>
    Open,

    /// <summary>A login. What it reads or changes is asked of each request.</summary>
    LoggedIn,

    /// <summary>The right admin.</summary>
    Admin,

    /// <summary>The right admin, or to be a node of the cluster; nothing where nodes have neither certificates nor a secret.</summary>
    AdminOrNode,

    /// <summary>The right lab.</summary>
    Lab,
}

/// <summary>Which rule holds for which call, by its path. A call of ours without a rule is refused to all but admins.</summary>
internal static class CallRules
{
    private const string Ours = "/gossipdb.v1.";

    /// <summary>Where the dashboard's page lies. Anybody may see it; what it shows is below <see cref="DashboardData"/>.</summary>
    public const string Dashboard = "/dashboard/";

    /// <summary>Where the dashboard's calls begin.</summary>
    public const string DashboardData = "/dashboard/api/";

    private static readonly FrozenDictionary<string, CallRule> Rules = new Dictionary<string, CallRule>
    {
        ["/gossipdb.v1.Gossipdb/Execute"] = CallRule.LoggedIn,
        ["/gossipdb.v1.Gossipdb/Stream"] = CallRule.LoggedIn,
        ["/gossipdb.v1.Gossipdb/Watch"] = CallRule.LoggedIn,
        ["/gossipdb.v1.Gossipdb/Describe"] = CallRule.LoggedIn,
        ["/gossipdb.v1.Admin/Status"] = CallRule.Admin,
        ["/gossipdb.v1.Admin/Inspect"] = CallRule.LoggedIn, // and to read the key
        ["/gossipdb.v1.Admin/SetFaults"] = CallRule.Lab,
        ["/gossipdb.v1.Admin/Faults"] = CallRule.Lab,
        ["/gossipdb.v1.Admin/Layout"] = CallRule.AdminOrNode,
        ["/gossipdb.v1.Admin/StageLayout"] = CallRule.Admin,
        ["/gossipdb.v1.Admin/ApplyLayout"] = CallRule.Admin,
        ["/gossipdb.v1.Admin/Repair"] = CallRule.Admin,
        ["/gossipdb.v1.Admin/Backup"] = CallRule.Admin, // and to read all keys
        ["/gossipdb.v1.Admin/Journal"] = CallRule.Admin,
        ["/gossipdb.v1.Admin/Hot"] = CallRule.Admin, // and to read all keys
        ["/gossipdb.v1.Accounts/Login"] = CallRule.LoggedIn,
        ["/gossipdb.v1.Accounts/WhoAmI"] = CallRule.LoggedIn,
        ["/gossipdb.v1.Accounts/ListUsers"] = CallRule.Admin,
        ["/gossipdb.v1.Accounts/ListRoles"] = CallRule.Admin,
        ["/gossipdb.v1.Accounts/ChangeAccounts"] = CallRule.LoggedIn, // and admin, but for one's own password
        ["/grpc.health.v1.Health/Check"] = CallRule.Open,
        ["/grpc.health.v1.Health/Watch"] = CallRule.Open,
        ["/whoami"] = CallRule.LoggedIn,
        ["/login"] = CallRule.LoggedIn,
        ["/health/live"] = CallRule.Open,
        ["/health/ready"] = CallRule.Open,
        ["/metrics"] = CallRule.LoggedIn, // nothing of it is data: a user without a role will do
        ["/dashboard/api/login"] = CallRule.Open, // it asks for a password itself
        ["/dashboard/api/logout"] = CallRule.Open,
        ["/dashboard/api/session"] = CallRule.LoggedIn,
        ["/dashboard/api/cluster"] = CallRule.Admin,
        ["/dashboard/api/keys"] = CallRule.LoggedIn, // and to read the keys
        ["/dashboard/api/key"] = CallRule.LoggedIn, // and to read it
        ["/dashboard/api/watch"] = CallRule.LoggedIn, // and to read the key
        ["/dashboard/api/change"] = CallRule.LoggedIn, // and to write the key
        ["/dashboard/api/faults"] = CallRule.Lab,
        ["/dashboard/api/lab"] = CallRule.Lab,
        ["/dashboard/api/order"] = CallRule.Lab,
        ["/dashboard/api/scenarios"] = CallRule.Lab,
        ["/dashboard/api/run"] = CallRule.Lab,
        ["/dashboard/api/end-run"] = CallRule.Lab,
        ["/dashboard/api/report"] = CallRule.Lab,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Whether there is a rule for a call of ours.</summary>
    public static bool Has(string path) => Rules.ContainsKey(path);

    /// <summary>The rule for a path. What is not ours, reflection say, is for whoever has logged in.</summary>
    public static CallRule Of(string path) =>
        Rules.TryGetValue(path, out var rule) ? rule
        : path.StartsWith(Ours, StringComparison.OrdinalIgnoreCase) ? CallRule.Admin
        : path.StartsWith(DashboardData, StringComparison.OrdinalIgnoreCase) ? CallRule.Admin
        : path is "/" || path.StartsWith(Dashboard, StringComparison.OrdinalIgnoreCase) ? CallRule.Open
        : CallRule.LoggedIn;

    /// <summary>Why a call is refused; null where the caller may.</summary>
    public static AccessRefusal? RefusalOf(this AccessControl access, LoggedIn? who, CallRule rule) => rule switch
    {
        CallRule.Open => null,
        CallRule.Admin => access.RefusalOf(who, AccountAction.Admin),
        CallRule.AdminOrNode =>
            who?.Node is null && access.KnowsNodes ? access.RefusalOf(who, AccountAction.Admin) : null,
        CallRule.Lab => access.RefusalOf(who, AccountAction.Lab),
        _ => access.RefusalOf(who),
    };
}
