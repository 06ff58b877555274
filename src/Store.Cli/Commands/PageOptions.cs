using System.CommandLine;
using Gossipdb.Cli.Words;

namespace Gossipdb.Cli.Commands;

/// <summary>Where a page begins and how long it is.</summary>
internal sealed class PageOptions
{
    private readonly Option<string?> _cursor = new("--cursor")
    {
        Description = "Where to go on, as the page before said (default: at the start)",
        HelpName = "CURSOR",
    };
    private readonly Option<int> _limit = Parsers.Option(
        "--limit", "How many at most (default: 100)", "N", Parsers.Integer(1, 1_000_000), static () => 100);

    public IEnumerable<Symbol> All => [_cursor, _limit];

    public string? Cursor(DataCall call) => call.Get(_cursor);

    public int Limit(DataCall call) => call.Get(_limit);
}
