using Gossipdb.Checking.Verdicts;
using Gossipdb.Lab.Results;

namespace Gossipdb.Lab.Expectations;

/// <summary>Says whether what was expected came true, what was measured, and what shows that it did not.</summary>
public sealed class ExpectationJudge
{
    // Sums of shares are off by a rounding.
    private const double Rounding = 1e-9;

    private readonly FigureMeasurer _measurer;

    /// <param name="run">What was measured.</param>
    public ExpectationJudge(RunMeasurements run) => _measurer = new FigureMeasurer(run);

    /// <summary>Judges one expectation. Where there was nothing to measure it did not come true.</summary>
    public ExpectationResult Judge(Expectation expectation)
    {
        ArgumentNullException.ThrowIfNull(expectation);
        return expectation.Condition switch
        {
            Comparison comparison => Compare(expectation.Text, comparison),
            ConvergedWithin converged => Compare(expectation.Text, new Comparison(
                new Measured(FigureKind.Find("converged")!, new FigureScope()),
                ComparisonOperator.AtMost,
                new Constant(converged.Within.TotalMicroseconds, Quantity.Time))),
            var other => throw new InvalidOperationException($"there is no condition {other.GetType().Name}"),
        };
    }

    private ExpectationResult Compare(string text, Comparison comparison)
    {
        var figures = new List<(Measured Term, FigureValue Value)>();
        var (left, right) = (ValueOf(comparison.Left, figures), ValueOf(comparison.Right, figures));
        var measured = string.Join("; ", figures.Select(static one => Words(one.Term, one.Value)));
        if (left is not { } was || right is not { } wanted) return new(text, IsMet: false, $"nothing to measure: {measured}", []);
        var difference = Math.Abs(was - wanted) <= Rounding ? 0 : was.CompareTo(wanted);
        var isMet = comparison.Operator switch
        {
            ComparisonOperator.Equal => difference == 0,
            ComparisonOperator.NotEqual => difference != 0,
            ComparisonOperator.Less => difference < 0,
            ComparisonOperator.AtMost => difference <= 0,
            ComparisonOperator.More => difference > 0,
            _ => difference >= 0,
        };
        return new(text, isMet, measured, isMet ? [] : EvidenceOf(comparison, figures, isTooGreat: difference > 0));
    }

    // What raises the left side, or lowers the right one, where the left is too great; the other way round where it is too small.
    private static IReadOnlyList<Evidence> EvidenceOf(
        Comparison comparison, List<(Measured Term, FigureValue Value)> figures, bool isTooGreat) =>
    [
        .. figures.SelectMany(one => Contains(comparison.Left, one.Term) == isTooGreat ? one.Value.Raising() : one.Value.Lowering()),
    ];

    private static bool Contains(Term term, Measured figure) => term switch
    {
        Measured measured => ReferenceEquals(measured, figure),
        Arithmetic sum => Contains(sum.Left, figure) || Contains(sum.Right, figure),
        _ => false,
    };

    private double? ValueOf(Term term, List<(Measured Term, FigureValue Value)> figures)
    {
        switch (term)
        {
            case Constant constant:
                return constant.Value;
            case Measured measured:
                var value = _measurer.Measure(measured);
                figures.Add((measured, value));
                return value.Value;
            case Arithmetic sum:
                var (left, right) = (ValueOf(sum.Left, figures), ValueOf(sum.Right, figures));
                return sum.Sign switch
                {
                    '+' => left + right,
                    '-' => left - right,
                    '*' => left * right,
                    _ => right == 0 ? null : left / right,
                };
            default:
                throw new InvalidOperationException($"there is no term {term.GetType().Name}");
        }
    }

    private static string Words(Measured term, FigureValue value)
    {
        var was = value.Value is { } number ? FigureValue.Text(number, term.Quantity) : "nothing";
        return $"{term} is {was}{(value.Note.Length > 0 ? $" ({value.Note.TrimEnd('.')})" : "")}";
    }
}
