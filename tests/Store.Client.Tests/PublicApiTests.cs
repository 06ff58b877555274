using System.Runtime.CompilerServices;
using PublicApiGenerator;

namespace Gossipdb.Client.Tests;

public class PublicApiTests
{
    [Fact]
    public void The_public_surface_is_the_approved_one()
    {
        var approved = Path.Combine(Path.GetDirectoryName(ThisFile())!, "PublicApi.approved.txt");
        var received = Path.ChangeExtension(approved, null).Replace(".approved", ".received", StringComparison.Ordinal) + ".txt";
        var surface = typeof(GossipdbClient).Assembly
            .GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false })
            .ReplaceLineEndings("\n").TrimEnd() + "\n";

        if (File.Exists(approved) && File.ReadAllText(approved).ReplaceLineEndings("\n") == surface)
        {
            File.Delete(received);
            return;
        }

        File.WriteAllText(received, surface);
        Assert.Fail(
            $"The public surface of Gossipdb.Client has changed. Where that is meant, approve it: mv '{received}' '{approved}'. "
            + "Otherwise compare the two files to see what changed.");
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
