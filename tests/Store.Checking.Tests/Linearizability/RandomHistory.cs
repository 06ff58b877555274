using System.Globalization;
using Gossipdb.Checking.History;
using Gossipdb.Checking.Linearizability;
using Gossipdb.Checking.Operations;

namespace Gossipdb.Checking.Tests.Linearizability;

/// <summary>
/// Histories of one object: executed one call after the other, each call then stretched around the instant at which it took effect.
/// They have an order by the way they are made. With some chance a read is then given another answer.
/// </summary>
internal sealed class RandomHistory(Random random)
{
    /// <summary>How far a call is stretched to each side, against a distance of 10 between two.</summary>
    public int Stretch { get; init; } = 30;

    /// <summary>How often a change is in doubt.</summary>
    public double Doubt { get; init; }

    public static ISequentialModel ModelOf(string type) => type switch
    {
        "register" => new RegisterModel(),
        "counter" => new CounterModel(false),
        "bounded-counter" => new CounterModel(true),
        "flag" => new FlagModel(),
        _ => new SetModel(),
    };

    public (RecordedHistory History, List<TimedCall> Calls) Make(string type, int count, bool unique, bool mutate)
    {
        var builder = new HistoryBuilder();
        var (number, flag, set, value) = (0L, false, new SortedSet<string>(StringComparer.Ordinal), "null");
        var wrong = mutate ? random.Next(count) : -1;
        for (var i = 0; i < count; i++)
        {
            var at = 1000 + (10 * i);
            var (start, end) = (at - random.Next(Stretch), at + random.Next(Stretch));
            if (random.Next(2) == 0 || i == wrong)
            {
                var result = type switch
                {
                    "register" => value,
                    "flag" => flag ? "true" : "false",
                    "set" => $"[{string.Join(",", set)}]",
                    _ => number.ToString(CultureInfo.InvariantCulture),
                };
                builder.Read("r", type, "k", i == wrong ? Other(type, result, i) : result, start, end);
                continue;
            }

            var isDoubtful = random.NextDouble() < Doubt;
            var happens = !isDoubtful || random.Next(2) == 0;
            var outcome = isDoubtful ? Outcome.Unknown : Outcome.Ok;
            var (op, argument) = Change(type, i, unique, number);
            builder.Call("w", type, "k", op, argument, start, end, outcome: outcome);
            if (!happens) continue;
            number += op == "increment" ? long.Parse(argument!) : op == "decrement" ? -long.Parse(argument!) : 0;
            flag = op == "enable" || (flag && op != "disable");
            if (op == "add") set.Add(argument!);
            if (op == "remove") set.Remove(argument!);
            value = op == "write" ? argument! : value;
        }

        var history = builder.History;
        var key = history.Keys.Single();
        return (history, [.. key.Reads.Concat(key.Changes).Select(static one => new TimedCall(one, one.IsOk))]);
    }

    private (string Op, string? Argument) Change(string type, int i, bool unique, long number) => type switch
    {
        "register" => ("write", unique ? $"\"v{i}\"" : $"\"v{random.Next(3)}\""),
        "flag" => (random.Next(2) == 0 ? "enable" : "disable", null),
        "set" when unique => ("add", $"\"e{i}\""),
        "set" => (random.Next(3) == 0 ? "remove" : "add", $"\"e{random.Next(3)}\""),
        "counter" when unique => ("increment", "1"),
        "bounded-counter" when number < 3 => ("increment", "3"),
        _ => (random.Next(3) == 0 ? "decrement" : "increment", $"{random.Next(1, 4)}"),
    };

    private string Other(string type, string result, int i) => type switch
    {
        "register" => $"\"v{random.Next(i + 1)}\"",
        "flag" => result == "true" ? "false" : "true",
        "set" => random.Next(2) == 0 ? "[]" : $"[\"e{random.Next(i + 1)}\"]",
        _ => (long.Parse(result) + random.Next(-2, 3)).ToString(CultureInfo.InvariantCulture),
    };
}
