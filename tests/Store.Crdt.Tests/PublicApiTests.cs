using Gossipdb.Testing;
using PublicApiGenerator;

namespace Gossipdb.Crdt.Tests;

public class PublicApiTests
{
    [Fact]
    public void The_public_surface_is_the_approved_one() =>
        Approved.Check(
            "public-api.txt",
            typeof(Crdt).Assembly.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false }) + "\n");
}
