using System.Runtime.CompilerServices;

namespace Gossipdb.Testing;

/// <summary>
/// The bytes of one family of formats, as committed: a text file beside the calling file, with one line <c>name: bytes in hex</c> for each
/// sample. Formats that are text themselves stand there as they are.
/// </summary>
/// <param name="name">The file.</param>
/// <param name="what">What the family is, and where its version is.</param>
/// <param name="caller">Filled in by the compiler.</param>
internal sealed class GoldenFile(string name, string what, [CallerFilePath] string caller = "")
{
    private const string Separator = ": ";
    private const string Old = "old" + Separator;

    private const string Rules =
        """
        # A line that changes or goes means that other versions, or files they wrote, can no longer be read.
        # Formats are only extended: a new field gets a flag, a tag or a version of its own. What was written without it is
        # still read. Where that cannot be, the format gets a new version and the old one is still read: rename its line to
        # "old: NAME". Old lines are kept, and are read but not written.
        # If a change is meant: GOSSIPDB_APPROVE=1 dotnet test tests/PROJECT --filter Golden; read the diff and commit it.
        """;

    /// <summary>The committed lines, in their order.</summary>
    public IReadOnlyList<(string Name, string Value)> Lines
    {
        get
        {
            var lines = new List<(string, string)>();
            foreach (var line in File.ReadAllLines(Approved.PathOf(name, caller)))
            {
                if (line.StartsWith('#') || line.Length == 0) continue;
                var end = line.LastIndexOf(Separator, StringComparison.Ordinal);
                Assert.True(end > 0, $"{name}: '{line}' is no line of the form 'name: bytes'");
                lines.Add((line[..end], line[(end + Separator.Length)..]));
            }

            return lines;
        }
    }

    /// <summary>The committed lines as bytes.</summary>
    public IReadOnlyList<(string Name, byte[] Bytes)> Bytes => [.. Lines.Select(line => (line.Name, Convert.FromHexString(line.Value)))];

    /// <summary>Fails where the samples are not encoded as committed.</summary>
    public void Check(IEnumerable<(string Name, byte[] Bytes)> samples) =>
        Check(samples.Select(sample => (sample.Name, Convert.ToHexStringLower(sample.Bytes))));

    /// <summary>The same for formats that are text.</summary>
    public void Check(IEnumerable<(string Name, string Value)> samples)
    {
        var all = samples.ToList();
        Assert.Equal(all.Count, all.Select(sample => sample.Name).Distinct().Count());
        var project = caller.Replace('\\', '/').Split("/tests/")[^1].Split('/')[0];
        var old = File.Exists(Approved.PathOf(name, caller)) ? Lines.Where(line => IsOld(line.Name)) : [];
        var about = what.ReplaceLineEndings("\n").Split('\n').Select(line => $"# {line}\n");
        var head = string.Concat(about) + Rules.Replace("PROJECT", project) + "\n\n";
        Approved.Check(name, head + string.Concat(all.Concat(old).Select(sample => $"{sample.Name}{Separator}{sample.Value}\n")), caller);
    }

    /// <summary>Fails where a committed line is not read, and written again as it stands unless it is an old one.</summary>
    /// <param name="again">Decodes the line's bytes and encodes what comes of it.</param>
    public void CheckDecoding(Func<string, byte[], byte[]> again)
    {
        Assert.NotEmpty(Lines);
        foreach (var (sample, bytes) in Bytes)
        {
            var written = again(sample, bytes);
            if (IsOld(sample)) continue;
            Assert.True(bytes.AsSpan().SequenceEqual(written), $"{name}: '{sample}' is not written again as it was read");
        }
    }

    private static bool IsOld(string sample) => sample.StartsWith(Old, StringComparison.Ordinal);
}
