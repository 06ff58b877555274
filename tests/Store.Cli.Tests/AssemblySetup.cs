// Every test has actor systems, ports and files of its own; run side by side on a small machine they would only slow each other down.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Gossipdb.Cli.Tests;

internal static class AssemblySetup
{
    // What somebody who runs the tests has logged in to is none of their business, and the other way round.
    [System.Runtime.CompilerServices.ModuleInitializer]
    internal static void OwnConfiguration() =>
        Environment.SetEnvironmentVariable("XDG_CONFIG_HOME", Directory.CreateTempSubdirectory("gossipdb-cli-tests-").FullName);
}
