using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Gossipdb.Architecture.Tests;

/// <summary>The tool, installed from its package into an empty folder; a node of it that runs; and folders for new projects.</summary>
internal sealed class Installed : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly string _folder = Directory.CreateTempSubdirectory("gossipdb-installed-").FullName;
    private readonly Process _node;

    public Installed(string packages, string tool)
    {
        // What is not of the house is found where the build has put it: nothing is fetched, and nothing of ours stays there.
        File.WriteAllText(Path.Combine(_folder, "nuget.config"), $"""
            <configuration>
              <packageSources><clear /><add key="packed" value="{packages}" /></packageSources>
              <fallbackPackageFolders><clear /><add key="built" value="{PackageCache}" /></fallbackPackageFolders>
            </configuration>
            """);
        Program.Run(_folder, "dotnet", ["tool", "install", PackedTool.Name, "--tool-path", "tools", "--add-source", tool], Cache);
        _node = StartNode();
    }

    public string Tool => Path.Combine(_folder, "tools", PackedTool.Name);

    public Uri Endpoint { get; } = new($"http://127.0.0.1:{FreePort()}");

    private string Address => Endpoint.GetLeftPart(UriPartial.Authority);

    private (string, string) Cache => ("NUGET_PACKAGES", Path.Combine(_folder, "cache"));

    private static string PackageCache => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    /// <summary>Builds a new project that has a package and the given files. Gives the folder of what was built.</summary>
    public string Build(string name, string sdk, string framework, string package, params (string Name, string Text)[] files)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
        File.WriteAllText(Path.Combine(folder, name + ".csproj"), $"""
            <Project Sdk="{sdk}">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>{framework}</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <UseAppHost>false</UseAppHost>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="{package}" Version="{PackageTests.Version}" />
              </ItemGroup>
            </Project>
            """);
        foreach (var (file, text) in files)
            File.WriteAllText(Path.Combine(folder, file), text.Replace("http://127.0.0.1:5101", Address, StringComparison.Ordinal));
        Program.Run(
            folder, "dotnet", ["build", "-c", "Release", "-o", "out", "--nologo", "-v", "quiet", "-p:UseSharedCompilation=false"], Cache);
        return Path.Combine(folder, "out");
    }

    /// <summary>Waits until somebody answers at an address with success.</summary>
    public static async Task WaitForAsync(HttpClient client, string path, Process process)
    {
        var patience = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var answer = await client.GetAsync(path);
                if (answer.IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            if (process.HasExited || patience.Elapsed > Patience)
                throw new TimeoutException($"{client.BaseAddress}{path} does not answer (ended: {process.HasExited})");
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public void Dispose()
    {
        _node.Kill(entireProcessTree: true);
        _node.WaitForExit();
        _node.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private Process StartNode()
    {
        var (http, peer) = (FreePort(), FreePort());
        var node = Program.Guarded(
            _folder, Tool, ["node"],
            ("GOSSIPDB__NODE__ID", "1"), ("GOSSIPDB__NODE__DATA_DIR", Path.Combine(_folder, "data")),
            ("GOSSIPDB__NODE__CLIENT_PORT", Text(Endpoint.Port)), ("GOSSIPDB__NODE__HTTP_PORT", Text(http)),
            ("GOSSIPDB__NODE__PEER_PORT", Text(peer)),
            ("GOSSIPDB__CLUSTER__NODES", $"1 127.0.0.1:{peer} {Address}"),
            ("GOSSIPDB__CLUSTER__REPLICATION", "1"));
        using var health = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{http}/") };
        WaitForAsync(health, "health/ready", node).GetAwaiter().GetResult();
        return node;

        static string Text(int port) => port.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}
