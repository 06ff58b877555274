using System.CommandLine.Parsing;
using Gossipdb.Client;

namespace Gossipdb.Node.Cli;

/// <summary>One change of a batch in words: those of the command that makes the change alone.</summary>
internal static class BatchLine
{
    private sealed record Form(string Words, string Arguments, int Least, int Most, Action<Batch, Words> Add);

    private static readonly Form[] Forms =
    [
        new("counter incr", "KEY [N]", 1, 2, static (batch, words) => batch.Increment(words[0], Amount(words))),
        new("counter decr", "KEY [N]", 1, 2, static (batch, words) => batch.Increment(words[0], -Amount(words))),
        new("grow-counter incr", "KEY [N]", 1, 2, static (batch, words) => batch.Increment(words[0], StoredType.GrowOnlyCounter, Amount(words))),
        new("bounded-counter incr", "KEY [N]", 1, 2, static (batch, words) => batch.Increment(words[0], StoredType.BoundedCounter, Amount(words))),
        new("bounded-counter decr", "KEY [N]", 1, 2, static (batch, words) => batch.Increment(words[0], StoredType.BoundedCounter, -Amount(words))),
        new("reset", "KEY", 1, 1, static (batch, words) => batch.Reset(words[0])),
        new("set add", "KEY ELEMENT…", 2, int.MaxValue, static (batch, words) => batch.Add(words[0], words[1..])),
        new("set remove", "KEY ELEMENT…", 2, int.MaxValue, static (batch, words) => batch.Remove(words[0], words[1..])),
        new("remove-wins-set add", "KEY ELEMENT…", 2, int.MaxValue, static (batch, words) => batch.Add(words[0], StoredType.RemoveWinsSet, words[1..])),
        new("remove-wins-set remove", "KEY ELEMENT…", 2, int.MaxValue, static (batch, words) => batch.Remove(words[0], StoredType.RemoveWinsSet, words[1..])),
        new("grow-set add", "KEY ELEMENT…", 2, int.MaxValue, static (batch, words) => batch.Add(words[0], StoredType.GrowOnlySet, words[1..])),
        new("sorted-set set", "KEY MEMBER SCORE", 3, 3, static (batch, words) => batch.SetScore(words[0], words[1], Parsers.Amount(words.Text(2)))),
        new("sorted-set incr", "KEY MEMBER [N]", 2, 3, static (batch, words) => batch.IncrementScore(words[0], words[1], Amount(words, 2))),
        new("sorted-set remove", "KEY MEMBER…", 2, int.MaxValue, static (batch, words) => batch.RemoveMembers(words[0], words[1..])),
        new("register set", "KEY VALUE", 2, 2, static (batch, words) => batch.SetRegister(words[0], words[1].Memory)),
        new("max assign", "KEY N", 2, 2, static (batch, words) => batch.AssignMax(words[0], Parsers.Amount(words.Text(1)))),
        new("min assign", "KEY N", 2, 2, static (batch, words) => batch.AssignMin(words[0], Parsers.Amount(words.Text(1)))),
        new("flag enable", "KEY", 1, 1, static (batch, words) => batch.Enable(words[0])),
        new("flag disable", "KEY", 1, 1, static (batch, words) => batch.Disable(words[0])),
        new("map set", "KEY FIELD VALUE", 3, 3, static (batch, words) => batch.Map(words[0], map => map.SetRegister(words[1], words[2].Memory))),
        new("map incr", "KEY FIELD [N]", 2, 3, static (batch, words) => batch.Map(words[0], map => map.Increment(words[1], Amount(words, 2)))),
        new("sequence append", "KEY VALUE…", 2, int.MaxValue, static (batch, words) => batch.AppendValues(words[0], words[1..])),
        new("text append", "KEY TEXT", 2, 2, static (batch, words) => batch.AppendText(words[0], words.Text(1))),
        new("json set", "KEY PATH JSON", 3, 3, static (batch, words) => batch.SetJson(words[0], words.Text(1), words.Text(2))),
        new("hyperloglog add", "KEY ELEMENT…", 2, int.MaxValue, static (batch, words) => batch.AddDistinct(words[0], words[1..])),
        new("delete", "KEY", 1, 1, static (batch, words) => batch.Delete(words[0])),
        new("expire", "KEY TIME", 2, 2, static (batch, words) => batch.Expire(words[0], Parsers.Lifetime(words.Text(1)))),
        new("persist", "KEY", 1, 1, static (batch, words) => batch.Persist(words[0])),
    ];

    /// <summary>What a line can say, a form each.</summary>
    public static IEnumerable<string> Known => Forms.Select(static form => $"{form.Words} {form.Arguments}");

    /// <summary>Adds the change a line says. Words that hold spaces are quoted.</summary>
    /// <exception cref="CliException">The line says none; the message quotes it.</exception>
    public static void Add(Batch batch, string line, ByteForm bytes)
    {
        var words = CommandLineParser.SplitCommandLine(line).ToArray();
        var form = Forms.FirstOrDefault(form => words.AsSpan().StartsWith(form.Words.Split(' ')))
            ?? throw CliException.Usage($"'{line}' is no change of a batch; there are: {string.Join(", ", Forms.Select(static form => form.Words))}");
        var rest = words[form.Words.Split(' ').Length..];
        if (rest.Length < form.Least || rest.Length > form.Most) throw CliException.Usage($"'{line}': write {form.Words} {form.Arguments}");
        try
        {
            form.Add(batch, new Words(rest, bytes));
        }
        catch (FormatException problem)
        {
            throw CliException.Usage($"'{line}': {problem.Message}");
        }
    }

    private static long Amount(Words words, int at = 1) => words.Length > at ? Parsers.Amount(words.Text(at)) : 1;

    /// <summary>The words behind the change's name: each bytes, or text.</summary>
    private sealed class Words(string[] words, ByteForm form)
    {
        public int Length => words.Length;

        public Bytes this[int at] => form.Read(words[at]);

        public Bytes[] this[Range some] => [.. words[some].Select(form.Read)];

        public string Text(int at) => words[at];
    }
}
