using System.Runtime.CompilerServices;

namespace Gossipdb.Testing;

/// <summary>A text that is committed beside the calling file. GOSSIPDB_APPROVE=1 rewrites it where a change is meant.</summary>
internal static class Approved
{
    public static string PathOf(string name, [CallerFilePath] string caller = "") => Path.Combine(Path.GetDirectoryName(caller)!, name);

    public static void Check(string name, string received, [CallerFilePath] string caller = "")
    {
        var path = PathOf(name, caller);
        received = received.ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable("GOSSIPDB_APPROVE") == "1") File.WriteAllText(path, received);
        var approved = File.Exists(path) ? File.ReadAllText(path).ReplaceLineEndings("\n") : "";
        if (approved == received) return;
        var difference = received.Split('\n').Except(approved.Split('\n')).Select(line => "+ " + line)
            .Concat(approved.Split('\n').Except(received.Split('\n')).Select(line => "- " + line));
        Assert.Fail($"{name} differs from what is approved:\n{string.Join('\n', difference)}\n"
            + "If that is meant, run the test with GOSSIPDB_APPROVE=1 and commit the file.");
    }
}
