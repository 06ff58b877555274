using Gossipdb.Testing;
using PublicApiGenerator;

namespace Gossipdb.AspNetCore.Tests;

public class PublicApiTests
{
    [Fact]
    public void The_public_surface_is_the_approved_one()
    {
        var surface = typeof(GossipdbSessions).Assembly.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false });
        Approved.Check("PublicApi.approved.txt", surface.ReplaceLineEndings("\n").TrimEnd() + "\n");
    }
}
