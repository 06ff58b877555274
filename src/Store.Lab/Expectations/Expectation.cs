namespace Gossipdb.Lab.Expectations;

/// <summary>What a scenario expects.</summary>
/// <param name="Text">As the file says it, <c>during cut: availability(one) = 100 %</c>.</param>
/// <param name="Condition">What must hold.</param>
/// <param name="Line">The file's line, from 1.</param>
public sealed record Expectation(string Text, Condition Condition, long Line);

/// <summary>What must hold of a run.</summary>
public abstract record Condition
{
    private protected Condition()
    {
    }
}

/// <summary>Two terms compared.</summary>
/// <param name="Left">What was measured.</param>
/// <param name="Operator">How they compare.</param>
/// <param name="Right">What it is compared with.</param>
public sealed record Comparison(Term Left, ComparisonOperator Operator, Term Right) : Condition;

/// <summary>All replicas held equal states soon enough after the last fault was mended.</summary>
/// <param name="Within">How soon.</param>
public sealed record ConvergedWithin(TimeSpan Within) : Condition;

/// <summary>How two terms compare.</summary>
public enum ComparisonOperator
{
    /// <summary>=</summary>
    Equal,

    /// <summary>!=</summary>
    NotEqual,

    /// <summary>&lt;</summary>
    Less,

    /// <summary>&lt;=</summary>
    AtMost,

    /// <summary>&gt;</summary>
    More,

    /// <summary>&gt;=</summary>
    AtLeast,
}

/// <summary>What a figure is a quantity of.</summary>
public enum Quantity
{
    /// <summary>A number.</summary>
    Number,

    /// <summary>A part of a whole, from 0 to 1; written in per cent.</summary>
    Share,

    /// <summary>A time, in microseconds.</summary>
    Time,

    /// <summary>Yes (1) or no (0).</summary>
    Truth,
}

/// <summary>A part of a condition that has a value.</summary>
public abstract record Term
{
    private protected Term()
    {
    }

    /// <summary>What it is a quantity of.</summary>
    public abstract Quantity Quantity { get; }
}

/// <summary>A constant.</summary>
/// <param name="Value">Its value, in the unit of its quantity.</param>
/// <param name="Of">What it is a quantity of.</param>
public sealed record Constant(double Value, Quantity Of) : Term
{
    /// <inheritdoc/>
    public override Quantity Quantity => Of;
}

/// <summary>Something that was measured.</summary>
/// <param name="Figure">What.</param>
/// <param name="Scope">Of what.</param>
public sealed record Measured(FigureKind Figure, FigureScope Scope) : Term
{
    /// <inheritdoc/>
    public override Quantity Quantity => Figure.Quantity;

    /// <summary>As an expectation writes it.</summary>
    public override string ToString() => Figure.Name + (Scope.ToString() is { Length: > 0 } of ? $"({of})" : "");
}

/// <summary>Two terms and what is done with them.</summary>
/// <param name="Left">The first.</param>
/// <param name="Sign">+, -, * or /.</param>
/// <param name="Right">The second.</param>
/// <param name="Of">What the outcome is a quantity of.</param>
public sealed record Arithmetic(Term Left, char Sign, Term Right, Quantity Of) : Term
{
    /// <inheritdoc/>
    public override Quantity Quantity => Of;
}
