using System.Text.Json;
using Gossipdb.Checking.Checks;
using Gossipdb.Checking.History;
using Gossipdb.Checking.Operations;
using Gossipdb.Checking.Verdicts;

namespace Gossipdb.Checking.Tests;

/// <summary>Histories by hand. Instants are milliseconds; the records have microseconds.</summary>
internal sealed class HistoryBuilder
{
    private readonly List<HistoryRecord> _records = [];
    private long _id;

    public HistoryBuilder(int replication = 3)
    {
        if (replication > 0) _records.Add(new RunRecord { Replication = replication, Nodes = [new(1), new(2), new(3)] });
    }

    public RecordedHistory History => RecordedHistory.Of(_records);

    /// <summary>A call; what is given as an argument is JSON.</summary>
    public HistoryBuilder Call(
        string caller, string type, string key, string op, string? argument, double start, double? end, string? result = null,
        string? session = null, string? level = "quorum", Outcome outcome = Outcome.Ok, int[]? nodes = null, string? durability = null,
        string? error = null)
    {
        _records.Add(new CallRecord
        {
            Id = ++_id,
            Caller = caller,
            Session = session,
            Start = Microseconds(start),
            End = end is { } at ? Microseconds(at) : null,
            Type = type,
            Key = key,
            Op = op,
            Argument = Json(argument),
            Result = Json(result),
            Level = level,
            Outcome = outcome,
            Durability = durability,
            Error = error,
            Receipt = nodes is null ? null : new CallReceipt(nodes, [], nodes.Length),
        });
        return this;
    }

    public HistoryBuilder Read(
        string caller, string type, string key, string result, double start, double end, string? session = null, string? level = "quorum",
        int[]? nodes = null) =>
        Call(caller, type, key, "read", null, start, end, result, session, level, nodes: nodes);

    public HistoryBuilder Batch(string caller, string op, double start, double end, params CallPart[] parts)
    {
        _records.Add(new CallRecord
        {
            Id = ++_id,
            Caller = caller,
            Start = Microseconds(start),
            End = Microseconds(end),
            Type = "batch",
            Key = parts[0].Key,
            Op = op,
            Outcome = Outcome.Ok,
            Level = "quorum",
            Parts = parts,
        });
        return this;
    }

    public HistoryBuilder Final(string type, string key, params string[] values)
    {
        for (var i = 0; i < values.Length; i++)
            _records.Add(new StateRecord { At = 1_000_000, Node = i + 1, Type = type, Key = key, Value = Json(values[i]), Final = true });
        return this;
    }

    public HistoryBuilder Fault(string fault, double at)
    {
        _records.Add(new FaultRecord { At = Microseconds(at), Fault = fault });
        return this;
    }

    public HistoryBuilder Converged(double since, double at)
    {
        _records.Add(new ConvergedRecord { At = Microseconds(at), Since = Microseconds(since) });
        return this;
    }

    /// <summary>The verdict of a check that has one, or the one whose name ends so.</summary>
    public Verdict Ask(IHistoryCheck check, string? end = null) =>
        check.Check(History, default).Single(one => end is null || one.Check.EndsWith(end, StringComparison.Ordinal));

    public void Holds(IHistoryCheck check, string? end = null)
    {
        var verdict = Ask(check, end);
        var told = $"{verdict.Check}: {verdict.Judgement}: {verdict.Summary} {string.Join(" ", verdict.Evidence)}";
        Assert.True(verdict.Judgement == Judgement.Holds, told);
        Assert.Empty(verdict.Evidence);
    }

    /// <summary>It fails, and the evidence names these calls.</summary>
    public Verdict Fails(IHistoryCheck check, string? end, params long[] calls)
    {
        var verdict = Ask(check, end);
        Assert.True(verdict.Judgement == Judgement.Fails, $"{verdict.Check}: {verdict.Judgement}: {verdict.Summary}");
        Assert.NotEmpty(verdict.Evidence);
        Assert.Equal(calls.Order(), verdict.Evidence[0].Calls.Order());
        return verdict;
    }

    public static CallPart Part(string type, string key, string op, string? argument = null, string? result = null) =>
        new(type, key, op, Json(argument), Json(result));

    private static long Microseconds(double milliseconds) => (long)(milliseconds * 1_000);

    private static JsonElement? Json(string? text) => text is null ? null : JsonDocument.Parse(text).RootElement.Clone();
}
