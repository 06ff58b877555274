using System.Collections.Concurrent;
using Gossipdb.Checking.History;
using Gossipdb.Client;
using Gossipdb.Lab.Scenarios;

namespace Gossipdb.Lab.Running;

/// <summary>Who calls, as the history names them.</summary>
/// <param name="Name">The caller.</param>
/// <param name="Side">Its side; null where it has none.</param>
/// <param name="Session">Its session; null without.</param>
internal sealed record CallerName(string Name, string? Side, string? Session);

/// <summary>What a key that was called holds.</summary>
/// <param name="Type">The object's type.</param>
/// <param name="Form">What it holds, where it is a register.</param>
internal sealed record CalledKey(string Type, RegisterForm Form);

/// <summary>Makes calls and writes each of them into the history, whatever becomes of it.</summary>
internal sealed class Recorder(HistoryWriter history, RunClock clock, RunMeter meter) : IDisposable
{
    private readonly ConcurrentDictionary<string, CalledKey> _keys = new(StringComparer.Ordinal);
    private long _calls;

    public RunClock Clock => clock;

    /// <summary>Every key that was called.</summary>
    public IReadOnlyDictionary<string, CalledKey> Keys => _keys;

    /// <summary>Writes something else that happened.</summary>
    public void Note(HistoryRecord record) => history.Append(record);

    /// <summary>Makes a call, and records it.</summary>
    /// <param name="caller">Who calls.</param>
    /// <param name="call">The call.</param>
    /// <param name="store">Where it is made.</param>
    /// <param name="node">A draw in [0, 1) for the node, of callers that roam.</param>
    /// <param name="stop">Ends the run: the call is recorded as one that never ended.</param>
    /// <returns>The record.</returns>
    public async Task<CallRecord> CallAsync(CallerName caller, StoreCall call, IStoreCalls store, double node, CancellationToken stop)
    {
        NoteKeys(call);
        var id = Interlocked.Increment(ref _calls);
        var start = clock.Now;
        StoreAnswer? answer = null;
        Exception? problem = null;
        try
        {
            answer = await store.CallAsync(call, node, stop).ConfigureAwait(false);
        }
        catch (Exception failed) when (failed is GossipdbException or OperationCanceledException or ObjectDisposedException)
        {
            problem = failed;
        }

        var end = clock.Now;
        var record = new CallRecord
        {
            Id = id,
            Caller = caller.Name,
            Session = caller.Session,
            Side = caller.Side,
            Start = start,
            End = problem is OperationCanceledException or ObjectDisposedException ? null : end,
            Type = call.Type,
            Key = call.Type == "batch" ? StoreCalls.BatchKeys(call.Key)[0] : call.Key,
            Op = call.Op,
            Argument = StoreCalls.ArgumentOf(call),
            Parts = answer?.Parts ?? StoreCalls.PartsOf(call),
            Level = call.Level.Text,
            Durability = call.IsRead ? null : call.Durability == Durability.Memory ? "memory" : "journal",
            Outcome = problem is null ? Outcome.Ok : Outcomes.Of(problem, call.IsRead),
            Error = problem is null ? null : Outcomes.NameOf(problem),
            Result = answer?.Value,
            Receipt = answer?.Receipt is { } receipt ? new(receipt.Nodes, receipt.StandIns, receipt.Required) : null,
        };
        history.Append(record);
        meter.Count(record);
        return record;
    }

    public void Dispose() => history.Dispose();

    private void NoteKeys(StoreCall call)
    {
        if (call.Type != "batch") _keys.TryAdd(call.Key, new(call.Type, call.Form));
        else
            foreach (var key in StoreCalls.BatchKeys(call.Key)) _keys.TryAdd(key, new("register", RegisterForm.Text));
    }
}
