using Gossipdb.Checking.Operations;

namespace Gossipdb.Checking.Linearizability;

/// <summary>
/// A call as the search takes it. A call that must take effect does so between its start and its end; one that need not (in doubt, or
/// acked at a level that is not asked about) at any instant after its start, or never.
/// </summary>
/// <param name="Operation">The operation.</param>
/// <param name="IsRequired">Whether it must take effect by its end.</param>
internal readonly record struct TimedCall(Operation Operation, bool IsRequired)
{
    /// <summary>When it was invoked.</summary>
    public long Start => Operation.Start;

    /// <summary>When it has taken effect at the latest.</summary>
    public long End => IsRequired ? Operation.End : Operation.Never;

    /// <summary>Whether it reads.</summary>
    public bool IsRead => Operation.IsRead;
}

/// <summary>What became of an object.</summary>
internal enum Linear
{
    /// <summary>There is an order.</summary>
    Yes,

    /// <summary>There is none.</summary>
    No,

    /// <summary>The search was given up.</summary>
    Unknown,
}

/// <summary>What was found of one object at one pair of levels.</summary>
/// <param name="Answer">Whether there is an order.</param>
/// <param name="Text">Why there is none.</param>
/// <param name="Window">The calls that show it, by their start.</param>
internal sealed record Finding(Linear Answer, string Text, IReadOnlyList<Operation> Window)
{
    public static Finding Yes { get; } = new(Linear.Yes, "", []);

    public static Finding Unknown(string why) => new(Linear.Unknown, why, []);

    /// <summary>There is no order, as these calls show.</summary>
    public static Finding No(string text, params IEnumerable<Operation> window) =>
        new(Linear.No, text, [.. window.Distinct().OrderBy(static one => one.Start)]);

    /// <summary>Whether it takes fewer calls, or as many in a shorter time.</summary>
    public bool IsSmallerThan(Finding? other) =>
        other is null || (Window.Count, Length).CompareTo((other.Window.Count, other.Length)) < 0;

    /// <summary>From the first call's start to the last one's end, in microseconds.</summary>
    public long Length => Window.Count == 0 ? 0 : Window.Max(static one => one.IsOk ? one.End : one.Start) - Window[0].Start;
}
