using System.CommandLine;
using Gossipdb.Cli.Words;

namespace Gossipdb.Cli.Commands;

/// <summary>Which part of something long.</summary>
internal sealed class SpanOptions
{
    private readonly Option<int?> _from = Parsers.Option<int?>(
        "--from", "Where to begin, counted from 0 (default: 0)", "N", static text => Parsers.Index(text));
    private readonly Option<int?> _count = Parsers.Option<int?>(
        "--count", "How many (default: all from there)", "N", static text => Parsers.Count(text));

    public IEnumerable<Symbol> All => [_from, _count];

    /// <summary>The part that is asked for; null for the whole.</summary>
    public (int Start, int Count)? Of(DataCall call) =>
        (call.Get(_from), call.Get(_count)) is (null, null) ? null : (call.Get(_from) ?? 0, call.Get(_count) ?? int.MaxValue);
}
