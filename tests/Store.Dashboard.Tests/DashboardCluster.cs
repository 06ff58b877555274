using Gossipdb.Lab.Running;
using Gossipdb.LocalCluster;
using Gossipdb.LocalCluster.Control;
using PuppeteerSharp;

namespace Gossipdb.Dashboard.Tests;

/// <summary>
/// Three nodes and a browser for all tests. Both end with the test host, however it ends: nodes when their standard input does, Chromium
/// when the pipe does that it is driven through.
/// </summary>
public sealed class DashboardCluster : IAsyncLifetime
{
    private const string Chromium = "/usr/bin/chromium";
    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"gossipdb-dashboard-{Guid.NewGuid():n}");
    private ProcessCluster? _cluster;
    private ScenarioRunner? _runs;
    private ControlListener? _orders;
    private IBrowser? _browser;

    /// <summary>Whether there is a browser to look with.</summary>
    public static bool HasBrowser => File.Exists(Chromium);

    /// <summary>Why tests are skipped where there is none.</summary>
    public static string Missing => $"there is no {Chromium}: install Debian's package chromium";

    /// <summary>Where the dashboard of the first node is.</summary>
    public string Dashboard => $"http://127.0.0.1:{_cluster!.Nodes[0].HttpPort}/dashboard/";

    /// <summary>A page of a browser that knows nothing of other tests, and what it complains about.</summary>
    internal async Task<Looker> LookAsync(string page, bool dark = false, int width = 1280)
    {
        var context = await _browser!.CreateBrowserContextAsync();
        var tab = await context.NewPageAsync();
        return await Looker.OpenAsync(context, tab, Dashboard + page, dark, width);
    }

    public async Task InitializeAsync()
    {
        if (!HasBrowser) return;
        var starting = ProcessCluster.StartReadyAsync(new LocalClusterOptions
        {
            DataDirectory = _directory,
            Nodes = 3,
            Command = [Gossipdb()],
        });
        _browser = await Puppeteer.LaunchAsync(new LaunchOptions
        {
            ExecutablePath = Chromium,
            Headless = true,
            Pipe = true,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        });
        _cluster = await starting;

        // As 'gossipdb up' does.
        _runs = new ScenarioRunner(_cluster, Path.Combine(_directory, "runs"));
        _orders = ControlListener.Start(_cluster, _runs);
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        if (_orders is not null) await _orders.DisposeAsync();
        if (_runs is not null) await _runs.DisposeAsync();
        if (_cluster is not null) await _cluster.DisposeAsync();
        if (Directory.Exists(_directory)) Directory.Delete(_directory, recursive: true);
    }

    // The executable that was built with this project, in the same configuration; or another build of it that the environment names.
    private static string Gossipdb()
    {
        if (Environment.GetEnvironmentVariable("GOSSIPDB_TESTING_NODE") is { } named) return named;
        var bin = new DirectoryInfo(AppContext.BaseDirectory);
        var root = bin;
        while (!File.Exists(Path.Combine(root.FullName, "Gossipdb.sln")))
            root = root.Parent ?? throw new InvalidOperationException("the tests are not below the repository");
        return Path.Combine(root.FullName, "src/Store.Node/bin", bin.Parent!.Name, bin.Name, "gossipdb");
    }
}
