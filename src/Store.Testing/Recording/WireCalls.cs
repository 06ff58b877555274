using Gossipdb.Checking.History;
using Gossipdb.Client;
using Gossipdb.Lab.Running;
using Google.Protobuf;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Testing.Recording;

/// <summary>
/// Turns what passed by into the calls of a history. Left out is what checkers would misjudge: reads of a part of an object, scans,
/// watches, and whatever is done to a key that was given a life that ends or was restored, since what it holds goes or comes untold.
/// </summary>
internal sealed class WireCalls
{
    private readonly CallLog _log;
    private readonly HashSet<ByteString> _leftOut;
    private readonly Dictionary<ByteString, string> _types = [];

    private WireCalls(CallLog log, IReadOnlyList<TappedCall> calls)
    {
        _log = log;
        _leftOut = [.. calls.SelectMany(Untold)];
        foreach (var call in calls)
            foreach (var (key, type) in TypesIn(call))
                if (type is not null && !_leftOut.Contains(key)) Types.Add((key, type));
        foreach (var (key, type) in Types) _types[key] = type;
    }

    /// <summary>Every object that was called.</summary>
    private HashSet<(ByteString Key, string Type)> Types { get; } = [];

    /// <summary>The calls of a log, in the order in which they began, and the objects they were about.</summary>
    public static (IReadOnlyList<CallRecord> Calls, IReadOnlyCollection<(ByteString Key, string Type)> Objects) Of(
        CallLog log, IReadOnlyList<TappedCall> calls)
    {
        var made = new WireCalls(log, calls);
        var records = new List<CallRecord>(calls.Count);
        for (var i = 0; i < calls.Count; i++)
            if (made.Record(calls[i], i + 1) is { } record) records.Add(record);
        return (records, made.Types);
    }

    private CallRecord? Record(TappedCall call, long id)
    {
        var request = call.Request;
        var reply = call.Ended?.Reply;
        return request.ActionCase switch
        {
            Wire.Request.ActionOneofCase.Update => OfChange(call, id, call.Key, WireChange.Of(request.Update)),
            Wire.Request.ActionOneofCase.Delete => OfChange(call, id, call.Key, WireChange.Deletion),
            Wire.Request.ActionOneofCase.Read when IsWhole(request.Read) => OfRead(call, id, reply?.Value, request.Read.Type),
            Wire.Request.ActionOneofCase.Batch => OfParts(
                call, id, "write", request.Batch.Writes.Select(write => Part(write.Key, ChangeOf(write)))),
            Wire.Request.ActionOneofCase.MultiRead => OfParts(
                call, id, "read", request.MultiRead.Keys.Select((key, at) => PartRead(key, reply?.Values?.Values_.ElementAtOrDefault(at)))),
            _ => null,
        };
    }

    private CallRecord? OfChange(TappedCall call, long id, ByteString key, WireChange change) =>
        !_leftOut.Contains(key) && TypeOf(key, change.Type) is { } type
            ? Common(call, id) with { Type = type, Key = Name(key), Op = change.Op, Argument = change.Argument }
            : null;

    private CallRecord? OfRead(TappedCall call, long id, Wire.Value? value, Wire.ValueType asked)
    {
        if (_leftOut.Contains(call.Key)) return null;
        var (held, result) = WireValues.Of(value);
        var type = asked == Wire.ValueType.None ? TypeOf(call.Key, held) : WireValues.TypeName(asked);
        if (type is null) return null;
        return Common(call, id) with
        {
            Type = type,
            Key = Name(call.Key),
            Op = "read",
            Result = call.Ended?.Reply is null ? null : held is null ? WireValues.Nothing(type) : result,
        };
    }

    private CallRecord? OfParts(TappedCall call, long id, string op, IEnumerable<CallPart?> parts)
    {
        List<CallPart> told = [.. parts.OfType<CallPart>()];
        return told.Count == 0 ? null : Common(call, id) with { Type = "batch", Key = told[0].Key, Op = op, Parts = told };
    }

    private CallPart? Part(ByteString key, WireChange? change) =>
        change is { } made && !_leftOut.Contains(key) && TypeOf(key, made.Type) is { } type
            ? new CallPart(type, Name(key), made.Op, made.Argument)
            : null;

    private CallPart? PartRead(ByteString key, Wire.Value? value)
    {
        var (held, result) = WireValues.Of(value);
        return !_leftOut.Contains(key) && TypeOf(key, held) is { } type
            ? new CallPart(type, Name(key), "read", Result: held is null ? WireValues.Nothing(type) : result)
            : null;
    }

    // What is common to calls of all kinds. The rest is given at once.
    private CallRecord Common(TappedCall call, long id)
    {
        var ended = call.Ended;
        var receipt = ended?.Reply?.Receipt is { } given ? new Receipt(given) : null;
        return new CallRecord
        {
            Id = id,
            Caller = call.Caller,
            Session = call.Session,
            Start = _log.Instant(call.Start),
            End = ended is null or { Problem: OperationCanceledException or ObjectDisposedException } ? null : _log.Instant(ended.At),
            Type = "",
            Key = "",
            Op = "",
            Level = receipt?.Level ?? (call.Level is "default" or "within" ? null : call.Level),
            Durability = call.Durability switch { null => null, Durability.Memory => "memory", _ => "journal" },
            Outcome = ended is null ? Outcome.Unknown
                : ended.Problem is { } problem ? Outcomes.Of(problem, isRead: !call.IsChange)
                : Outcome.Ok,
            Error = ended?.Problem is { } failed ? Outcomes.NameOf(failed) : null,
            Receipt = receipt is null ? null : new CallReceipt(receipt.Nodes, receipt.StandIns, receipt.Required),
        };
    }

    // A deletion, and a read of nothing, are of the type that the key is used as elsewhere.
    private string? TypeOf(ByteString key, string? told) => told ?? _types.GetValueOrDefault(key);

    private static string Name(ByteString key) => new Bytes(key).ToEscaped();

    private static bool IsWhole(Wire.Read read) =>
        read.PartCase == Wire.Read.PartOneofCase.None && !read.Contains && read.Path.Count == 0;

    private static WireChange? ChangeOf(Wire.KeyWrite write) => write.ActionCase switch
    {
        Wire.KeyWrite.ActionOneofCase.Update => WireChange.Of(write.Update),
        Wire.KeyWrite.ActionOneofCase.Delete => WireChange.Deletion,
        _ => null,
    };

    private static IEnumerable<ByteString> Untold(TappedCall call) => call.Request.ActionCase switch
    {
        Wire.Request.ActionOneofCase.Expire or Wire.Request.ActionOneofCase.Restore => [call.Key],
        Wire.Request.ActionOneofCase.Update when call.GivesLife => [call.Key],
        Wire.Request.ActionOneofCase.Batch => call.Request.Batch.Writes
            .Where(write => call.GivesLife || write.Lifetime is not null || write.ActionCase == Wire.KeyWrite.ActionOneofCase.Expire)
            .Select(static write => write.Key),
        _ => [],
    };

    private static IEnumerable<(ByteString Key, string? Type)> TypesIn(TappedCall call)
    {
        var (request, reply) = (call.Request, call.Ended?.Reply);
        return request.ActionCase switch
        {
            Wire.Request.ActionOneofCase.Update => [(call.Key, WireChange.Of(request.Update).Type)],
            Wire.Request.ActionOneofCase.Read when IsWhole(request.Read) =>
            [
                (call.Key, request.Read.Type == Wire.ValueType.None
                    ? WireValues.Of(reply?.Value).Type
                    : WireValues.TypeName(request.Read.Type)),
            ],
            Wire.Request.ActionOneofCase.Batch => request.Batch.Writes.Select(static write => (write.Key, ChangeOf(write)?.Type)),
            Wire.Request.ActionOneofCase.MultiRead => request.MultiRead.Keys.Select(
                (key, at) => (key, WireValues.Of(reply?.Values?.Values_.ElementAtOrDefault(at)).Type)),
            _ => [],
        };
    }
}
