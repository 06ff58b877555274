using System.CommandLine;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;
using Gossipdb.Client;

namespace Gossipdb.Cli.Commands;

/// <summary><c>sorted-set</c>: members in order of their scores.</summary>
internal static class SortedSetCommands
{
    public static Command Create(DataCommands data)
    {
        var member = data.Bytes.One("MEMBER", "A member");
        var command = new Command("sorted-set", "Members in order of their scores, the highest first: leaderboards, queues by time")
        {
            data.Read("members", "Print all members, with their scores before them", [],
                static call => Set(call).ReadAsync(call.Read, call.Stop), Tell),
            data.Read("rank", "Print how many members are before this one: 0 for the highest score", [member],
                call => Set(call).ReadRankAsync(call.Get(member), call.Read, call.Stop),
                (call, rank) => Answers.Number(StoredType.SortedSet, rank, NotHeld(call, call.Get(member)))),
            data.Read("score", "Print a member's score", [member],
                call => Set(call).ReadScoreAsync(call.Get(member), call.Read, call.Stop),
                (call, score) => Answers.Number(StoredType.SortedSet, score, NotHeld(call, call.Get(member)))),
            data.Read("count", "Print how many members there are, without fetching them", [],
                static call => Set(call).ReadCountAsync(call.Read, call.Stop),
                static (_, count) => Answers.Number(StoredType.SortedSet, count)),
        };
        foreach (var write in Writes(data, member)) command.Add(write);
        foreach (var range in Ranges(data)) command.Add(range);
        return command;
    }

    private static IEnumerable<Command> Writes(DataCommands data, Argument<Bytes> member)
    {
        var pairs = Pairs(data);
        var amount = Parsers.Argument("N", "How much; 1 unless said otherwise", Parsers.Amount, static () => 1L);
        var members = data.Bytes.Several("MEMBER", "One or more members");
        yield return data.Write("set", "Give members their scores, all in one write", [pairs],
            call => Set(call).SetAsync(call.Get(pairs), call.Write, call.Stop));
        yield return data.Write("incr", "Add to a member's score", [member, amount],
            call => Set(call).IncrementAsync(call.Get(member), call.Get(amount), call.Write, call.Stop));
        yield return data.Write("remove", "Remove members, all in one write", [members],
            call => Set(call).RemoveAsync(call.Get(members), call.Write, call.Stop));
    }

    private static IEnumerable<Command> Ranges(DataCommands data)
    {
        var top = Parsers.Argument("N", "How many; 10 unless said otherwise", Parsers.Count, static () => 10);
        var start = Parsers.Required("START", "The first one's rank; 0 is the highest score's", Parsers.Index);
        var count = Parsers.Required("COUNT", "How many", Parsers.Count);
        var min = Parsers.Required("MIN", "The least score", Parsers.Amount);
        var max = Parsers.Required("MAX", "The greatest score", Parsers.Amount);
        var limit = Parsers.Option("--limit", "How many at most (default: 100)", "N", Parsers.Count, static () => 100);
        yield return data.Read("top", "Print the members with the highest scores", [top],
            call => Set(call).ReadRangeByRankAsync(0, call.Get(top), call.Read, call.Stop), Tell);
        yield return data.Read("range", "Print members by their places", [start, count],
            call => Set(call).ReadRangeByRankAsync(call.Get(start), call.Get(count), call.Read, call.Stop), Tell);
        yield return data.Read("between", "Print members by their scores, both ends included", [min, max, limit],
            call => Set(call).ReadRangeByScoreAsync(call.Get(min), call.Get(max), call.Get(limit), call.Read, call.Stop), Tell);
    }

    private static SortedSetHandle Set(DataCall call) => call.Objects.SortedSet(call.Name);

    private static Answer Tell(DataCall call, IReadOnlyList<ScoredMember> members) => new(
        ValueOutput.Lines(members, call.Form),
        ValueOutput.Json(members, call.Form),
        ValueOutput.NameOf(StoredType.SortedSet),
        $"there are no such members in {call.Shown}");

    private static string NotHeld(DataCall call, Bytes member) => $"'{call.Form.Line(member)}' is no member of {call.Shown}";

    private static Argument<ScoredMember[]> Pairs(DataCommands data) => new("MEMBER SCORE")
    {
        Description = "A member and its score, and as many more such pairs as wanted",
        Arity = new ArgumentArity(2, 100_000),
        CustomParser = result =>
        {
            var form = data.Bytes.Form(result);
            var words = result.Tokens.Select(static token => token.Value).Chunk(2).ToList();
            try
            {
                return [.. words.Select(pair => pair is [var member, var score]
                    ? new ScoredMember(form.Read(member), Parsers.Amount(score))
                    : throw new FormatException($"the member '{pair[0]}' has no score"))];
            }
            catch (FormatException problem)
            {
                result.AddError($"MEMBER SCORE: {problem.Message}");
                return [];
            }
        },
    };
}
