using System.Globalization;
using Gossipdb.Checking.Operations;

namespace Gossipdb.Checking.Checks;

/// <summary>Operations and instants in the words of an evidence.</summary>
internal static class Words
{
    /// <summary>Such as: call 17 (c1, quorum, 1.234 s to 1.240 s) added "pear".</summary>
    public static string Of(RecordedHistory history, Operation one)
    {
        var (texts, argument) = (history.Texts, one.Argument);
        var what = one.Act switch
        {
            Act.Read => $"read {texts.Show(one.Result)}",
            Act.Increment => $"added {one.Amount}",
            Act.Decrement => $"took {-one.Amount}",
            Act.Reset => "reset",
            Act.Write => $"wrote {texts.Show(argument)}",
            Act.Add => $"added {texts.Show(argument)}",
            Act.Remove => $"removed {texts.Show(argument)}",
            Act.Enable => "enabled",
            Act.Disable => "disabled",
            Act.Delete => "deleted",
            _ => "did something",
        };
        var level = one.Level is null ? "" : $", {one.Level}";
        var end = one.IsOk ? $"{Instant(one.Start)} to {Instant(one.End)}" : $"from {Instant(one.Start)}, outcome unknown";
        return $"call {one.Call} ({one.Caller}{level}, {end}) {what}";
    }

    /// <summary>The object: set cart:42.</summary>
    public static string Of(KeyHistory key) => $"{key.TypeName} {key.Key}";

    /// <summary>What nodes held in the end: node 1 "a"; node 2 "b"; or once where all held the same.</summary>
    public static string Finals(RecordedHistory history, KeyHistory key) => key.Final is { } final
        ? history.Texts.Show(final)
        : string.Join("; ", key.Finals.Select(one => $"node {one.Node}: {history.Texts.Show(one.Value)}"));

    /// <summary>Microseconds in seconds: 1.234 s.</summary>
    public static string Instant(long microseconds) => (microseconds / 1e6).ToString("0.000", CultureInfo.InvariantCulture) + " s";

    /// <summary>How long: 850 µs, 12.3 ms, 4.20 s.</summary>
    public static string Span(double microseconds) => microseconds switch
    {
        < 1_000 => microseconds.ToString("0", CultureInfo.InvariantCulture) + " µs",
        < 1_000_000 => (microseconds / 1_000).ToString("0.0", CultureInfo.InvariantCulture) + " ms",
        _ => (microseconds / 1_000_000).ToString("0.00", CultureInfo.InvariantCulture) + " s",
    };

    /// <summary>How many: 1 read, 2 reads.</summary>
    public static string Count(long count, string one, string? many = null) =>
        count.ToString("#,0", CultureInfo.InvariantCulture) + " " + (count == 1 ? one : many ?? one + "s");

    /// <summary>Nodes: nodes 1, 2.</summary>
    public static string Nodes(IReadOnlyCollection<int> nodes) => (nodes.Count == 1 ? "node " : "nodes ") + string.Join(", ", nodes);
}
