using System.Text.Json.Nodes;
using Gossipdb.Cli.Output;
using Gossipdb.Client;

namespace Gossipdb.Cli.Commands;

/// <summary>How users, roles and rights are told.</summary>
internal static class AccountTables
{
    public static string Words(AccessRight right)
    {
        var action = right.Action.ToString().ToLowerInvariant();
        return right.Action is AccessAction.Admin or AccessAction.Lab ? action : $"{action} {right.Prefix.ToEscaped()}*";
    }

    public static JsonArray Json(IEnumerable<AccessRight> rights) => [.. rights.Select(static right =>
    {
        var json = new JsonObject { ["action"] = right.Action.ToString().ToLowerInvariant() };
        if (right.Action is not (AccessAction.Admin or AccessAction.Lab)) json["prefix"] = right.Prefix.ToEscaped();
        return (JsonNode)json;
    })];

    public static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(static text => (JsonNode)JsonValue.Create(text)!)];

    public static JsonObject Json(UserAccount user) => new()
    {
        ["user"] = user.Name,
        ["disabled"] = user.IsDisabled,
        ["password"] = user.HasPassword,
        ["roles"] = Texts(user.Roles),
        ["rights"] = Json(user.Rights),
        ["kept"] = user.IsKept,
    };

    public static JsonObject Json(RoleAccount role) => new() { ["role"] = role.Name, ["rights"] = Json(role.Rights) };

    public static void Print(Terminal terminal, IEnumerable<UserAccount> users)
    {
        var table = Tables.New("user", "state", "roles", "rights of its own");
        foreach (var user in users)
        {
            table.AddTextRow(
                user.Name,
                user.IsKept ? "the last admin, kept" : user.IsDisabled ? "disabled" : user.HasPassword ? "password" : "no password",
                string.Join(", ", user.Roles),
                string.Join('\n', user.Rights.Select(Words)));
        }

        terminal.Render(table);
    }

    public static void Print(Terminal terminal, IEnumerable<RoleAccount> roles)
    {
        var table = Tables.New("role", "rights");
        foreach (var role in roles) table.AddTextRow(role.Name, string.Join('\n', role.Rights.Select(Words)));
        terminal.Render(table);
    }
}
