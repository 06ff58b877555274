using Gossipdb.Checking;
using Gossipdb.Checking.Verdicts;
using Gossipdb.Lab.Results;
using Gossipdb.Lab.Scenarios;
using Gossipdb.LocalCluster.Control;

namespace Gossipdb.Lab.Running;

/// <summary>What a run has come to, to be looked at from elsewhere while it goes on and after it. Bounded; any thread.</summary>
/// <param name="scenario">What is run.</param>
/// <param name="by">Who asked for it.</param>
/// <param name="number">Which run it is, from 1.</param>
/// <param name="keyPrefix">What its keys begin with.</param>
/// <param name="directory">Where its files go.</param>
internal sealed class RunLog(Scenario scenario, string by, int number, string keyPrefix, string directory) : IRunObserver
{
    private const int EventsKept = 60;

    // What the longest of all makes is told in a line of bounded length.
    private const int MostCharacters = 300;
    private const int MostRows = 40;

    private readonly Lock _gate = new();
    private readonly Queue<ScenarioEvent> _events = new();
    private ScenarioSight _sight = new(scenario.Name, scenario.Title, by, number, scenario.Duration.TotalSeconds)
    {
        Doing = "looking whether nothing is broken",
        KeyPrefix = keyPrefix,
        Directory = directory,
    };

    private RunningView? _view;
    private bool _isRunning;

    /// <summary>What there is to see now.</summary>
    public ScenarioSight Sight
    {
        get
        {
            lock (_gate)
            {
                return _sight with
                {
                    At = _isRunning ? Seconds(_view!.Elapsed) : null,
                    Phase = _isRunning ? _view!.Phase : "",
                    Events = [.. _events],
                    Calls = [.. (_view?.Meter.Read() ?? []).Take(MostRows).Select(static one => new ScenarioCalls(
                        one.Key.Side, one.Key.Level, one.Key.IsRead, one.Calls, one.Answered, one.LastMicroseconds))],
                };
            }
        }
    }

    public void Doing(string what)
    {
        lock (_gate)
        {
            _isRunning = false;
            _sight = _sight with { Doing = Short(what) };
            Note(new ScenarioEvent(null, Short(what)));
        }
    }

    public void Begins(RunningView run)
    {
        lock (_gate)
        {
            (_view, _isRunning) = (run, true);
            _sight = _sight with { Doing = "the callers call" };
            Note(new ScenarioEvent(0, "the callers begin"));
        }
    }

    public void Happened(TimeSpan at, string what)
    {
        lock (_gate) Note(new ScenarioEvent(Seconds(at), Short(what)));
    }

    /// <summary>It has come to its end.</summary>
    public void Done(RunResults results, string report)
    {
        lock (_gate)
        {
            _isRunning = false;
            _sight = _sight with
            {
                IsOver = true,
                Doing = "",
                Report = report,
                Expectations = [.. results.Expectations.Take(MostRows).Select(static one =>
                    new ScenarioExpectation(Short(one.Expectation), one.IsMet, Short(one.Measured)))],
                Verdicts = [.. results.Verdicts.Where(static one => one.Judgement != Judgement.NotApplicable)
                    .OrderByDescending(HistoryChecks.IsPromised)
                    .Take(MostRows)
                    .Select(static one => new ScenarioVerdict(
                        Short(one.Check), one.Judgement.ToString().ToLowerInvariant(), Short(one.Summary), HistoryChecks.IsPromised(one)))],
            };
        }
    }

    /// <summary>It has come to no end.</summary>
    public void Failed(string why)
    {
        lock (_gate)
        {
            _isRunning = false;
            _sight = _sight with { IsOver = true, Doing = "", Problem = Short(why) };
        }
    }

    private void Note(ScenarioEvent happened)
    {
        _events.Enqueue(happened);
        if (_events.Count > EventsKept) _events.Dequeue();
    }

    private static double Seconds(TimeSpan time) => Math.Round(time.TotalSeconds, 1);

    private static string Short(string text) => text.Length <= MostCharacters ? text : text[..(MostCharacters - 1)] + "…";
}
