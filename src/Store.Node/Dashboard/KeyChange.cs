using System.Globalization;
using Gossipdb.Protocol;
using Gossipdb.Replication.Placement;
using Grpc.Core;

namespace Gossipdb.Node.Dashboard;

/// <summary>Changes a key at the node and the level that a page names.</summary>
internal sealed class KeyChange(NodeCalls calls)
{
    private const uint TimeoutMs = 4_000;
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(6);

    /// <summary>Serves a <see cref="Change"/>. What a node refuses, or cannot promise, is told as an answer.</summary>
    public async Task RunAsync(HttpContext http)
    {
        var change = await Answers.ReadAsync(http, DashboardJson.Default.Change);
        var request = new Request
        {
            Key = change.Id is { Length: > 0 } id ? ShownValues.FromId(id) : ShownValues.FromText(change.Key ?? string.Empty),
            Level = LevelOf(change.Level ?? string.Empty),
            TimeoutMs = TimeoutMs,
        };
        if (change.Action == "delete") request.Delete = new Delete();
        else request.Update = UpdateOf(change.Type ?? string.Empty, change.Action ?? string.Empty, change.Value ?? string.Empty);
        ChangeShown shown;
        try
        {
            var options = NodeCalls.Options(calls.CredentialsOf(http), AnswerWithin, http.RequestAborted);
            shown = Shown(await calls.Data(new NodeId(change.Node)).ExecuteAsync(request, options), change);
        }
        catch (RpcException failure) when (failure.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded)
        {
            shown = new ChangeShown(false, $"node {change.Node}: {Answers.ReasonOf(failure)}", failure.StatusCode.ToString(), []);
        }

        await Answers.TellAsync(http, shown, DashboardJson.Default.ChangeShown);
    }

    private static ChangeShown Shown(Reply reply, Change change)
    {
        if (reply.Error is { } error) return new ChangeShown(false, error.Message, error.Code.ToString(), []);
        var acked = reply.Receipt.Nodes.Select(static node => (int)node).ToList();
        var held = reply.Receipt.StandIns.Select(static node => (int)node).ToList();
        var text = $"acked by node{(acked.Count == 1 ? "" : "s")} {string.Join(", ", acked)}"
            + (held.Count == 0 ? "" : $" and by {string.Join(", ", held)} in place of absent owners")
            + $" (W={change.Level})";
        return new ChangeShown(true, text, null, acked);
    }

    /// <summary>A level, as the command line writes it.</summary>
    /// <exception cref="BadCallException">It is none.</exception>
    internal static Level LevelOf(string text)
    {
        const string Sloppy = "-sloppy";
        var isSloppy = text.EndsWith(Sloppy, StringComparison.Ordinal);
        var named = (isSloppy ? text[..^Sloppy.Length] : text) switch
        {
            "one" => Level.Types.Named.One,
            "two" => Level.Types.Named.Two,
            "quorum" => Level.Types.Named.Quorum,
            "all" => Level.Types.Named.All,
            _ => throw new BadCallException(
                $"'{text}' is no level: there are one, two, quorum and all, each with -sloppy behind it or not"),
        };
        return new Level { Named = named, Sloppy = isSloppy };
    }

    private static Update UpdateOf(string type, string action, string value) => (type, action) switch
    {
        ("counter", "add") => Increment(value, Protocol.ValueType.Counter),
        ("bounded-counter", "add") => Increment(value, Protocol.ValueType.BoundedCounter),
        ("set", "add") => new Update { SetAdd = Elements(value) },
        ("set", "remove") => new Update { SetRemove = Elements(value) },
        ("register", "set") => new Update { RegisterAssign = new Assign { Value = ShownValues.FromText(value) } },
        ("multi-register", "set") => new Update { RegisterAssign = new Assign { Value = ShownValues.FromText(value), MultiValue = true } },
        ("flag", "set") when value is "on" or "off" => new Update { Flag = value == "on" },
        ("text", "append") => new Update { TextInsert = new TextInsert { Position = uint.MaxValue, Content = value } },
        ("sequence", "append") => new Update
        {
            SequenceInsert = new SequenceInsert { Index = uint.MaxValue, Values = { ShownValues.FromText(value) } },
        },
        _ => throw new BadCallException(
            $"'{action}' with '{value}' is nothing the dashboard does to a {type}: use the command line or a client for it"),
    };

    private static Update Increment(string amount, Protocol.ValueType type) =>
        long.TryParse(amount, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var by)
            ? new Update { CounterIncrement = new CounterIncrement { Amount = by }, Type = type }
            : throw new BadCallException($"'{amount}' is no whole number");

    private static Elements Elements(string element) => new() { Elements_ = { ShownValues.FromText(element) } };
}
