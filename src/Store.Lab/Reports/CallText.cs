using System.Text.Json;
using Gossipdb.Checking.History;
using Gossipdb.Lab.Html;

namespace Gossipdb.Lab.Reports;

/// <summary>Calls and values in words.</summary>
internal static class CallText
{
    private const int MostLetters = 60;
    private const int MostItems = 12;

    /// <summary>What was asked: "add "pear" to cart:42 at one".</summary>
    public static string Asked(CallRecord call)
    {
        var level = call.Level is null ? "" : $" at {call.Level}";
        var what = call.Type == "batch"
            ? $"{call.Op} {call.Parts?.Count ?? 0} keys together, from {Shown.Short(call.Key, MostLetters)} on"
            : call.IsRead ? $"read {Shown.Short(call.Key, MostLetters)}" : Change(call);
        return what + level;
    }

    /// <summary>What came of it: "acked by nodes 1, 2", "returned 5", "refused: Unavailable".</summary>
    public static string Came(CallRecord call)
    {
        var who = call.Receipt is { } receipt ? Who(receipt) : "";
        return call.Outcome switch
        {
            Outcome.Ok when call.IsRead => $"returned {Value(call.Result)}{(who.Length > 0 ? $", from {who}" : "")}",
            Outcome.Ok => who.Length > 0 ? $"acked by {who}" : "acked",
            Outcome.Refused => $"refused: {call.Error ?? "no reason recorded"}",
            _ => call.End is null ? "no answer before the end" : $"nobody knows what became of it: {call.Error ?? "no reason recorded"}",
        };
    }

    /// <summary>Who called: "caller 3, side 1".</summary>
    public static string Caller(CallRecord call) =>
        call.Side is { Length: > 0 } side ? $"{call.Caller}, {ReportContent.SideName(side)}" : call.Caller;

    /// <summary>A value: a number, a text in quotes, a set in braces, "nothing".</summary>
    public static string Value(JsonElement? value) => value is not { } some ? "nothing" : some.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => "nothing",
        JsonValueKind.String => $"\"{Shown.Short(some.GetString() ?? "", MostLetters)}\"",
        JsonValueKind.Array => Items(some),
        _ => Shown.Short(some.GetRawText(), MostLetters),
    };

    private static string Change(CallRecord call)
    {
        var key = Shown.Short(call.Key, MostLetters);
        return call.Op switch
        {
            "increment" or "decrement" => $"{call.Op} {key} by {(call.Argument is null ? "1" : Value(call.Argument))}",
            "write" => $"write {Value(call.Argument)} to {key}",
            "add" => $"add {Value(call.Argument)} to {key}",
            "remove" => $"remove {Value(call.Argument)} from {key}",
            _ => call.Argument is null ? $"{call.Op} {key}" : $"{call.Op} {key}: {Value(call.Argument)}",
        };
    }

    private static string Items(JsonElement array)
    {
        var items = array.EnumerateArray().Take(MostItems).Select(static item => Value(item)).ToList();
        var more = array.GetArrayLength() - items.Count;
        return $"{{{string.Join(", ", items)}{(more > 0 ? $", … {more} more" : "")}}}";
    }

    private static string Who(CallReceipt receipt)
    {
        string[] parts =
        [
            .. receipt.Nodes.Count == 0 ? [] : new[] { (receipt.Nodes.Count == 1 ? "node " : "nodes ") + string.Join(", ", receipt.Nodes) },
            .. receipt.StandIns.Count == 0 ? []
                : new[] { (receipt.StandIns.Count == 1 ? "stand-in " : "stand-ins ") + string.Join(", ", receipt.StandIns) },
        ];
        return string.Join(" and ", parts);
    }
}
