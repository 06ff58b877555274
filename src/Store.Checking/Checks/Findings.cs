using Gossipdb.Checking.Operations;
using Gossipdb.Checking.Verdicts;

namespace Gossipdb.Checking.Checks;

/// <summary>What a check finds wrong: all are counted, the smallest few are kept as evidence.</summary>
internal sealed class Findings(string check)
{
    private const int Kept = 5;

    private readonly List<(int Size, Evidence Evidence)> _kept = [];
    private readonly Dictionary<string, double> _figures = [];

    /// <summary>How many things are wrong.</summary>
    public long Count { get; private set; }

    /// <summary>How much was looked at; 0: there is nothing to ask.</summary>
    public long Looked { get; set; }

    /// <summary>Notes a figure.</summary>
    public void Figure(string name, double value) => _figures[name] = value;

    /// <summary>Adds to a figure.</summary>
    public void Increase(string name, double by) => _figures[name] = _figures.GetValueOrDefault(name) + by;

    /// <summary>A figure noted so far.</summary>
    public double FigureOf(string name) => _figures.GetValueOrDefault(name);

    /// <summary>Something is wrong, as so many calls show.</summary>
    /// <param name="text">What, in a sentence; asked for only where it is kept.</param>
    /// <param name="calls">The calls.</param>
    public void Add(Func<string> text, params Operation[] calls)
    {
        Count++;
        if (_kept.Count == Kept && _kept[^1].Size <= calls.Length) return;
        if (_kept.Count == Kept) _kept.RemoveAt(Kept - 1);
        var at = _kept.FindIndex(one => one.Size > calls.Length);
        _kept.Insert(at < 0 ? _kept.Count : at, (calls.Length, new Evidence(text(), [.. calls.Select(static one => one.Call).Distinct()])));
    }

    /// <summary>The verdict.</summary>
    /// <param name="holds">The sentence where nothing is wrong.</param>
    /// <param name="fails">The sentence where something is.</param>
    /// <param name="nothing">The sentence where there was nothing to look at.</param>
    public Verdict Verdict(string holds, string fails, string nothing) => new()
    {
        Check = check,
        Judgement = Count > 0 ? Judgement.Fails : Looked > 0 ? Judgement.Holds : Judgement.NotApplicable,
        Summary = Count > 0 ? fails : Looked > 0 ? holds : nothing,
        Evidence = [.. _kept.Select(static one => one.Evidence)],
        Figures = _figures,
    };

    /// <summary>The verdict where the history does not tell.</summary>
    public Verdict Unknown(string why) => new() { Check = check, Judgement = Judgement.Unknown, Summary = why, Figures = _figures };
}
