using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>Reads of a part of an object, checked.</summary>
internal static class Part
{
    public static Wire.Read Count() => new() { Count = new() };

    public static Wire.Read Contains(Bytes element) => new() { Contains = true, Element = Bytes.WireOf(element) };

    public static Wire.Read Page(string? cursor, int limit) => new()
    {
        Page = new() { Cursor = PageCursor.Parse(cursor), Limit = Require.AtLeastOne(limit, "The limit of a page") },
    };

    public static Wire.Read Range(int start, int count) => new() { Span = Span(start, count) };

    public static Wire.Read ScoreOf(Bytes member) => new() { ScoreOf = Bytes.WireOf(member) };

    public static Wire.Read RankOf(Bytes member) => new() { RankOf = Bytes.WireOf(member) };

    public static Wire.Read Ranks(int start, int count) => new() { Ranks = Span(start, count) };

    public static Wire.Read Scores(long min, long max, int limit) => min <= max
        ? new() { Scores = new() { Min = min, Max = max, Limit = Require.AtLeastOne(limit, "The limit of a range") } }
        : throw new InvalidRequestException($"No score lies between {min} and {max}: the least comes first.");

    public static Wire.Read JsonPath(string path)
    {
        Require.JsonPath(path);
        return new() { JsonPath = path };
    }

    public static Wire.Span Span(int start, int count) => new()
    {
        Start = (uint)Require.NotNegative(start, "A start"),
        Count = Require.AtLeastOne(count, "A count"),
    };
}
