using PublicApiGenerator;

namespace Gossipdb.Testing.Tests;

public class PublicApiTests
{
    [Fact]
    public void The_public_surface_is_the_approved_one()
    {
        var surface = typeof(GossipdbCluster).Assembly.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false });
        Approved.Check("PublicApi.approved.txt", surface.ReplaceLineEndings("\n").TrimEnd() + "\n");
    }

    /// <summary>The package shows compilers its own assembly alone: a type of another one of the house could not be found.</summary>
    [Fact]
    public void Nothing_of_it_is_of_an_assembly_that_compilers_do_not_see()
    {
        string[] hidden = ["Gossipdb.Checking", "Gossipdb.Lab", "Gossipdb.LocalCluster"];
        var surface = typeof(GossipdbCluster).Assembly.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false });
        Assert.All(hidden, name => Assert.DoesNotContain(name + ".", surface, StringComparison.Ordinal));
    }
}
