using System.Globalization;
using System.Text.Json;
using Gossipdb.Checking.History;
using Gossipdb.Lab.Scenarios;

namespace Gossipdb.Lab.Running;

/// <summary>One caller: carries out one operation at a time. Some are several calls, as an application would make them.</summary>
internal sealed class Caller
{
    private readonly CallerGroup _group;
    private readonly CallerScript _script;
    private readonly IStoreCalls _store;
    private readonly Recorder _recorder;
    private readonly CallerName _name;

    /// <param name="group">Its group.</param>
    /// <param name="number">Which of the group, from 0.</param>
    /// <param name="script">What it does.</param>
    /// <param name="store">Where it calls.</param>
    /// <param name="recorder">Makes and records the calls.</param>
    public Caller(CallerGroup group, int number, CallerScript script, IStoreCalls store, Recorder recorder)
    {
        (_group, _script, _store, _recorder) = (group, script, store, recorder);
        var name = string.Create(CultureInfo.InvariantCulture, $"{group.Name}-{number + 1}");
        _name = new CallerName(name, group.Side, group.Session ? name : null);
    }

    /// <summary>Carries out the next operation of its script.</summary>
    /// <param name="stop">Ends the run.</param>
    public Task StepAsync(CancellationToken stop)
    {
        var step = _script.Next();
        return (step.Operation.Type, step.Operation.Op) switch
        {
            ("register", "take") => TakeAsync(step, stop),
            ("register", "add") => ChangeListAsync(step, static (items, own, _) => [.. items, own], stop),
            ("register", "remove") => ChangeListAsync(step, static (items, _, chosen) => [.. items.Where(item => item != chosen)], stop),
            ("register", "probe") => ProbeAsync(step, stop),
            ("set", "remove") => RemoveAsync(step, stop),
            (_, "read") => CallAsync(step, "read", "", stop),
            ("counter" or "bounded-counter", var op) => CallAsync(step, op, "1", stop),
            (_, var op) => CallAsync(step, op, ItemOf(step), stop),
        };
    }

    // What nobody else writes: so a read tells whose write it saw.
    private string ItemOf(WorkloadStep step) => string.Create(CultureInfo.InvariantCulture, $"{_name.Name}:{step.Number}");

    private Task<CallRecord> CallAsync(WorkloadStep step, string op, string argument, CancellationToken stop, bool elsewhere = false)
    {
        var call = new StoreCall
        {
            Type = step.Operation.Type,
            Op = op,
            Key = step.Key,
            Argument = argument,
            Form = _group.Form,
            Level = op == "read" ? _group.Read : _group.Write,
            Durability = _group.Durability,
            Timeout = _group.Timeout,
        };
        return _recorder.CallAsync(_name, call, _store, elsewhere ? step.Item : step.Node, stop);
    }

    // Reads how many there are and writes one less: two callers that read the same number both sell the same thing.
    private async Task TakeAsync(WorkloadStep step, CancellationToken stop)
    {
        var read = await CallAsync(step, "read", "", stop).ConfigureAwait(false);
        if (read is not { Outcome: Outcome.Ok, Result: { ValueKind: JsonValueKind.Number } left } || left.GetInt64() <= 0) return;
        await CallAsync(step, "write", (left.GetInt64() - 1).ToString(CultureInfo.InvariantCulture), stop).ConfigureAwait(false);
    }

    private async Task ChangeListAsync(WorkloadStep step, Func<string[], string, string, string[]> change, CancellationToken stop)
    {
        var read = await CallAsync(step, "read", "", stop).ConfigureAwait(false);
        if (read.Outcome != Outcome.Ok) return;
        var items = ItemsOf(read);
        var changed = change(items, ItemOf(step), Chosen(items, step.Item));
        if (changed.SequenceEqual(items)) return;
        await CallAsync(step, "write", StoreCalls.TextOf(changed), stop).ConfigureAwait(false);
    }

    private async Task RemoveAsync(WorkloadStep step, CancellationToken stop)
    {
        var read = await CallAsync(step, "read", "", stop).ConfigureAwait(false);
        var items = ItemsOf(read);
        if (items.Length > 0) await CallAsync(step, "remove", Chosen(items, step.Item), stop).ConfigureAwait(false);
    }

    // How long after its ack is a write seen? The read goes to a node of its own draw.
    private async Task ProbeAsync(WorkloadStep step, CancellationToken stop)
    {
        var write = await CallAsync(step, "write", ItemOf(step), stop).ConfigureAwait(false);
        if (write.Outcome != Outcome.Ok) return;
        var wait = _group.ProbeWithin * step.Wait;
        if (wait > TimeSpan.Zero) await Task.Delay(wait, stop).ConfigureAwait(false);
        await CallAsync(step, "read", "", stop, elsewhere: true).ConfigureAwait(false);
    }

    private static string Chosen(string[] items, double draw) => items.Length == 0 ? "" : items[(int)(draw * items.Length)];

    private static string[] ItemsOf(CallRecord read) => read is { Outcome: Outcome.Ok, Result: { ValueKind: JsonValueKind.Array } items }
        ? [.. items.EnumerateArray().Select(static item => item.GetString()!)]
        : [];
}
