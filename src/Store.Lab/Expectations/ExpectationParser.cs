using System.Globalization;
using Gossipdb.Lab.Words;

namespace Gossipdb.Lab.Expectations;

/// <summary>
/// Reads conditions: <c>availability(one, side 1) = 100 %</c>, <c>p50(quorum) > 3 * p50(one)</c>, <c>converged within 3s of heal</c>.
/// A term is a figure, a constant, or a sum or product of such. What stands in a figure's parentheses says of which calls it is.
/// </summary>
internal sealed class ExpectationParser
{
    private static readonly Dictionary<string, ComparisonOperator> Operators = new(StringComparer.Ordinal)
    {
        ["="] = ComparisonOperator.Equal,
        ["!="] = ComparisonOperator.NotEqual,
        ["<"] = ComparisonOperator.Less,
        ["<="] = ComparisonOperator.AtMost,
        [">"] = ComparisonOperator.More,
        [">="] = ComparisonOperator.AtLeast,
    };

    private readonly string _text;
    private readonly string? _during;
    private readonly ExpectationNames _names;
    private readonly IReadOnlyList<ExpectationToken> _tokens;
    private int _at;

    private ExpectationParser(string text, string? during, ExpectationNames names)
    {
        _text = text;
        _during = during;
        _names = names;
        _tokens = ExpectationTokens.Of(text);
    }

    private ExpectationToken Current => _tokens[_at];

    /// <summary>Reads a condition.</summary>
    /// <param name="text">The words.</param>
    /// <param name="during">The phase that figures are of which name none; null for the whole run.</param>
    /// <param name="names">The phases, sides and groups there are.</param>
    /// <exception cref="ExpectationFormatException">It makes no sense.</exception>
    public static Condition Parse(string text, string? during, ExpectationNames names)
    {
        var parser = new ExpectationParser(text, during, names);
        var condition = parser.Condition();
        if (parser.Current.Kind != ExpectationTokenKind.End)
            throw parser.Wrong($"'{parser.Current.Text}' is more than a condition has: it compares two terms");
        return condition;
    }

    private Condition Condition()
    {
        if (Current is { Kind: ExpectationTokenKind.Word, Text: "converged" } && _tokens[_at + 1].Text == "within") return Converged();
        var left = Sum();
        if (!Operators.TryGetValue(Current.Text, out var comparison))
            throw Wrong($"here belongs one of {string.Join(' ', Operators.Keys)}, and what the figure is compared with");
        _at++;
        var start = Current.Position;
        var right = Sum();
        if (left.Quantity != right.Quantity && !IsNumberOfShare(left, right))
            throw new ExpectationFormatException(
                $"{NameOf(left.Quantity)} is compared with {NameOf(right.Quantity)}: {FormOf(left.Quantity)}", start);
        return new Comparison(left, comparison, right);
    }

    // 0 and 1 need no unit beside a share.
    private static bool IsNumberOfShare(Term left, Term right) =>
        left.Quantity == Quantity.Share && right is Constant { Of: Quantity.Number, Value: >= 0 and <= 1 };

    private ConvergedWithin Converged()
    {
        _at += 2;
        var start = Current.Position;
        var end = _text.IndexOf(" of", start, StringComparison.Ordinal);
        var duration = end < 0 ? _text[start..] : _text[start..end];
        if (!Quantities.TryDuration(duration, out var within))
            throw new ExpectationFormatException($"'{duration}' is not {Quantities.DurationForm}", start);
        while (Current.Kind != ExpectationTokenKind.End && Current.Text != "of") _at++;
        if (Current.Kind == ExpectationTokenKind.End) throw Wrong("here belongs 'of heal'");
        _at++;
        if (Current.Text != "heal") throw Wrong("convergence is counted from the last mending: 'of heal'");
        _at++;
        return new ConvergedWithin(within);
    }

    private Term Sum()
    {
        var term = Product();
        while (Current.Text is "+" or "-")
        {
            var (sign, position) = (Current.Text[0], Current.Position);
            _at++;
            var right = Product();
            if (term.Quantity != right.Quantity || term.Quantity == Quantity.Truth)
                throw new ExpectationFormatException(
                    $"{NameOf(term.Quantity)} and {NameOf(right.Quantity)} have no sum", position);
            term = new Arithmetic(term, sign, right, term.Quantity);
        }

        return term;
    }

    private Term Product()
    {
        var term = Factor();
        while (Current.Text is "*" or "/")
        {
            var (sign, position) = (Current.Text[0], Current.Position);
            _at++;
            var right = Factor();
            var of = (term.Quantity, sign, right.Quantity) switch
            {
                (_, _, Quantity.Truth) or (Quantity.Truth, _, _) => (Quantity?)null,
                (var same, '/', var other) when same == other => Quantity.Number,
                (var one, _, Quantity.Number) => one,
                (Quantity.Number, '*', var other) => other,
                _ => null,
            };
            if (of is not { } quantity)
                throw new ExpectationFormatException(
                    $"{NameOf(term.Quantity)} {sign} {NameOf(right.Quantity)} means nothing", position);
            term = new Arithmetic(term, sign, right, quantity);
        }

        return term;
    }

    private Term Factor()
    {
        if (Current.Text == "(")
        {
            _at++;
            var term = Sum();
            Take(")", "a parenthesis is closed by ')'");
            return term;
        }

        return Current.Kind switch
        {
            ExpectationTokenKind.Number => Number(),
            ExpectationTokenKind.Word when Current.Text is "yes" or "no" => Truth(),
            ExpectationTokenKind.Word => Figure(),
            _ => throw Wrong("here belongs a figure, as availability(one), or a number"),
        };
    }

    private Constant Truth()
    {
        var value = Current.Text == "yes" ? 1 : 0;
        _at++;
        return new Constant(value, Quantity.Truth);
    }

    private Constant Number()
    {
        if (!double.TryParse(Current.Text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value))
            throw Wrong($"'{Current.Text}' is no number");
        _at++;
        if (Current.Kind != ExpectationTokenKind.Word) return new Constant(value, Quantity.Number);
        var unit = Current;
        _at++;
        return unit.Text switch
        {
            "%" => new Constant(value / 100, Quantity.Share),
            "us" => new Constant(value, Quantity.Time),
            "ms" => new Constant(value * 1e3, Quantity.Time),
            "s" => new Constant(value * 1e6, Quantity.Time),
            "m" => new Constant(value * 60e6, Quantity.Time),
            _ => throw new ExpectationFormatException($"'{unit.Text}' is no unit; there are: %, us, ms, s, m", unit.Position),
        };
    }

    private Measured Figure()
    {
        var name = Current;
        var kind = FigureKind.Find(name.Text) ?? throw Unknown("figure", name, FigureKind.All.Select(static one => one.Name));
        _at++;
        var scope = new FigureScope();
        if (kind.Source is FigureSource.Calls or FigureSource.Samples) scope = scope with { Phase = _during };
        if (Current.Text == "(")
        {
            _at++;
            while (true)
            {
                scope = FigureArguments.Read(kind, scope, Argument(), _names);
                if (Current.Text == ")") break;
                Take(",", "arguments are separated by ',' and closed by ')'");
            }

            _at++;
        }

        var needs = kind.Source switch
        {
            FigureSource.Check when scope.Check is null => "a check's name, as holds(lost-writes)",
            FigureSource.Phase when scope.Check is null => $"a phase: {string.Join(", ", _names.Phases)}",
            FigureSource.Word when scope.Check is null => $"one of: {string.Join(", ", kind.Words)}",
            FigureSource.Level when scope.Level is null => $"a level, as {kind.Name}(quorum)",
            _ => null,
        };
        if (needs is not null) throw new ExpectationFormatException($"'{kind.Name}' needs {needs}", name.Position);
        return new Measured(kind, scope);
    }

    // A phase's name may have blanks in it, and anything else but what ends an argument.
    private ExpectationToken Argument()
    {
        var start = Current.Position;
        var end = start;
        while (Current.Kind != ExpectationTokenKind.End && Current.Text is not ("," or ")"))
        {
            end = Current.Position + Current.Text.Length;
            _at++;
        }

        return end > start
            ? new(ExpectationTokenKind.Word, _text[start..end], start)
            : throw Wrong("here belongs an argument, as one, side 1 or in cut");
    }

    private void Take(string sign, string otherwise)
    {
        if (Current.Text != sign) throw Wrong(otherwise);
        _at++;
    }

    private ExpectationFormatException Wrong(string message) => new(message, Current.Position);

    internal static ExpectationFormatException Unknown(string what, ExpectationToken word, IEnumerable<string> known)
    {
        var words = known.ToList();
        var meant = Nearest.Of(word.Text, words) is { } near ? $"; did you mean '{near}'?" : $"; there are: {string.Join(", ", words)}";
        return new($"there is no {what} '{word.Text}'{meant}", word.Position);
    }

    private static string NameOf(Quantity quantity) => quantity switch
    {
        Quantity.Share => "a share",
        Quantity.Time => "a time",
        Quantity.Truth => "yes or no",
        _ => "a number",
    };

    private static string FormOf(Quantity quantity) => quantity switch
    {
        Quantity.Share => "a share is written as 100 %",
        Quantity.Time => "a time is written as 80ms",
        Quantity.Truth => "it is 'yes' or 'no'",
        _ => "a number has no unit",
    };
}
