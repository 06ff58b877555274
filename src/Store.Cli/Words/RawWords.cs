using Gossipdb.Cli.Output;
using Gossipdb.Client;

namespace Gossipdb.Cli.Words;

/// <summary>
/// The words of the command line as the system gave them. The runtime puts U+FFFD in place of bytes that are not UTF-8, which would make
/// another key of a key.
/// </summary>
internal static class RawWords
{
    private const string OfThisProcess = "/proc/self/cmdline";

    /// <summary>Refuses a command line with a word that is not UTF-8, where the system tells.</summary>
    /// <exception cref="CliException">There is such a word; the message says how to write it.</exception>
    public static void Check(IReadOnlyList<string> words)
    {
        if (!words.Any(static word => word.Contains('\uFFFD')) || !File.Exists(OfThisProcess)) return;
        if (FirstNotText(words, File.ReadAllBytes(OfThisProcess)) is not { } raw) return;
        throw CliException.Usage($"'{raw}' is not UTF-8: write it so, each such byte as \\xNN, where a key, a field, an element, a member "
            + "or a value is asked for; texts and names of files are UTF-8");
    }

    /// <summary>The first word that is not UTF-8, escaped; null where there is none.</summary>
    /// <param name="words">The words as the runtime read them.</param>
    /// <param name="commandLine">Those of the process, the program's name first, each with a zero behind it.</param>
    public static string? FirstNotText(IReadOnlyList<string> words, ReadOnlySpan<byte> commandLine)
    {
        var raw = new List<Bytes>();
        for (int end; (end = commandLine.IndexOf((byte)0)) >= 0; commandLine = commandLine[(end + 1)..])
            raw.Add(new Bytes(commandLine[..end]));
        for (int i = 0, first = raw.Count - words.Count; first >= 0 && i < words.Count; i++)
        {
            if (words[i].Contains('\uFFFD') && !raw[first + i].IsText) return raw[first + i].ToEscaped();
        }

        return null;
    }
}
