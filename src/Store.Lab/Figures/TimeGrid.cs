namespace Gossipdb.Lab.Figures;

/// <summary>A span of time in buckets of one width. Instants are microseconds since the run began.</summary>
/// <param name="From">Where the first bucket begins.</param>
/// <param name="Width">How long a bucket is.</param>
/// <param name="Count">How many there are.</param>
internal sealed record TimeGrid(long From, long Width, int Count)
{
    private const long Second = 1_000_000;

    /// <summary>Widths that people can count with.</summary>
    private static readonly long[] Widths =
    [
        Second / 20, Second / 10, Second / 5, Second / 2, Second, 2 * Second, 5 * Second, 10 * Second, 15 * Second, 30 * Second,
        60 * Second, 120 * Second, 300 * Second, 600 * Second, 1800 * Second, 3600 * Second,
    ];

    /// <summary>Where the last bucket ends.</summary>
    public long To => From + (Width * Count);

    /// <summary>A bucket's length in seconds.</summary>
    public double WidthSeconds => Width / (double)Second;

    /// <summary>The grid over a span with the narrowest width that needs no more than so many buckets.</summary>
    public static TimeGrid Over(long from, long to, int most)
    {
        var span = Math.Max(1, to - from);
        var width = Widths.FirstOrDefault(width => Buckets(span, width) <= most);
        if (width == 0) width = ((span / most / (3600 * Second)) + 1) * 3600 * Second;
        return new TimeGrid(from, width, (int)Math.Max(1, Buckets(span, width)));
    }

    /// <summary>The bucket an instant is in; the first or last one where it lies outside.</summary>
    public int IndexOf(long instant) => (int)Math.Clamp((instant - From) / Width, 0, Count - 1);

    /// <summary>Where a bucket begins.</summary>
    public long StartOf(int index) => From + (index * Width);

    private static long Buckets(long span, long width) => (span + width - 1) / width;
}
