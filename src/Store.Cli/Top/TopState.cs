namespace Gossipdb.Cli.Top;

/// <summary>The pages.</summary>
internal enum TopPage
{
    Overview,
    Levels,
    Hot,
    Queues,
    Events,
}

/// <summary>What nodes are sorted by.</summary>
internal enum TopSort
{
    Node,
    Calls,
    P99,
    Failures,
    Lag,
    Memory,
}

/// <summary>What whoever watches has chosen.</summary>
internal sealed class TopState
{
    public TopPage Page { get; private set; }

    public TopSort Sort { get; private set; }

    public bool IsPaused { get; private set; }

    public bool HasQuit { get; private set; }

    /// <summary>A key was pressed.</summary>
    /// <returns>Whether anything is to be drawn otherwise.</returns>
    public bool Press(ConsoleKeyInfo key)
    {
        switch (key)
        {
            case { Key: ConsoleKey.Q or ConsoleKey.Escape } or { Key: ConsoleKey.C, Modifiers: ConsoleModifiers.Control }:
                HasQuit = true;
                return true;
            case { Key: ConsoleKey.P or ConsoleKey.Spacebar }:
                IsPaused = !IsPaused;
                return true;
            case { Key: ConsoleKey.S }:
                Sort = Next(Sort, 1);
                return true;
            case { Key: ConsoleKey.Tab, Modifiers: ConsoleModifiers.Shift } or { Key: ConsoleKey.LeftArrow }:
                Page = Next(Page, -1);
                return true;
            case { Key: ConsoleKey.Tab or ConsoleKey.RightArrow }:
                Page = Next(Page, 1);
                return true;
            case { KeyChar: >= '1' and <= '5' and var digit }:
                Page = (TopPage)(digit - '1');
                return true;
            default:
                return false;
        }
    }

    private static T Next<T>(T value, int step) where T : struct, Enum
    {
        var all = Enum.GetValues<T>();
        return all[(Array.IndexOf(all, value) + step + all.Length) % all.Length];
    }
}
