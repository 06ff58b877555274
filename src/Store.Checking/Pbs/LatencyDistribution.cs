using System.Globalization;

namespace Gossipdb.Checking.Pbs;

/// <summary>How long something takes, in milliseconds.</summary>
public abstract class LatencyDistribution
{
    /// <summary>What <see cref="Parse"/> reads, a form a line.</summary>
    public static IReadOnlyList<string> Forms { get; } =
    [
        "5                        always 5 ms",
        "uniform(60,100)          anything from 60 to 100 ms alike",
        "exp(10)                  exponential, 10 ms on average",
        "pareto(0.235,10)         at least 0.235 ms, with shape 10",
        "p50=2,p99=20,p100=80     quantiles, with straight lines between them",
        "0.9*uniform(1,2)+0.1*80  a mixture: the first nine times of ten",
    ];

    /// <summary>A sample.</summary>
    public abstract double Sample(Random random);

    /// <summary>Reads a distribution in one of the <see cref="Forms"/>.</summary>
    /// <exception cref="FormatException">It is none; the message names what was wrong.</exception>
    public static LatencyDistribution Parse(string text)
    {
        var terms = text.Split('+', StringSplitOptions.TrimEntries);
        if (terms.Length == 1 && !text.Contains('*')) return Single(text.Trim());
        var mixture = new List<(double, LatencyDistribution)>();
        foreach (var term in terms)
        {
            var star = term.IndexOf('*');
            if (star < 0) throw new FormatException($"'{term}' is a part of a mixture and says no share; write 0.9*{term}");
            mixture.Add((Number(term[..star], term), Single(term[(star + 1)..].Trim())));
        }

        var sum = mixture.Sum(static one => one.Item1);
        if (Math.Abs(sum - 1) > 1e-6)
            throw new FormatException(FormattableString.Invariant($"the shares of '{text}' come to {sum}; they must come to 1"));
        return new Mixture(mixture);
    }

    /// <summary>What was measured: any of the samples alike.</summary>
    /// <param name="samples">Milliseconds; at least one.</param>
    public static LatencyDistribution Of(IReadOnlyList<double> samples) =>
        samples.Count == 0 ? throw new ArgumentException("there are no samples", nameof(samples)) : new Measured(samples);

    private static LatencyDistribution Single(string text)
    {
        if (text.Contains('=')) return Quantiles(text);
        var open = text.IndexOf('(');
        if (open < 0) return new Constant(NotNegative(Number(text, text), text));
        if (!text.EndsWith(')')) throw new FormatException($"'{text}' lacks its closing parenthesis");
        var (name, arguments) = (text[..open], text[(open + 1)..^1].Split(',', StringSplitOptions.TrimEntries));
        var numbers = arguments.Select(one => NotNegative(Number(one, text), text)).ToArray();
        return (name, numbers) switch
        {
            ("uniform", [var from, var to]) when from <= to => new Uniform(from, to),
            ("uniform", [_, _]) => throw new FormatException($"'{text}' ends before it begins"),
            ("exp" or "exponential", [var mean]) => new Exponential(mean),
            ("pareto", [var least, var shape]) when least > 0 && shape > 0 => new Pareto(least, shape),
            ("uniform" or "pareto", _) => throw new FormatException($"'{text}': {name} takes two numbers above 0"),
            ("exp" or "exponential", _) => throw new FormatException($"'{text}': {name} takes one number, the mean"),
            _ => throw new FormatException($"'{name}' is no distribution; there are uniform, exp, pareto, p50=..., and plain milliseconds"),
        };
    }

    private static QuantileLine Quantiles(string text)
    {
        var points = new List<(double Part, double Value)>();
        foreach (var word in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var equals = word.IndexOf('=');
            if (equals < 2 || word[0] != 'p') throw new FormatException($"'{word}' is no quantile; write p99=20");
            var part = Number(word[1..equals], word) / 100;
            if (part is < 0 or > 1) throw new FormatException($"'{word}': a quantile lies between p0 and p100");
            points.Add((part, NotNegative(Number(word[(equals + 1)..], word), word)));
        }

        for (var i = 1; i < points.Count; i++)
        {
            if (points[i].Part <= points[i - 1].Part || points[i].Value < points[i - 1].Value)
                throw new FormatException($"'{text}': quantiles and their values must rise");
        }

        return new QuantileLine(points);
    }

    private static double Number(string text, string whole)
    {
        var word = text.Trim();
        var isNumber = double.TryParse(word.TrimEnd('%'), NumberStyles.Float, CultureInfo.InvariantCulture, out var number);
        if (!isNumber || !double.IsFinite(number)) throw new FormatException($"'{text}' in '{whole}' is no number");
        return word.EndsWith('%') ? number / 100 : number;
    }

    private static double NotNegative(double number, string text) =>
        number >= 0 ? number : throw new FormatException($"'{text}': nothing takes less than no time");

    private sealed class Constant(double value) : LatencyDistribution
    {
        public override double Sample(Random random) => value;
    }

    private sealed class Uniform(double from, double to) : LatencyDistribution
    {
        public override double Sample(Random random) => from + (random.NextDouble() * (to - from));
    }

    private sealed class Exponential(double mean) : LatencyDistribution
    {
        public override double Sample(Random random) => -mean * Math.Log(1 - random.NextDouble());
    }

    private sealed class Pareto(double least, double shape) : LatencyDistribution
    {
        public override double Sample(Random random) => least / Math.Pow(1 - random.NextDouble(), 1 / shape);
    }

    private sealed class Measured(IReadOnlyList<double> samples) : LatencyDistribution
    {
        public override double Sample(Random random) => samples[random.Next(samples.Count)];
    }

    private sealed class Mixture(List<(double Share, LatencyDistribution Of)> parts) : LatencyDistribution
    {
        public override double Sample(Random random)
        {
            var at = random.NextDouble();
            foreach (var (share, of) in parts)
            {
                if (at < share) return of.Sample(random);
                at -= share;
            }

            return parts[^1].Of.Sample(random);
        }
    }

    /// <summary>Below the first quantile and above the last one nothing is known: there it stays.</summary>
    private sealed class QuantileLine(List<(double Part, double Value)> points) : LatencyDistribution
    {
        public override double Sample(Random random)
        {
            var part = random.NextDouble();
            var next = points.FindIndex(point => point.Part >= part);
            if (next <= 0) return next == 0 ? points[0].Value : points[^1].Value;
            var (before, after) = (points[next - 1], points[next]);
            return before.Value + ((part - before.Part) / (after.Part - before.Part) * (after.Value - before.Value));
        }
    }
}
