using System.Runtime.CompilerServices;

namespace Gossipdb.Crdt.Tests;

/// <summary>
/// The bytes on the wire and on disk, committed in golden.txt. A difference means that older journals and peers cannot be read: write
/// a new encoding version instead. Run with GOSSIPDB_APPROVE=1 to rewrite the file where the change is meant.
/// </summary>
public class GoldenTests
{
    [Fact]
    public void Encodings_are_the_approved_ones() =>
        Approved.Check(
            "golden.txt", string.Concat(TypeSpecs.All.SelectMany(spec => spec.Samples()).Select(s => $"{s.Name}\n  {s.State.ToHex()}\n")));

    [Fact]
    public void Approved_encodings_can_be_read()
    {
        var lines = File.ReadAllLines(Approved.PathOf("golden.txt")).Where(l => l.StartsWith("  ", StringComparison.Ordinal)).ToList();
        Assert.True(lines.Count > 10);
        foreach (var line in lines) Assert.Equal(line.Trim(), Reading.Decode(Convert.FromHexString(line.Trim())).ToHex());
    }
}

/// <summary>A text compared with the committed one beside this file.</summary>
internal static class Approved
{
    public static string PathOf(string name, [CallerFilePath] string caller = "") => Path.Combine(Path.GetDirectoryName(caller)!, name);

    public static void Check(string name, string received)
    {
        var path = PathOf(name);
        received = received.ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable("GOSSIPDB_APPROVE") == "1") File.WriteAllText(path, received);
        var approved = File.Exists(path) ? File.ReadAllText(path).ReplaceLineEndings("\n") : "";
        if (approved == received) return;
        var difference = received.Split('\n').Except(approved.Split('\n')).Select(l => "+ " + l)
            .Concat(approved.Split('\n').Except(received.Split('\n')).Select(l => "- " + l));
        Assert.Fail($"{name} differs from what is approved:\n{string.Join('\n', difference)}\n"
            + "If that is meant, run GOSSIPDB_APPROVE=1 dotnet test tests/Store.Crdt.Tests and commit the file.");
    }
}
