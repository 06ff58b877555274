using System.Globalization;

namespace Gossipdb.Cli.Load;

/// <summary>What to write for every row.</summary>
internal sealed class RowOperation
{
    private readonly Template _key;
    private readonly Template? _element;
    private readonly Template? _amount;

    private RowOperation(Template key, Template? element, Template? amount) => (_key, _element, _amount) = (key, element, amount);

    /// <summary>"KEY=ELEMENT": adds an element to a set.</summary>
    /// <exception cref="FormatException">The text is not that.</exception>
    public static RowOperation ParseSet(string text)
    {
        var split = text.IndexOf('=', StringComparison.Ordinal);
        if (split <= 0 || split == text.Length - 1) throw new FormatException($"'{text}' is not KEY=ELEMENT, as in 'from:{{2}}={{4}}'");
        return new RowOperation(Template.Parse(text[..split]), Template.Parse(text[(split + 1)..]), null);
    }

    /// <summary>"KEY" or "KEY+=AMOUNT": adds one, or an amount, to a counter.</summary>
    /// <exception cref="FormatException">The text is not that.</exception>
    public static RowOperation ParseCounter(string text)
    {
        var split = text.IndexOf("+=", StringComparison.Ordinal);
        if (text.Length == 0 || split == 0 || (split > 0 && split == text.Length - 2))
            throw new FormatException($"'{text}' is not KEY or KEY+=AMOUNT, as in 'airline:{{0}}' or 'sold:{{1}}+={{3}}'");
        return split < 0
            ? new RowOperation(Template.Parse(text), null, null)
            : new RowOperation(Template.Parse(text[..split]), null, Template.Parse(text[(split + 2)..]));
    }

    /// <summary>The same, with every column by its place.</summary>
    /// <param name="header">What the columns are called; null where the file has no header.</param>
    /// <exception cref="FormatException">There is no column of some name, or there are two.</exception>
    public RowOperation Bind(string[]? header) => new(_key.Bind(header), _element?.Bind(header), _amount?.Bind(header));

    /// <summary>The write one row asks for; <see cref="Bind"/> was called before.</summary>
    /// <param name="row">The row's columns.</param>
    /// <param name="nullText">What stands for no value.</param>
    /// <param name="write">The write.</param>
    /// <param name="problem">What does not fit, where the row is malformed.</param>
    public Rendering Render(string[] row, string nullText, out RowWrite write, out (int? Column, string Message) problem)
    {
        (write, problem) = (default, default);
        string? element = null;
        var amount = "1";
        var outcome = _key.Render(row, nullText, out var key, out var missing);
        if (outcome == Rendering.Done && _element is not null) outcome = _element.Render(row, nullText, out element, out missing);
        if (outcome == Rendering.Done && _amount is not null) outcome = _amount.Render(row, nullText, out amount, out missing);
        if (outcome == Rendering.Malformed)
            problem = (missing, $"there is none: the row has {row.Length} column{(row.Length == 1 ? "" : "s")}");
        if (outcome != Rendering.Done) return outcome;
        if (!long.TryParse(amount, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            problem = (_amount!.OnlyColumn, $"'{amount}' is not a whole number from {long.MinValue} to {long.MaxValue}");
            return Rendering.Malformed;
        }

        write = new RowWrite(key, element, number);
        return Rendering.Done;
    }
}
