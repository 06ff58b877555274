namespace Gossipdb.Cli.Output;

/// <summary>Bars of blocks, eight steps to a column.</summary>
internal static class Bars
{
    private const string Eighths = " ▏▎▍▌▋▊▉";

    /// <summary>A bar as long as a part of a width.</summary>
    /// <param name="part">0 to 1.</param>
    /// <param name="width">Columns.</param>
    public static string Of(double part, int width)
    {
        var eighths = (int)Math.Round(Math.Clamp(part, 0, 1) * width * 8);
        if (eighths == 0 && part > 0) eighths = 1;
        var full = new string('█', eighths / 8);
        return eighths % 8 == 0 ? full : full + Eighths[eighths % 8];
    }

    /// <summary>A bar beside the longest of its table, so that differences among the others are seen.</summary>
    /// <param name="share">What it shows.</param>
    /// <param name="most">What the longest one shows.</param>
    /// <param name="width">Columns of the longest one.</param>
    public static string Beside(double share, double most, int width) => Of(most > 0 ? share / most : 0, width);
}
