using System.Globalization;
using Gossipdb.Node.Configuration;
using Microsoft.Extensions.Hosting.Systemd;

namespace Gossipdb.Node.Observability;

/// <summary>
/// Tells systemd (<c>Type=notify</c>, sd_notify(3)) how the node is: ready once <c>/health/ready</c> is OK for the first time, that it
/// stops, what hinders it, and, where a watchdog waits for it, a sign of life as long as <c>/health/live</c> is OK. Without a service
/// manager it does nothing.
/// </summary>
internal sealed class ServiceManager : BackgroundService
{
    /// <summary>The variable with the microseconds after which a watchdog ends a silent process.</summary>
    public const string WatchdogVariable = "WATCHDOG_USEC";

    // A start is waited for by whoever runs "systemctl start": it should not wait much longer than it must.
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    private readonly ISystemdNotifier _manager;
    private readonly NodeHealth _health;
    private readonly NodeSettings _settings;
    private readonly TimeSpan? _signEvery;

    public ServiceManager(ISystemdNotifier manager, NodeHealth health, NodeSettings settings, IHostApplicationLifetime lifetime)
    {
        (_manager, _health, _settings) = (manager, health, settings);
        _signEvery = SignEvery(Environment.GetEnvironmentVariable(WatchdogVariable));
        if (manager.IsEnabled) lifetime.ApplicationStopping.Register(() => manager.Notify(ServiceState.Stopping));
    }

    /// <summary>How often a watchdog is to hear of a process: three times in the time it waits; null where there is none.</summary>
    /// <param name="microseconds">What the service manager says that it waits.</param>
    public static TimeSpan? SignEvery(string? microseconds) =>
        long.TryParse(microseconds, NumberStyles.None, CultureInfo.InvariantCulture, out var waits) && waits > 0
            ? TimeSpan.FromMicroseconds(waits / 3)
            : null;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!_manager.IsEnabled) return;
        using var timer = new PeriodicTimer(_signEvery is { } often && often < LookEvery ? often : LookEvery);
        var (isReady, told, nextSign) = (false, string.Empty, long.MinValue);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (_signEvery is { } every && Environment.TickCount64 >= nextSign && _health.IsLive(_settings.DeadAfter))
                {
                    _manager.Notify(new ServiceState("WATCHDOG=1"));
                    nextSign = Environment.TickCount64 + (long)every.TotalMilliseconds;
                }

                // Once: whether a node that was ready still is, load balancers ask, and its service manager does not.
                if (!isReady && _health.IsReady)
                {
                    _manager.Notify(ServiceState.Ready);
                    isReady = true;
                }

                var status = Status();
                if (status == told) continue;
                _manager.Notify(new ServiceState($"STATUS={status}"));
                told = status;
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The node stops.
        }
    }

    private string Status() => _health.Trouble is { Length: > 0 } trouble ? trouble.ReplaceLineEndings(" ")
        : _health.IsReady ? "serving"
        : "starting";
}
