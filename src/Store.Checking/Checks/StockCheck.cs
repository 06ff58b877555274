using Gossipdb.Checking.Operations;
using Gossipdb.Checking.Verdicts;

namespace Gossipdb.Checking.Checks;

/// <summary>
/// A stock never falls below zero, and no more is sold than there was. Bounded counters are asked as they are. A register that holds a
/// number is asked as a naive stock: a write of less than its caller had read is a sale, a write of more a delivery, and the first write,
/// by a caller that had read nothing, the stock to begin with.
/// </summary>
public sealed class StockCheck : IHistoryCheck
{
    private const string Bounded = "bounded-counter";

    /// <inheritdoc/>
    public string Name => "stock";

    /// <inheritdoc/>
    public string Question => "Does a stock (bounded counter, number in a register) fall below zero, or is more sold than there was?";

    /// <inheritdoc/>
    public bool Promises(Verdict verdict) => verdict.Check.EndsWith(Bounded, StringComparison.Ordinal);

    /// <inheritdoc/>
    public IEnumerable<Verdict> Check(RecordedHistory history, CancellationToken stop)
    {
        var bounded = new Findings($"{Name}: {Bounded}");
        var naive = new Findings($"{Name}: register");
        foreach (var key in history.Keys)
        {
            stop.ThrowIfCancellationRequested();
            if (key.Type == ObjectType.BoundedCounter) AskBounded(history, key, bounded);
            else if (IsNumberRegister(key)) AskNaive(history, key, naive);
        }

        return [Told(bounded, "bounded counter"), Told(naive, "number in a register", "numbers in registers")];
    }

    private static Verdict Told(Findings findings, string one, string? many = null)
    {
        var (sold, oversold) = (findings.FigureOf("sold"), findings.FigureOf("oversold"));
        findings.Figure("oversold", oversold);
        return findings.Verdict(
            $"{Words.Count(findings.Looked, one, many)}: {sold:#,0} sold, never more than there was.",
            oversold > 0
                ? $"{oversold:#,0} of {sold:#,0} sold were not there."
                : $"{Words.Count(findings.Count, "time")} there was less than nothing.",
            $"There is no {one} from which anything was taken.");
    }

    private static void AskBounded(RecordedHistory history, KeyHistory key, Findings findings)
    {
        if (key.Changes.Count == 0) return;
        findings.Looked++;
        var sold = -key.Changes.Where(static one => one.IsOk && one.Amount < 0).Sum(static one => one.Amount);
        var stock = key.Changes.Where(static one => one.Amount > 0).Sum(static one => one.Amount);
        findings.Increase("sold", sold);
        if (sold > stock)
        {
            findings.Increase("oversold", sold - stock);
            var last = key.Changes.FindLast(static one => one.IsOk && one.Amount < 0)!;
            findings.Add(() => $"{Words.Of(key)}: of {stock} put in, {sold} were taken, the last by {Words.Of(history, last)}.", last);
        }

        if (key.Reads.Find(static one => one.Result.Number < 0) is { } read)
            findings.Add(() => $"{Words.Of(key)}: {Words.Of(history, read)}.", read);
        if (key.Finals.Exists(static one => one.Value.Number < 0))
            findings.Add(() => $"{Words.Of(key)}: in the end the nodes hold {Words.Finals(history, key)}.");
    }

    private static bool IsNumberRegister(KeyHistory key) =>
        key.Type == ObjectType.Register && key.Changes.Count > 1
        && key.Changes.TrueForAll(static one => one.Act == Act.Write && one.Argument.Kind == ValueKind.Number);

    private static void AskNaive(RecordedHistory history, KeyHistory key, Findings findings)
    {
        var (stock, sold) = (0L, 0L);
        var sales = new List<DerivedWrite>();
        foreach (var write in DerivedWrite.Of(key))
        {
            var change = write.Write.Argument.Number - write.BaseValue.Number;
            if (change >= 0) stock += change;
            else if (write.Write.IsOk)
            {
                sold -= change;
                sales.Add(write);
            }
        }

        if (sales.Count == 0) return;
        findings.Looked++;
        findings.Increase("sold", sold);
        if (sold <= stock) return;
        findings.Increase("oversold", sold - stock);
        var twice = sales.GroupBy(static one => one.BaseValue).FirstOrDefault(static group => group.Count() > 1)?.Take(2).ToArray() ?? [];
        var same = twice.Length < 2 ? ""
            : $" Two sold the same: {Words.Of(history, twice[0].Write)}, and {Words.Of(history, twice[1].Write)},"
                + $" both having read {twice[0].BaseValue.Number}.";
        findings.Add(() => $"{Words.Of(key)}: of {stock} put in, {sold} were sold.{same}", [.. twice.Select(static one => one.Write)]);
    }
}
