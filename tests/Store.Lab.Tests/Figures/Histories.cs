using System.Text.Json;
using Gossipdb.Checking.History;

namespace Gossipdb.Lab.Tests.Figures;

/// <summary>Records as tests write them; instants in milliseconds.</summary>
internal static class Histories
{
    private static long _ids;

    public static CallRecord Call(
        long start,
        long? end,
        string op = "increment",
        object? argument = null,
        string level = "one",
        string? side = null,
        Outcome outcome = Outcome.Ok,
        string? error = null,
        string type = "counter",
        string key = "k",
        object? result = null,
        string caller = "c") => new()
        {
            Id = Interlocked.Increment(ref _ids),
            Caller = caller,
            Side = side,
            Start = start * 1000,
            End = end * 1000,
            Type = type,
            Key = key,
            Op = op,
            Argument = argument is null ? null : Json(argument),
            Level = level,
            Outcome = outcome,
            Error = error,
            Result = result is null ? null : Json(result),
        };

    public static FaultRecord Fault(long at, string words, long? inForce = null) =>
        new() { At = at * 1000, InForce = (inForce ?? at) * 1000, Fault = words };

    public static PhaseRecord Phase(long at, string name) => new() { At = at * 1000, Name = name };

    public static StateRecord Final(string type, string key, object? value, int node = 1, long at = 10_000) =>
        new() { At = at * 1000, Node = node, Type = type, Key = key, Value = Json(value), Final = true };

    public static JsonElement Json(object? value) => JsonSerializer.SerializeToElement(value);
}
