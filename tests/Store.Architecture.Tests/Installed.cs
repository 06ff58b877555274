using System.Diagnostics;
using System.Text.RegularExpressions;
using Gossipdb.Testing;

namespace Gossipdb.Architecture.Tests;

/// <summary>
/// What a new user has: the tool, installed from its package into an empty folder; a cluster of one node that it started; and a solution
/// with the two applications of docs/client.md, built with the packages.
/// </summary>
public sealed partial class Installed : IDisposable
{
    private const string Page = "http://127.0.0.1:5101";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly string _folder = Directory.CreateTempSubdirectory("gossipdb-installed-").FullName;
    private readonly Running _cluster;

    public Installed(PackageTests.Packed packed, PackedTool tool)
    {
        // The tool comes from its folder, and nobody else is asked.
        Sources("<configuration><packageSources><clear /></packageSources></configuration>");
        Run(_folder, "dotnet", "tool", "install", PackedTool.Name, "--tool-path", "tools", "--add-source", tool.Folder);
        Sources(FreshProject.Sources(packed.Folder));
        Tool = Path.Combine(_folder, "tools", PackedTool.Name);
        var port = NodePorts.Free();
        Endpoint = $"http://127.0.0.1:{port}";
        _cluster = Start(Tool, "up", "--nodes", "1", "--port", $"{port}", "--data", Path.Combine(_folder, "data"));
        try
        {
            Build();
            _cluster.LineWith(Ready());
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The program that was installed.</summary>
    public string Tool { get; }

    /// <summary>Where the node takes calls.</summary>
    public string Endpoint { get; }

    /// <summary>A file of an application as it was built.</summary>
    public string Built(string application, string file) => Path.Combine(_folder, application, "out", file);

    /// <summary>What a program of the user's writes until it ends.</summary>
    public string Run(string program, params string[] words) => Run(_folder, program, words);

    /// <summary>Starts the web application on a free port. Whoever asks ends it.</summary>
    internal (Running Process, Uri Address) StartShop()
    {
        var folder = Path.Combine(_folder, "shop");
        var shop = Start("dotnet", Built("shop", "shop.dll"), "--urls", "http://127.0.0.1:0", "--contentRoot", folder);
        return (shop, new Uri(shop.LineWith(Listening()).Groups[1].Value));
    }

    public void Dispose()
    {
        _cluster.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Build()
    {
        var (programs, settings) = (PageBlocks.Of("csharp"), PageBlocks.Of("json"));
        Application("hello", "Microsoft.NET.Sdk", "Gossipdb.Client", ("Program.cs", programs[0]));
        Application("shop", "Microsoft.NET.Sdk.Web", "Gossipdb.AspNetCore", ("Program.cs", programs[1]), ("appsettings.json", settings[0]));
        File.WriteAllText(Path.Combine(_folder, "try.slnx"), """
            <Solution>
              <Project Path="hello/hello.csproj" />
              <Project Path="shop/shop.csproj" />
            </Solution>
            """);
        Run(_folder, "dotnet", "build", "--nologo", "-v", "quiet", "-p:UseSharedCompilation=false");
    }

    // As `dotnet new` makes them, but that a warning is an error.
    private void Application(string name, string sdk, string package, params (string Name, string Text)[] files)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
        File.WriteAllText(Path.Combine(folder, name + ".csproj"), $"""
            <Project Sdk="{sdk}">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <OutputPath>out/</OutputPath>
                <AppendTargetFrameworkToOutputPath>false</AppendTargetFrameworkToOutputPath>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="{package}" Version="{PackageTests.Version}" />
              </ItemGroup>
            </Project>
            """);
        foreach (var (file, text) in files)
            File.WriteAllText(Path.Combine(folder, file), text.Replace(Page, Endpoint, StringComparison.Ordinal));
    }

    private void Sources(string config) => File.WriteAllText(Path.Combine(_folder, "nuget.config"), config);

    private string Run(string folder, string program, params string[] words) =>
        Program.Run(folder, program, words, ("NUGET_PACKAGES", Path.Combine(_folder, "packages")));

    private Running Start(string program, params string[] words) => new(_folder, program, words, Patience);

    [GeneratedRegex(@"^ready after [0-9.]+ s")]
    private static partial Regex Ready();

    [GeneratedRegex(@"Now listening on: (http://\S+)")]
    private static partial Regex Listening();

    /// <summary>A program that goes on until it is ended, and what it has said so far.</summary>
    internal sealed class Running : IDisposable
    {
        private readonly List<string> _said = [];
        private readonly Process _process;
        private readonly TimeSpan _patience;

        public Running(string folder, string program, string[] words, TimeSpan patience)
        {
            _patience = patience;
            _process = Program.Start(folder, program, words);
            _process.BeginErrorReadLine();
        }

        /// <summary>Reads on until a line is as expected. That there is none is an error which shows all that was said.</summary>
        public Match LineWith(Regex expected)
        {
            using var deadline = new CancellationTokenSource(_patience);
            while (_process.StandardOutput.ReadLineAsync(deadline.Token).AsTask().GetAwaiter().GetResult() is { } line)
            {
                _said.Add(line);
                if (expected.Match(line) is { Success: true } found) return found;
            }

            throw new InvalidOperationException(string.Join('\n', _said));
        }

        public void Dispose()
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
            _process.Dispose();
        }
    }
}
