using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Gossipdb.Cli.Connecting;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;
using Gossipdb.Client;
using Spectre.Console;

namespace Gossipdb.Cli.Commands;

/// <summary><c>inspect</c>: what each replica holds of a key, with dots and clocks, side by side.</summary>
internal static class InspectCommand
{
    public static Command Create(CommonOptions options, Terminal terminal)
    {
        var command = new Command("inspect", "Show what each replica holds of a key, with dots and clocks, side by side")
        {
            options.Key,
            options.Bytes.Hex,
        };
        foreach (var option in options.Connection) command.Add(option);
        command.SetAction(async (parse, stop) =>
        {
            var (key, form) = (parse.GetRequiredValue(options.Key), options.Bytes.Form(parse));
            using var admins = await ClusterAdmins.ConnectAsync(options.ClientOptions(parse), stop);
            var answers = await admins.AskAnyAsync((_, admin) => admin.InspectAsync(key, stop));
            if (parse.GetValue(options.Json)) terminal.Json(Document(form.Whole(key), answers));
            else
            {
                Print(terminal, form.Line(key), answers);
                foreach (var silent in answers.Where(static answer => answer.Problem is not null))
                    terminal.Remark($"node {silent.Node}: {silent.Problem!.Message}");
            }

            return (int)(answers.Any(static answer => answer.Value is { Owner: true }) ? ExitCode.Ok : ExitCode.Unavailable);
        });
        return command;
    }

    /// <summary>Says in one line whether the replicas agree, and on what they do not.</summary>
    public static string Verdict(IReadOnlyList<NodeAnswer<Inspection>> answers)
    {
        var owners = answers.Select(static answer => answer.Value).OfType<Inspection>().Where(static held => held.Owner).ToList();
        var silent = answers.Where(static answer => answer.Problem is not null).Select(static answer => answer.Node).ToList();
        var unasked = silent.Count == 0 ? "" : $" (no answer from {Nodes(silent)})";
        if (owners.Count == 0) return "no owner of the key answered" + unasked;
        var different = owners.Where(held => !Clocks.Equal(held.Clock, owners[0].Clock)).ToList();
        if (different.Count > 0)
        {
            var behind = owners
                .Select(held => (held.Node, Missing: owners.Max(other => Clocks.Missing(other.Clock, held.Clock))))
                .Where(static held => held.Missing > 0)
                .Select(static held => $"node {held.Node} lacks {held.Missing.ToString("N0", CultureInfo.InvariantCulture)}");
            var content = owners.All(held => SameContent(held, owners[0]))
                ? "what they hold of this key is the same"
                : "what they hold of this key differs";
            return $"the partition's clocks differ: {string.Join(", ", behind)} of the others' changes; {content}{unasked}";
        }

        return owners.All(held => SameContent(held, owners[0]))
            ? $"{Nodes(owners.Select(static held => held.Node))} agree: equal clocks, equal content{unasked}"
            : $"the clocks are equal and the content differs: this must never be, please report it{unasked}";
    }

    private static bool SameContent(Inspection one, Inspection other) =>
        one.Objects
            .Select(Content)
            .Order(StringComparer.Ordinal)
            .SequenceEqual(other.Objects.Select(Content).Order(StringComparer.Ordinal));

    private static string Content(InspectedObject held) => $"{held.Type} {held.Visible} {string.Join('\n', held.Lines)}";

    private static string Nodes(IEnumerable<int> nodes) => $"nodes {string.Join(", ", nodes)}";

    private static void Print(Terminal terminal, string key, IReadOnlyList<NodeAnswer<Inspection>> answers)
    {
        var some = answers.Select(static answer => answer.Value).FirstOrDefault(static held => held is not null);
        if (some is not null) terminal.Line($"'{key}' is in partition {some.Partition}, owned by {Nodes(some.Owners)}");
        var table = Tables.New(["", .. answers.Select(static answer => $"node {answer.Node}")]);
        table.ShowRowSeparators = true;
        void Row(string name, Func<Inspection, string> cell) =>
            table.AddTextRow(answers.Select(answer => answer.Value is { } held ? cell(held) : "no answer").Prepend(name));

        Row("role", static held => held.Owner ? "owner" : "not an owner");
        Row("replica", static held => held.Owner ? held.Replica.ToString("x16", CultureInfo.InvariantCulture) : "");
        Row("clock of the partition", static held => held.Owner ? Clocks.Text(held.Clock) : "");
        var types = answers.SelectMany(static answer => answer.Value?.Objects ?? []).Select(static held => held.Type).Distinct().Order();
        foreach (var type in types) Row(ValueOutput.NameOf(type), held => ObjectText(held, type));
        if (answers.Any(static answer => answer.Value?.ExpiresAt is not null))
            Row("expires", static held => held.ExpiresAt is { } until ? ValueOutput.Moment(until) : held.Owner ? "(never)" : "");
        terminal.Render(table);
        terminal.Line(Verdict(answers));
    }

    private static string ObjectText(Inspection inspection, StoredType type)
    {
        if (inspection.Objects.FirstOrDefault(held => held.Type == type) is not { } found) return inspection.Owner ? "(nothing)" : "";
        List<string> lines = [.. found.Lines];
        if (!found.Visible) lines.Add("(readers see nothing)");
        if (inspection.Objects.Count > 1) lines.Add(found.Answers ? "(this type answers readers)" : "(hidden: another type answers)");
        lines.Add($"last change {Clocks.Text(found.LastChange).Replace('\n', ' ')}");
        return string.Join('\n', lines);
    }

    private static JsonObject Document(string key, IReadOnlyList<NodeAnswer<Inspection>> answers) => new()
    {
        ["key"] = key,
        ["verdict"] = Verdict(answers),
        ["replicas"] = new JsonArray([.. answers.Select(static answer => (JsonNode)Replica(answer))]),
    };

    private static JsonObject Replica(NodeAnswer<Inspection> answer) => answer.Value is not { } held
        ? new() { ["node"] = answer.Node, ["problem"] = answer.Problem?.Message }
        : new()
        {
            ["node"] = held.Node,
            ["partition"] = held.Partition,
            ["owner"] = held.Owner,
            ["replica"] = held.Replica.ToString("x16", CultureInfo.InvariantCulture),
            ["clock"] = Clock(held.Clock),
            ["expiresAt"] = held.ExpiresAt is { } until ? ValueOutput.Moment(until) : null,
            ["objects"] = new JsonArray([.. held.Objects.Select(static one => (JsonNode)new JsonObject
            {
                ["type"] = ValueOutput.NameOf(one.Type),
                ["answers"] = one.Answers,
                ["visible"] = one.Visible,
                ["lines"] = ValueOutput.Json(one.Lines),
                ["lastChange"] = Clock(one.LastChange),
            })]),
        };

    private static JsonObject Clock(IEnumerable<ClockEntry> clock)
    {
        var entries = new JsonObject();
        foreach (var entry in clock.OrderBy(static entry => entry.Replica))
            entries[entry.Replica.ToString("x16", CultureInfo.InvariantCulture)] = entry.Sequence;
        return entries;
    }
}
